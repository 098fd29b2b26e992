"""A vector of a token from its characters (Ma & Hovy 2016, sec. 2.1): what a word looks like, also an unknown one."""

import jax

from glove_jax import nn
from glove_jax.models.encoder import Encoder


def char_cnn(num_chars: int, *, dim: int = 30, width: int = 3, filters: int = 30, dropout: float = 0.0) -> Encoder:
  """Convolutions over each token's characters, the greatest over them taken; needs `chars` in the batch.

  Args:
    num_chars: rows of the table, that of padding (0) included.
    dim: of a character's vector; they begin uniform in +-sqrt(3 / dim).
    width, filters: of the convolution.
    dropout: of the characters' vectors.
  """
  def init(rng):
    rng_table, rng_filters = jax.random.split(rng)
    bound = (3 / dim) ** 0.5
    return {"table": jax.random.uniform(rng_table, (num_chars, dim), minval=-bound, maxval=bound),
            "filters": nn.init_convolution(rng_filters, width, dim, filters)}
  def encode(params, batch, rng):
    batch_size, length, letters = batch.chars.shape
    chars = batch.chars.reshape(batch_size * length, letters)
    x = nn.dropout(rng, nn.embed(params["table"], chars), dropout)
    found = nn.greatest(nn.convolution(params["filters"], x), (chars > 0).astype(x.dtype))
    return found.reshape(batch_size, length, filters)
  return Encoder(init, encode, filters)
