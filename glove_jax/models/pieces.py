"""A transformer as an `Encoder` of texts in pieces: what each piece becomes, or of each word what its first does."""

import jax
import jax.numpy as jnp

from glove_jax.models import transformer
from glove_jax.models.encoder import Encoder
from glove_jax.models.transformer import Config, Tokens


def pieces(config: Config) -> Encoder:
  """The last states of a transformer, float32; params are those of `transformer`, random at first.

  Batches are those of `data.pieces`: `ids` are pieces' ids plus 1. With `first` the states are those of words, as
  Devlin et al. (2019, sec. 5.3) tag them.
  """
  def encode(params, batch, rng):
    tokens = Tokens(jnp.maximum(batch.ids - 1, 0), (batch.ids > 0).astype(jnp.int32), batch.types)
    h = transformer.encode(params, tokens, rng, config=config).astype(jnp.float32)
    if batch.first is not None:
      h = jnp.take_along_axis(h, batch.first[..., None], 1)
    return h * batch.mask[..., None]
  def init(rng: jax.Array):
    return transformer.init(rng, config)
  return Encoder(init, encode, config.dim)
