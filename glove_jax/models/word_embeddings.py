"""Word vectors as an encoder: each token becomes its row of a table, whatever stands around it.

Pooled over tokens they are a bag of words (Iyyer et al. 2015); other encoders take them as inputs.
"""

import jax.numpy as jnp
import numpy as np

from glove_jax import nn
from glove_jax.data.labelled.padded_batches import UNKNOWN
from glove_jax.models.encoder import Encoder


def word_embeddings(
  table: np.ndarray,
  *,
  dropout: float = 0.0,
  word_dropout: float = 0.0,
  variational: bool = False,
) -> Encoder:
  """Returns an encoder that looks up word vectors. Params: `words` [V, D].

  Args:
    table: [V, D], the initial vectors; row 0 is padding, row 1 the unknown word.
    dropout: probability of dropping each number of a vector.
    word_dropout: probability of replacing a word by the unknown word (Iyyer et al. 2015;
      Kiperwasser & Goldberg 2016).
    variational: drop the same dimensions for all words of a text (Gal & Ghahramani 2016).
  """
  broadcast_dims = (1,) if variational else ()

  def init(rng):
    del rng
    return {"words": jnp.asarray(table, jnp.float32)}

  def encode(params, batch, rng):
    rng_words, rng_numbers = nn.split_keys(rng, 2)
    ids = nn.drop_words(rng_words, batch.ids, word_dropout, replacement=UNKNOWN)
    vectors = nn.embed(params["words"], ids)
    return nn.dropout(rng_numbers, vectors, dropout, broadcast_dims=broadcast_dims)

  return Encoder(init=init, encode=encode, dim=table.shape[1])


def concatenate(**encoders: Encoder) -> Encoder:
  """Returns an encoder that joins the outputs of several into one vector for each token.

  Args:
    encoders: by the name that their params get.
  """

  def init(rng):
    keys = nn.split_keys(rng, len(encoders))
    params = {}
    for key, (name, encoder) in zip(keys, encoders.items(), strict=True):
      params[name] = encoder.init(key)
    return params

  def encode(params, batch, rng):
    keys = nn.split_keys(rng, len(encoders))
    outputs = []
    for key, (name, encoder) in zip(keys, encoders.items(), strict=True):
      outputs.append(encoder.encode(params[name], batch, key))
    return jnp.concatenate(outputs, 2)

  dim = sum(encoder.dim for encoder in encoders.values())
  return Encoder(init=init, encode=encode, dim=dim)
