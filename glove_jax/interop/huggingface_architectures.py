"""By which keys config.json describes each family of models: a row a family."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from glove_jax.interop import huggingface_modernbert
from glove_jax.interop.huggingface_values import CheckedValues, is_token_id
from glove_jax.models import bert, gpt2
from glove_jax.models.transformer import Config


class Architecture(NamedTuple):
  """The keys of a family. Those that say what is the same in all its models are `fixed`."""

  default: Config               # gives the values that a config.json leaves out
  sizes: Mapping[str, str]      # field of `Config` -> key
  dropout: str
  activation: str = "hidden_act"
  default_activation: str = "gelu"
  epsilon: str | None = "layer_norm_eps"  # None: it is the default's
  fixed: Mapping[str, Any] = {}      # settings for which our models support one value only
  constants: Mapping[str, Any] = {}  # further keys that are written but not read
  # Fields that no single key has, how they are read into a config, and the keys written for them.
  more_fields: tuple[str, ...] = ()
  read_more: Callable[[CheckedValues, Config], Config] | None = None
  write_more: Callable[[Config], dict[str, Any]] | None = None


def _read_positions(values: CheckedValues, config: Config) -> Config:
  """Reads the positions of a RoBERTa, whose first one comes after that of the padding token."""
  pad_id = values.get("pad_token_id", 1, is_token_id, "a token's id")
  return _with_offset(values, config, pad_id + 1)


def _write_positions(config: Config) -> dict[str, Any]:
  return {
    "max_position_embeddings": config.positions + config.position_offset,
    "pad_token_id": config.position_offset - 1,
  }


def _read_mpnet_positions(values: CheckedValues, config: Config) -> Config:
  return _with_offset(values, config, 2)  # whatever the id of the padding token


def _with_offset(values: CheckedValues, config: Config, offset: int) -> Config:
  positions = config.positions - offset
  if positions < 1:
    values.problems.append(
      f"max_position_embeddings is {config.positions}, expected more than {offset}, the rows"
      " before the first position"
    )
    return config
  return config._replace(positions=positions, position_offset=offset)


_BERT = Architecture(
  default=bert.CONFIG,
  sizes={
    "vocab_size": "vocab_size",
    "dim": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "feedforward_dim": "intermediate_size",
    "positions": "max_position_embeddings",
    "types": "type_vocab_size",
  },
  dropout="hidden_dropout_prob",
  fixed={
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "add_cross_attention": False,
  },
  constants={"attention_probs_dropout_prob": 0.0},
)

_ROBERTA_CONFIG = bert.CONFIG._replace(
  vocab_size=50265, position_offset=2, head_activation="gelu", family="roberta"
)
_ROBERTA = _BERT._replace(
  default=_ROBERTA_CONFIG,
  more_fields=("position_offset",),
  read_more=_read_positions,
  write_more=_write_positions,
)

# By `model_type` of config.json; where a file has none, the first that fits is taken.
ARCHITECTURES: Mapping[str, Architecture] = {
  "bert": _BERT,
  "roberta": _ROBERTA,
  "xlm-roberta": _ROBERTA._replace(
    default=_ROBERTA_CONFIG._replace(vocab_size=30522, family="xlm-roberta")
  ),
  "camembert": _ROBERTA._replace(
    default=_ROBERTA_CONFIG._replace(vocab_size=30522, family="camembert")
  ),
  "distilbert": Architecture(
    default=bert.CONFIG._replace(layers=6, types=0, family="distilbert"),
    sizes={
      "vocab_size": "vocab_size",
      "dim": "dim",
      "layers": "n_layers",
      "heads": "n_heads",
      "feedforward_dim": "hidden_dim",
      "positions": "max_position_embeddings",
    },
    dropout="dropout",
    activation="activation",
    epsilon=None,
    constants={"attention_dropout": 0.0},
  ),
  "electra": _BERT._replace(
    default=bert.CONFIG._replace(
      dim=256, heads=4, feedforward_dim=1024, embed_dim=128, head_activation="gelu",
      family="electra",
    ),
    sizes={**_BERT.sizes, "embed_dim": "embedding_size"},
  ),
  "mpnet": _BERT._replace(
    default=bert.CONFIG._replace(
      vocab_size=30527, types=0, position_offset=2, distance_buckets=32, head_activation="gelu",
      family="mpnet",
    ),
    sizes={field: key for field, key in _BERT.sizes.items() if field != "types"},
    fixed={"relative_attention_num_buckets": 32},
    read_more=_read_mpnet_positions,
    write_more=_write_positions,
  ),
  "modernbert": Architecture(
    default=Config(
      vocab_size=50368, dim=768, layers=22, heads=12, feedforward_dim=1152, positions=8192,
      pre_norm=True, epsilon=1e-5, dropout=0.0, family="modernbert", embed_norm=True, gated=True,
      rope_theta=160_000.0, local_rope_theta=10_000.0, local_distance=64, biases=("output",),
      head_activation="gelu",
    ),
    sizes={field: key for field, key in _BERT.sizes.items() if field != "types"},
    dropout="mlp_dropout",
    activation="hidden_activation",
    epsilon="norm_eps",
    constants={
      "attention_dropout": 0.0,
      "embedding_dropout": 0.0,
      # The defaults are those of its large vocabulary; the tokenizer's files have the real ones.
      "pad_token_id": None,
      "bos_token_id": None,
      "eos_token_id": None,
      "cls_token_id": None,
      "sep_token_id": None,
    },
    more_fields=huggingface_modernbert.FIELDS,
    read_more=huggingface_modernbert.read,
    write_more=huggingface_modernbert.write,
  ),
  "gpt2": Architecture(
    default=gpt2.CONFIG,
    sizes={
      "vocab_size": "vocab_size",
      "dim": "n_embd",
      "layers": "n_layer",
      "heads": "n_head",
      "feedforward_dim": "n_inner",
      "positions": "n_positions",
    },
    dropout="resid_pdrop",
    activation="activation_function",
    default_activation="gelu_new",
    epsilon="layer_norm_epsilon",
    fixed={
      "scale_attn_weights": True,
      "scale_attn_by_inverse_layer_idx": False,
      "add_cross_attention": False,
    },
    constants={"attn_pdrop": 0.0, "bos_token_id": None, "eos_token_id": None},
  ),
}
