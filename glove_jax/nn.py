"""Layers as functions on dicts of arrays: `init_x(rng, ...) -> params`, `x(params, inputs, ...)`.

Shapes: B texts of T tokens, of D dimensions each; I and O are the inputs and outputs of a layer.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from glove_jax.custom_gradients import broadcast_bias, matmul
from glove_jax.row_sums import take_rows
from glove_jax.train import Params


def init_dense(rng: jax.Array, inputs: int, outputs: int) -> Params:
  """Draws the params of a dense layer: `w` [I, O] and `b` [O], which is zero.

  Weights are uniform within +-sqrt(6 / (I + O)), which keeps the variance of activations and
  gradients from layer to layer (Glorot & Bengio 2010, eq. 16).
  """
  bound = (6 / (inputs + outputs)) ** 0.5
  return {
    "w": jax.random.uniform(rng, (inputs, outputs), minval=-bound, maxval=bound),
    "b": jnp.zeros(outputs),
  }


def dense(params: Params, x):  # x: [..., I] -> [..., O]
  """Applies a dense layer, x w + b; without `b` if there is none."""
  product = matmul(x, params["w"])
  if "b" not in params:
    return product
  return product + broadcast_bias(params["b"], x.shape[:-1])


def layer_norm(params: Params, x, *, epsilon: float):  # x: [..., D] -> [..., D]
  """Normalises the last axis (Ba et al. 2016, eq. 4), in float32 whatever the type of x.

  Params have a `scale` and, mostly, a bias `b`.
  """
  x32 = x.astype(jnp.float32)
  mean = x32.mean(-1, keepdims=True)
  variance = jnp.square(x32 - mean).mean(-1, keepdims=True)
  normalized = (x32 - mean) * jax.lax.rsqrt(variance + epsilon)
  scaled = normalized * params["scale"]
  if "b" in params:
    scaled = scaled + params["b"]
  return scaled.astype(x.dtype)


def embed(table, ids):  # table: [V, D], ids: [...] -> [..., D]
  """Looks up rows of a table; id 0, the padding, gives zeros."""
  is_token = (ids > 0)[..., None]
  return jnp.where(is_token, take_rows(table, ids), 0.0)


def dropout(
  rng: jax.Array | None,
  x,
  rate: float,
  *,
  broadcast_dims: Sequence[int] = (),
):  # x: any shape -> the same shape
  """Sets a random part of x to zero and scales up the rest (Srivastava et al. 2014).

  Args:
    rng: random key; None: no dropout.
    x: array.
    rate: probability of dropping each number.
    broadcast_dims: axes that share one mask, such as time for variational dropout (Gal &
      Ghahramani 2016).
  """
  if rng is None or not rate:
    return x
  mask_shape = list(x.shape)
  for axis in broadcast_dims:
    mask_shape[axis] = 1
  kept = jax.random.bernoulli(rng, 1 - rate, tuple(mask_shape))
  return x * kept / (1 - rate)


def drop_words(
  rng: jax.Array | None,
  ids,
  rate: float,
  *,
  replacement: int,
  exempt_ids: Sequence[int] = (0,),
):
  """Replaces a random part of the ids of tokens.

  Args:
    rng: random key; None: nothing is replaced.
    ids: integers of any shape.
    rate: probability of replacing each id.
    replacement: the id put in place of a dropped one, such as that of the unknown word.
    exempt_ids: ids that are never replaced, such as padding.
  """
  if rng is None or not rate:
    return ids
  drawn = jax.random.bernoulli(rng, rate, ids.shape)
  is_exempt = jnp.isin(ids, jnp.asarray(exempt_ids))
  return jnp.where(drawn & ~is_exempt, replacement, ids)


def split_keys(rng: jax.Array | None, count: int) -> list:
  """Splits a random key into `count` keys; None into `count` Nones."""
  if rng is None:
    return [None] * count
  return list(jax.random.split(rng, count))


def init_convolution(
  rng: jax.Array,
  width: int,
  inputs: int,
  outputs: int,
) -> Params:
  """Draws the params of a convolution over windows of `width` tokens, as `init_dense` does."""
  return init_dense(rng, width * inputs, outputs)


def convolution(params: Params, x):  # x: [B, T, I] -> [B, T, O]
  """Applies a dense layer to the window centred on each token, with zeros beyond the ends."""
  _, length, inputs = x.shape
  width = params["w"].shape[0] // inputs
  before = (width - 1) // 2
  after = width - 1 - before
  padded = jnp.pad(x, ((0, 0), (before, after), (0, 0)))
  shifted = []
  for start in range(width):
    shifted.append(padded[:, start : start + length])
  windows = jnp.concatenate(shifted, 2)
  return dense(params, windows)


def mean_pool(h, mask):  # h: [B, T, D], mask: [B, T] -> [B, D]
  """Returns the mean over the tokens of each text; zeros for a text without tokens."""
  total = (h * mask[..., None]).sum(1)
  count = jnp.maximum(mask.sum(1), 1.0)
  return total / count[:, None]


def max_pool(h, mask):  # h: [B, T, D], mask: [B, T] -> [B, D]
  """Returns the maximum over the tokens of each text; zeros for a text without tokens."""
  is_token = mask[..., None] > 0
  maximum = jnp.where(is_token, h, -jnp.inf).max(1)
  return jnp.where(mask.any(1)[:, None], maximum, 0.0)
