"""Recurrent encoders that read a text from both ends (Graves & Schmidhuber 2005)."""

import jax
import jax.numpy as jnp

from glove_jax import nn
from glove_jax.models.encoder import Encoder


def bilstm(inputs: Encoder, *, size: int, layers: int = 1, dropout: float = 0.0, recurrent: float = 0.0) -> Encoder:
  """Layers of two LSTMs, one from each end, joined; the padding takes no part.

  Args:
    inputs: what the first layer reads.
    size: of each LSTM; what comes out is twice as wide.
    dropout: between layers, the same numbers at every token (variational: Gal & Ghahramani 2016).
    recurrent: of the recurrent inputs, the same numbers at every token.
  """
  def init(rng):
    first, *rest = jax.random.split(rng, 1 + 2 * layers)
    params = {"inputs": inputs.init(first)}
    for layer in range(layers):
      width = inputs.dim if layer == 0 else 2 * size
      params[f"layer_{layer}"] = {name: nn.init_lstm(key, width, size)
                                  for name, key in zip(("forward", "backward"), rest[2 * layer :][:2], strict=True)}
    return params

  def encode(params, batch, rng):
    first, *rest = nn.keys(rng, 1 + 3 * layers)
    h = inputs.encode(params["inputs"], batch, first)
    for layer in range(layers):
      rng_between, *rngs = rest[3 * layer :][:3]
      if layer:
        h = nn.dropout(rng_between, h, dropout, shared=(1,))
      ones = jnp.ones((h.shape[0], size))
      own = params[f"layer_{layer}"]
      h = jnp.concatenate([
        nn.lstm(own[name], h, batch.mask, reverse=name == "backward",
                keep=nn.dropout(key, ones, recurrent) if key is not None and recurrent else None)
        for name, key in zip(("forward", "backward"), rngs, strict=True)], 2)
    return h

  return Encoder(init, encode, 2 * size)
