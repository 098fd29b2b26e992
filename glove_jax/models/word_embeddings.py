"""Word vectors, and nothing that mixes them: pooled they are a bag of words, and the inputs of other encoders."""

import jax.numpy as jnp
import numpy as np

from glove_jax import nn
from glove_jax.data.labelled.padded_batches import UNKNOWN
from glove_jax.models.encoder import Encoder


def words(table: np.ndarray, *, dropout: float = 0.0, word_dropout: float = 0.0, shared: bool = False) -> Encoder:
  """Each word's row of a table: `words` [V, D], of which row 0 is padding and row 1 the unknown word.

  Args:
    table: [V, D], where the rows begin.
    dropout: how likely each number is to be dropped.
    word_dropout: how likely a word is to be taken for the unknown one (Iyyer et al. 2015; Kiperwasser & Goldberg 2016).
    shared: drop the same numbers of all words of a text (Gal & Ghahramani 2016).
  """
  def init(rng):
    del rng
    return {"words": jnp.asarray(table, jnp.float32)}
  def encode(params, batch, rng):
    rng_words, rng_numbers = nn.keys(rng, 2)
    ids = nn.drop_words(rng_words, batch.ids, word_dropout, by=UNKNOWN)
    return nn.dropout(rng_numbers, nn.embed(params["words"], ids), dropout, shared=(1,) if shared else ())
  return Encoder(init, encode, table.shape[1])


def joined(**parts: Encoder) -> Encoder:
  """Several encoders side by side: what they give is joined into one wider vector a token; params by their names."""
  def init(rng):
    return {name: part.init(key) for (name, part), key in zip(parts.items(), nn.keys(rng, len(parts)), strict=True)}
  def encode(params, batch, rng):
    found = [part.encode(params[name], batch, key)
             for (name, part), key in zip(parts.items(), nn.keys(rng, len(parts)), strict=True)]
    return jnp.concatenate(found, 2)
  return Encoder(init, encode, sum(part.dim for part in parts.values()))
