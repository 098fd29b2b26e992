"""Bidirectional LSTMs (Graves & Schmidhuber 2005): each token sees the text on either side."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from glove_jax import nn
from glove_jax.models.encoder import Encoder
from glove_jax.models.lstm import init_lstm, lstm
from glove_jax.train import Params

DIRECTIONS = ("forward", "backward")


def bilstm(
  inputs: Encoder, *, size: int, layers: int = 1, dropout: float = 0.0,
  recurrent_dropout: float = 0.0,
) -> Encoder:
  """Returns an encoder of stacked layers, each with an LSTM from either end of the text.

  Params: `inputs` and, for each layer, `layer_0` and so on: `forward` and `backward`.

  Args:
    inputs: encoder whose output the first layer reads.
    size: hidden units of each LSTM; the output has twice as many.
    layers: number of layers.
    dropout: rate between layers, with one mask for all tokens (variational dropout: Gal &
      Ghahramani 2016).
    recurrent_dropout: rate on the hidden state within an LSTM, with one mask for all tokens.
  """

  def init(rng):
    rng_inputs, *keys = jax.random.split(rng, 1 + 2 * layers)
    params = {"inputs": inputs.init(rng_inputs)}
    width = inputs.dim
    for layer in range(layers):
      params[f"layer_{layer}"] = _init_layer(keys[2 * layer :][:2], width, size)
      width = 2 * size
    return params

  def encode(params, batch, rng):
    rng_inputs, *keys = nn.split_keys(rng, 1 + 3 * layers)
    h = inputs.encode(params["inputs"], batch, rng_inputs)
    for layer in range(layers):
      rng_between, *rng_recurrent = keys[3 * layer :][:3]
      if layer:
        h = nn.dropout(rng_between, h, dropout, broadcast_dims=(1,))
      masks = _recurrent_masks(rng_recurrent, (h.shape[0], size), recurrent_dropout)
      h = _apply_layer(params[f"layer_{layer}"], h, batch.mask, masks)
    return h

  return Encoder(init=init, encode=encode, dim=2 * size)


def _init_layer(keys: Sequence[jax.Array], inputs: int, size: int) -> Params:
  params = {}
  for direction, key in zip(DIRECTIONS, keys, strict=True):
    params[direction] = init_lstm(key, inputs, size)
  return params


def _recurrent_masks(keys: Sequence, shape: tuple[int, int], rate: float) -> list:
  """Draws a dropout mask [B, size] for each direction; Nones without dropout."""
  if not rate or keys[0] is None:
    return [None] * len(keys)
  ones = jnp.ones(shape)
  return [nn.dropout(key, ones, rate) for key in keys]


def _apply_layer(params: Params, h, mask, recurrent_masks):  # h: [B, T, I] -> [B, T, 2 size]
  states = []
  for direction, recurrent_mask in zip(DIRECTIONS, recurrent_masks, strict=True):
    states.append(
      lstm(
        params[direction],
        h,
        mask,
        reverse=direction == "backward",
        recurrent_mask=recurrent_mask,
      )
    )
  return jnp.concatenate(states, 2)
