"""How `transformers` names the tensors of each family of models: a row a family.

A path joins the keys of our nested params by slashes, such as `layers/0/attention/qkv/w`.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Part(NamedTuple):
  """The names of the tensors that a part of our params consists of, by path."""

  # Modules with a weight and, mostly, a bias; several are concatenated along the last axis. Paths
  # that begin with `layers` leave out the layer's number, and so do the names.
  modules: Mapping[str, tuple[str, ...]]
  tensors: Mapping[str, str]


class Family(NamedTuple):
  """The names of a family. Those of the encoder have no prefix here."""

  prefix: str            # of the encoder's tensors in a file that has a head, too
  layers: str            # of the tensors of a layer, before its number
  encoder: Part
  heads: Mapping[str, Part]    # by the key of our params; one more for each kind of task
  # Tensors one of which a file has if it has the part of our params.
  optional: Mapping[str, tuple[str, ...]]
  output: str            # module of the output layer, whose weight is mostly the token embeddings
  output_table: str      # path of its weight where it is not
  classes: Mapping[str, str]   # class of transformers by head; "": of the encoder alone
  linear: bool = True    # matrices are [outputs, inputs], as torch's linear layers have them
  bare: bool = True      # an encoder alone is saved without the prefix
  output_bias: str = ""  # another name of the bias in the head


_TOKEN_TABLE = "embeddings.word_embeddings.weight"
_POOLER = {"pooler": ("pooler.dense.weight",)}

_BERT = Family(
  prefix="bert.",
  layers="encoder.layer.",
  encoder=Part(
    modules={
      "embed/norm": ("embeddings.LayerNorm",),
      "layers/attention/qkv": (
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
      ),
      "layers/attention/out": ("attention.output.dense",),
      "layers/attention_norm": ("attention.output.LayerNorm",),
      "layers/mlp/in": ("intermediate.dense",),
      "layers/mlp/out": ("output.dense",),
      "layers/mlp_norm": ("output.LayerNorm",),
      "pooler": ("pooler.dense",),
    },
    tensors={
      "embed/token": _TOKEN_TABLE,
      "embed/position": "embeddings.position_embeddings.weight",
      "embed/type": "embeddings.token_type_embeddings.weight",
    },
  ),
  heads={
    "masked_lm": Part(
      modules={
        "masked_lm/dense": ("cls.predictions.transform.dense",),
        "masked_lm/norm": ("cls.predictions.transform.LayerNorm",),
      },
      tensors={
        "masked_lm/b": "cls.predictions.bias",
        "masked_lm/table": "cls.predictions.decoder.weight",
      },
    )
  },
  optional={**_POOLER, "masked_lm": ("cls.predictions.bias",)},
  output="cls.predictions.decoder",
  output_table="masked_lm/table",
  output_bias="cls.predictions.decoder.bias",
  classes={"": "BertModel", "masked_lm": "BertForMaskedLM"},
)

_ROBERTA = _BERT._replace(
  prefix="roberta.",
  heads={
    "masked_lm": Part(
      modules={"masked_lm/dense": ("lm_head.dense",), "masked_lm/norm": ("lm_head.layer_norm",)},
      tensors={"masked_lm/b": "lm_head.bias", "masked_lm/table": "lm_head.decoder.weight"},
    )
  },
  optional={**_POOLER, "masked_lm": ("lm_head.bias",)},
  output="lm_head.decoder",
  output_bias="lm_head.decoder.bias",
  classes={"": "RobertaModel", "masked_lm": "RobertaForMaskedLM"},
)

_DISTILBERT = Family(
  prefix="distilbert.",
  layers="transformer.layer.",
  encoder=Part(
    modules={
      "embed/norm": ("embeddings.LayerNorm",),
      "layers/attention/qkv": ("attention.q_lin", "attention.k_lin", "attention.v_lin"),
      "layers/attention/out": ("attention.out_lin",),
      "layers/attention_norm": ("sa_layer_norm",),
      "layers/mlp/in": ("ffn.lin1",),
      "layers/mlp/out": ("ffn.lin2",),
      "layers/mlp_norm": ("output_layer_norm",),
    },
    tensors={
      "embed/token": _TOKEN_TABLE,
      "embed/position": "embeddings.position_embeddings.weight",
    },
  ),
  heads={
    "masked_lm": Part(
      modules={
        "masked_lm/dense": ("vocab_transform",),
        "masked_lm/norm": ("vocab_layer_norm",),
      },
      tensors={
        "masked_lm/b": "vocab_projector.bias",
        "masked_lm/table": "vocab_projector.weight",
      },
    )
  },
  optional={"masked_lm": ("vocab_projector.bias",)},
  output="vocab_projector",
  output_table="masked_lm/table",
  classes={"": "DistilBertModel", "masked_lm": "DistilBertForMaskedLM"},
)

_ELECTRA = Family(
  prefix="electra.",
  layers=_BERT.layers,
  encoder=Part(
    modules={
      **{path: names for path, names in _BERT.encoder.modules.items() if path != "pooler"},
      "embed/project": ("embeddings_project",),
    },
    tensors=_BERT.encoder.tensors,
  ),
  heads={
    "masked_lm": Part(
      modules={
        "masked_lm/dense": ("generator_predictions.dense",),
        "masked_lm/norm": ("generator_predictions.LayerNorm",),
      },
      tensors={
        "masked_lm/b": "generator_lm_head.bias",
        "masked_lm/table": "generator_lm_head.weight",
      },
    )
  },
  optional={"masked_lm": ("generator_lm_head.bias",)},
  output="generator_lm_head",
  output_table="masked_lm/table",
  classes={"": "ElectraModel", "masked_lm": "ElectraForMaskedLM"},
)

_MPNET = _ROBERTA._replace(
  prefix="mpnet.",
  encoder=Part(
    modules={
      **_BERT.encoder.modules,
      "layers/attention/qkv": ("attention.attn.q", "attention.attn.k", "attention.attn.v"),
      "layers/attention/out": ("attention.attn.o",),
      "layers/attention_norm": ("attention.LayerNorm",),
    },
    tensors={
      "embed/token": _TOKEN_TABLE,
      "embed/position": "embeddings.position_embeddings.weight",
      "distance_bias": "encoder.relative_attention_bias.weight",
    },
  ),
  classes={"": "MPNetModel", "masked_lm": "MPNetForMaskedLM"},
)

_MODERNBERT = Family(
  prefix="model.",
  layers="layers.",
  encoder=Part(
    modules={
      "embed/norm": ("embeddings.norm",),
      "layers/attention/qkv": ("attn.Wqkv",),
      "layers/attention/out": ("attn.Wo",),
      "layers/attention_norm": ("attn_norm",),
      "layers/mlp/in": ("mlp.Wi",),
      "layers/mlp/out": ("mlp.Wo",),
      "layers/mlp_norm": ("mlp_norm",),
      "norm": ("final_norm",),
    },
    tensors={"embed/token": "embeddings.tok_embeddings.weight"},
  ),
  heads={
    "masked_lm": Part(
      modules={"masked_lm/dense": ("head.dense",), "masked_lm/norm": ("head.norm",)},
      tensors={"masked_lm/b": "decoder.bias", "masked_lm/table": "decoder.weight"},
    )
  },
  # Classifiers have `head.dense` and `head.norm`, too.
  optional={"masked_lm": ("decoder.bias", "decoder.weight")},
  output="decoder",
  output_table="masked_lm/table",
  classes={"": "ModernBertModel", "masked_lm": "ModernBertForMaskedLM"},
)

_GPT2 = Family(
  prefix="transformer.",
  layers="h.",
  encoder=Part(
    modules={
      "layers/attention/qkv": ("attn.c_attn",),
      "layers/attention/out": ("attn.c_proj",),
      "layers/attention_norm": ("ln_1",),
      "layers/mlp/in": ("mlp.c_fc",),
      "layers/mlp/out": ("mlp.c_proj",),
      "layers/mlp_norm": ("ln_2",),
      "norm": ("ln_f",),
    },
    tensors={"embed/token": "wte.weight", "embed/position": "wpe.weight"},
  ),
  heads={"lm_head": Part(modules={}, tensors={"lm_head/table": "lm_head.weight"})},
  optional={"lm_head": ("lm_head.weight",)},
  output="lm_head",
  output_table="lm_head/table",
  classes={"": "GPT2LMHeadModel", "lm_head": "GPT2LMHeadModel"},
  linear=False,
  bare=False,
)

# By `model_type` of config.json. Chinese RoBERTa-wwm and MacBERT say that they are a `bert`.
FAMILIES: Mapping[str, Family] = {
  "bert": _BERT,
  "roberta": _ROBERTA,
  "xlm-roberta": _ROBERTA._replace(
    classes={"": "XLMRobertaModel", "masked_lm": "XLMRobertaForMaskedLM"}
  ),
  "camembert": _ROBERTA._replace(
    classes={"": "CamembertModel", "masked_lm": "CamembertForMaskedLM"}
  ),
  "distilbert": _DISTILBERT,
  "electra": _ELECTRA,
  "mpnet": _MPNET,
  "modernbert": _MODERNBERT,
  "gpt2": _GPT2,
}
