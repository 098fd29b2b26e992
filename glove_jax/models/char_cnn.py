"""Token vectors from characters by a CNN (Ma & Hovy 2016, sec. 2.1), for unknown words too."""

import jax

from glove_jax import nn
from glove_jax.models.encoder import Encoder


def char_cnn(
  num_chars: int,
  *,
  dim: int = 30,
  width: int = 3,
  filters: int = 30,
  dropout: float = 0.0,
) -> Encoder:
  """Returns an encoder that convolves each token's characters and takes the maximum over them.

  Batches must have `chars`. Params: `table` [num_chars, dim] and the convolution's `filters`.

  Args:
    num_chars: rows of the table of character vectors, row 0 for padding among them.
    dim: size of a character vector; initially uniform within +-sqrt(3 / dim).
    width: characters in a window.
    filters: features of each window, the size of the output.
    dropout: rate on the character vectors.
  """

  def init(rng):
    rng_table, rng_filters = jax.random.split(rng)
    bound = (3 / dim) ** 0.5
    table = jax.random.uniform(rng_table, (num_chars, dim), minval=-bound, maxval=bound)
    convolution = nn.init_convolution(rng_filters, width, dim, filters)
    return {"table": table, "filters": convolution}

  def encode(params, batch, rng):
    batch_size, length, token_length = batch.chars.shape
    chars = batch.chars.reshape(batch_size * length, token_length)
    x = nn.embed(params["table"], chars)
    x = nn.dropout(rng, x, dropout)
    features = nn.convolution(params["filters"], x)
    mask = (chars > 0).astype(x.dtype)
    pooled = nn.max_pool(features, mask)
    return pooled.reshape(batch_size, length, filters)

  return Encoder(init=init, encode=encode, dim=filters)
