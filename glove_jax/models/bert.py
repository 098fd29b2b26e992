"""BERT (Devlin et al. 2019): an encoder, a pooler of the first token, and a head that says which words were masked.

Params: those of `transformer`, `pooler`, and `masked_lm` (`dense`, `norm`, `b` [V]; its matrix is the token table).
"""

import jax
import jax.numpy as jnp

from glove_jax import nn
from glove_jax.models import transformer
from glove_jax.models.transformer import Config
from glove_jax.train import Params

CONFIG = Config(30522, dim=768, layers=12, heads=12, hidden=3072, types=2)  # BERT base, uncased


def init(rng: jax.Array, config: Config) -> Params:
  """Params of a whole BERT, random (see `transformer.init`)."""
  return transformer.draw(rng, starts(config))


def starts(config: Config) -> dict:
  """A `transformer.Start` for each of the params."""
  square, norm = transformer.dense_start(config.dim, config.dim), transformer.norm_start(config.dim)
  return {**transformer.starts(config), "pooler": square,
          "masked_lm": {"dense": square, "norm": norm, "b": transformer.Start((config.vocab_size,))}}


def pool(params: Params, h: jax.Array) -> jax.Array:
  """A text as what its first token, [CLS], has become: [B, T, D] -> [B, D]."""
  return jnp.tanh(nn.dense(params["pooler"], h[:, 0]))


def masked_logits(params: Params, h: jax.Array, *, config: Config) -> jax.Array:
  """Which word stands there: [..., D] -> [..., V] float32."""
  head = transformer.cast(params["masked_lm"], config)
  x = transformer.ACTIVATIONS[config.activation](nn.dense(head["dense"], h))
  x = nn.layer_norm(head["norm"], x, epsilon=config.epsilon)
  return transformer.tied_logits(params, x) + params["masked_lm"]["b"]
