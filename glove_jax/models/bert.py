"""BERT (Devlin et al. 2019): a transformer encoder, pretrained to predict masked words.

Params: those of `transformer`, `pooler` (a dense layer on the first token) and `masked_lm`
(`dense`, `norm`, `b` [V]; its output matrix is the token table or, if not tied, `table`). Models of
its kind from other papers, such as RoBERTa, differ in the `Config`.
"""

import jax
import jax.numpy as jnp

from glove_jax import nn
from glove_jax.models import transformer
from glove_jax.models.transformer import ACTIVATIONS, Config
from glove_jax.models.transformer_init import (
  ParamSpec,
  dense_specs,
  init_from_specs,
  layer_norm_specs,
)
from glove_jax.train import Params

# BERT base, uncased.
CONFIG = Config(
  vocab_size=30522,
  dim=768,
  layers=12,
  heads=12,
  feedforward_dim=3072,
  types=2,
)


def init(rng: jax.Array, config: Config) -> Params:
  """Draws the params of a BERT with its pooler and head (see `transformer_init.param_specs`)."""
  return init_from_specs(rng, param_specs(config))


def param_specs(config: Config) -> dict:
  """Returns a `ParamSpec` for each param."""
  return {
    **transformer.param_specs(config),
    "pooler": dense_specs(config.dim, config.dim),
    "masked_lm": _head_specs(config),
  }


def _head_specs(config: Config) -> dict:
  dim = config.embed_dim or config.dim
  specs = {
    "dense": dense_specs(config.dim, dim, bias="head" in config.biases),
    "norm": layer_norm_specs(dim, bias="norm" in config.biases),
  }
  if "output" in config.biases:
    specs["b"] = ParamSpec((config.vocab_size,))
  if not config.tied:
    specs["table"] = ParamSpec((config.vocab_size, dim), 0.02)
  return specs


def pool(params: Params, h: jax.Array) -> jax.Array:  # h: [B, T, D] -> [B, D]
  """Returns the vector of each text from the hidden state of its first token, [CLS]."""
  first = h[:, 0]
  return jnp.tanh(nn.dense(params["pooler"], first))


def masked_logits(params: Params, h: jax.Array, *, config: Config) -> jax.Array:
  """Scores the words of the vocabulary at each token: h [..., D] -> [..., V] float32."""
  head = transformer.cast_params(params["masked_lm"], config)
  x = nn.dense(head["dense"], h)
  x = ACTIVATIONS[config.head_activation or config.activation](x)
  x = nn.layer_norm(head["norm"], x, epsilon=config.epsilon)
  table = params["embed"]["token"] if config.tied else head["table"]
  logits = transformer.table_logits(table, x)
  return logits + params["masked_lm"]["b"] if "output" in config.biases else logits
