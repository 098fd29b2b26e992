"""The config.json of a Hugging Face folder: BERT's and GPT-2's sizes and settings as our `Config` and back."""

import os
import pathlib
from typing import Any

from glove_jax.errors import InputError
from glove_jax.interop import safetensors_io
from glove_jax.models import bert, gpt2
from glove_jax.models.transformer import Config

_MOST = 2**31 - 1
# config.json's name of each size, and its default where an old file leaves it out
_SIZES = {
  "bert": {"vocab_size": "vocab_size", "dim": "hidden_size", "layers": "num_hidden_layers",
           "heads": "num_attention_heads", "feedforward_dim": "intermediate_size", "positions": "max_position_embeddings",
           "types": "type_vocab_size"},
  "gpt2": {"vocab_size": "vocab_size", "dim": "n_embd", "layers": "n_layer", "heads": "n_head", "feedforward_dim": "n_inner",
           "positions": "n_positions"}}
_OTHERS = {"bert": ("hidden_act", "layer_norm_eps", "hidden_dropout_prob"),
           "gpt2": ("activation_function", "layer_norm_epsilon", "resid_pdrop")}
_CONFIGS = {"bert": bert.CONFIG, "gpt2": gpt2.CONFIG}
_ACTIVATIONS = {"gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu"}
# What changes the computation in ways that are not ours.
_FIXED = {"bert": {"position_embedding_type": "absolute", "is_decoder": False, "add_cross_attention": False,
                   "tie_word_embeddings": True},
          "gpt2": {"scale_attn_weights": True, "scale_attn_by_inverse_layer_idx": False, "add_cross_attention": False,
                   "tie_word_embeddings": True}}


def read(path: str | os.PathLike) -> tuple[str, Config]:
  """(`bert` or `gpt2`, what config.json says).

  Raises:
    InputError: what makes no sense or is not ours, all of it.
  """
  path = pathlib.Path(path)
  found = safetensors_io.read_json(path)
  kind = found.get("model_type")
  if not isinstance(kind, str) or kind not in _SIZES:
    raise InputError(f"{path}: model_type is {_shown(kind)}, expected one of {', '.join(_SIZES)}.")
  wrong = []

  def get(name: str, default, good, expected: str):
    value = found.get(name)
    value = default if value is None else value
    if not good(value):
      wrong.append(f"{name} is {_shown(value)}, expected {expected}")
      return default
    return value

  default = _CONFIGS[kind]
  sizes = {field: get(name, getattr(default, field), _is_size, f"a number from 1 to {_MOST:,}")
           for field, name in _SIZES[kind].items() if name != "n_inner"}
  if kind == "gpt2":
    sizes["feedforward_dim"] = get("n_inner", 4 * sizes["dim"], _is_size, f"a number from 1 to {_MOST:,}")
  activation, epsilon, dropout = _OTHERS[kind]
  config = default._replace(
    **sizes,
    activation=_ACTIVATIONS[get(activation, "gelu" if kind == "bert" else "gelu_new", _is_activation,
                                f"one of {', '.join(_ACTIVATIONS)}")],
    epsilon=get(epsilon, default.epsilon, lambda value: _is_number(value) and 0 < value < 1, "a number from 0 to 1"),
    dropout=get(dropout, default.dropout, lambda value: _is_number(value) and 0 <= value < 1, "a number from 0 to 1"))
  for name, value in _FIXED[kind].items():
    get(name, value, lambda given, value=value: given == value, f"{value!r}")
  if config.dim % config.heads:
    wrong.append(f"{_SIZES[kind]['dim']} is {config.dim}, expected a multiple of {config.heads} heads")
  if wrong:
    raise InputError(f"{path}: {'; '.join(wrong)}.")
  return kind, config


def kind_of(config: Config) -> str:
  """`bert` or `gpt2`; InputError if it is neither."""
  for kind, like in _CONFIGS.items():
    if (config.causal, config.pre_norm, config.types > 0) == (like.causal, like.pre_norm, like.types > 0):
      return kind
  raise InputError(f"causal={config.causal}, pre_norm={config.pre_norm}, types={config.types}: neither a BERT (False, "
                   "False, 1 or more) nor a GPT-2 (True, True, 0).")


def to_json(kind: str, config: Config, *, masked_lm: bool) -> dict[str, Any]:
  """What config.json says of a model."""
  activation, epsilon, dropout = _OTHERS[kind]
  names = {ours: theirs for theirs, ours in reversed(_ACTIVATIONS.items())}
  found = {"model_type": kind, "dtype": "float32", **_FIXED[kind], activation: names[config.activation],
           epsilon: config.epsilon, dropout: config.dropout,
           **{name: getattr(config, field) for field, name in _SIZES[kind].items()}}
  if kind == "bert":
    return found | {"architectures": ["BertForMaskedLM" if masked_lm else "BertModel"],
                    "attention_probs_dropout_prob": 0.0}
  return found | {"architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.0, "embd_pdrop": config.dropout,
                  "bos_token_id": None, "eos_token_id": None}


def _is_size(value) -> bool:
  return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST


def _is_number(value) -> bool:
  return isinstance(value, (int, float)) and not isinstance(value, bool) and -_MOST < value < _MOST


def _is_activation(value) -> bool:
  return isinstance(value, str) and value in _ACTIVATIONS


def _shown(value) -> str:
  return repr(value)[:100]
