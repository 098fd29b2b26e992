"""A transformer as an `Encoder` of texts in pieces: what each piece becomes, or of each word what its first does."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from glove_jax import nn
from glove_jax.models import transformer
from glove_jax.models.encoder import Encoder
from glove_jax.models.transformer import Config, Tokens


def pieces(
  config: Config, *, word_dropout: float = 0.0, mask: int | None = None, special: Sequence[int] = (),
) -> Encoder:
  """The last states of a transformer, float32; params are those of `transformer`, random at first.

  Batches are those of `data.pieces`: `ids` are pieces' ids plus 1. With `first` the states are those of words, as
  Devlin et al. (2019, sec. 5.3) tag them.

  Args:
    config: of the transformer.
    word_dropout: how likely a piece is masked while learning, as a masked language model has seen texts (cf. token
      cutoff, Shen et al. 2020).
    mask: the piece that then stands there, [MASK].
    special: pieces that are never masked.
  """
  if word_dropout and mask is None:
    raise ValueError(f"word_dropout is {word_dropout} and mask None, expected a piece.")
  kept = (0, *(piece + 1 for piece in special))
  def encode(params, batch, rng):
    ids = batch.ids
    if word_dropout:
      rng, rng_words = nn.keys(rng, 2)
      ids = nn.drop_words(rng_words, ids, word_dropout, by=mask + 1, kept=kept)
    tokens = Tokens(jnp.maximum(ids - 1, 0), (ids > 0).astype(jnp.int32), batch.types)
    h = transformer.encode(params, tokens, rng, config=config).astype(jnp.float32)
    if batch.first is not None:
      h = jnp.take_along_axis(h, batch.first[..., None], 1)
    return h * batch.mask[..., None]
  def init(rng: jax.Array):
    return transformer.init(rng, config)
  return Encoder(init, encode, config.dim)
