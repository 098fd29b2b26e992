"""Layers as functions on dicts of arrays: `init_x(rng, ...) -> params`, `x(params, inputs, ...) -> outputs`."""

import functools

import jax
import jax.numpy as jnp

from glove_jax.train import Params


def init_dense(rng: jax.Array, inputs: int, outputs: int) -> Params:
  """`w` [inputs, outputs], uniform so that variances stay (Glorot & Bengio 2010, eq. 16), and `b` zeros [outputs]."""
  bound = (6 / (inputs + outputs)) ** 0.5
  return {"w": jax.random.uniform(rng, (inputs, outputs), minval=-bound, maxval=bound), "b": jnp.zeros(outputs)}


def dense(params: Params, x):
  """x: [..., inputs] -> [..., outputs]."""
  return matmul(x, params["w"]) + _repeated(params["b"], x.shape[:-1])


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def matmul(x, w, dtype=None):
  """`x @ w`, summed in float32, whose gradient is fast on CPUs too. x: [..., inputs], w: [inputs, outputs].

  dtype: of the product; none: as of `x @ w`.
  """
  return _product(x, w, 0).astype(dtype or jnp.result_type(x, w))


def _product(x, w, axis: int):
  """Sums over the last axis of x and this one of w. CPUs multiply bfloat16 fast where its result is float32."""
  return jax.lax.dot_general(x, w, (((x.ndim - 1,), (axis,)), ((), ())), preferred_element_type=jnp.float32)


def _matmul_backward(dtype, kept, grad):
  x, w = kept
  grad = grad.astype(x.dtype)
  rows, grads = (array.reshape(-1, array.shape[-1]) for array in (x, grad))
  def plain(rows, grads):
    return jnp.einsum("ni,no->io", rows, grads, preferred_element_type=jnp.float32)
  def transposed(rows, grads):
    # XLA's product of a transposed matrix takes a CPU two to three times as long as a transposed copy, of the smaller
    # of the two, and a product. Without barriers XLA makes it the former again; of bfloat16 with barriers too.
    keep = _in_memory if x.dtype == jnp.bfloat16 else jax.lax.optimization_barrier
    if w.shape[0] <= w.shape[1]:
      return keep(_product(keep(rows.T), grads, 0))
    return keep(_product(keep(grads.T), rows, 0)).T
  change = jax.lax.platform_dependent(rows, grads, cpu=transposed, default=plain)
  return _product(grad, w, 1).astype(x.dtype), change.astype(w.dtype)


matmul.defvjp(lambda x, w, dtype: (matmul(x, w, dtype), (x, w)), _matmul_backward)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def _repeated(b, shape: tuple[int, ...]):
  """b [outputs] at all places of a shape: [*shape, outputs]."""
  return jnp.broadcast_to(b, (*shape, *b.shape))


def _repeated_backward(shape, _, grad):
  rows = grad.reshape(-1, grad.shape[-1])
  if grad.dtype != jnp.bfloat16:
    return (rows.sum(0),)
  # A sum of bfloat16 takes a CPU as long as a product of matrices: XLA makes it of windows.
  return (_product(jnp.ones((1, len(rows)), grad.dtype), rows, 0)[0].astype(grad.dtype),)


_repeated.defvjp(lambda b, shape: (_repeated(b, shape), None), _repeated_backward)


@jax.custom_vjp
def settled(x):
  """x, whose gradient is computed once on CPUs."""
  return x


def _settled_backward(_, grad):
  # XLA would compute it anew for each of its uses, of a residual stream from those of all layers above.
  return (jax.lax.platform_dependent(grad, cpu=_in_memory, default=lambda grad: grad),)


settled.defvjp(lambda x: (x, None), _settled_backward)


def _in_memory(x):
  """x, computed once and apart from what uses it: XLA drops barriers, but a conditional takes what is in memory."""
  return jax.lax.cond(jnp.isnan(x.ravel()[0]), lambda x: x * jnp.nan, lambda x: x, x)


def layer_norm(params: Params, x, *, epsilon: float):
  """Layer normalisation (Ba et al. 2016) over the last axis, computed in float32 whatever the type of x."""
  wide = x.astype(jnp.float32)
  mean = wide.mean(-1, keepdims=True)
  variance = jnp.square(wide - mean).mean(-1, keepdims=True)
  return ((wide - mean) * jax.lax.rsqrt(variance + epsilon) * params["scale"] + params["b"]).astype(x.dtype)


def embed(table, ids):
  """Rows of a table; those of id 0, which is padding, are zeros. table: [V, D], ids: [...] -> [..., D]."""
  return jnp.where((ids > 0)[..., None], table[ids], 0.0)


def dropout(rng: jax.Array | None, x, rate: float, *, shared: tuple[int, ...] = ()):
  """Sets a share of `x` to 0 and scales up the rest (Srivastava et al. 2014); nothing without a key.

  Args:
    rate: how likely each number is to go.
    shared: axes along which the same go, such as time for variational dropout (Gal & Ghahramani 2016).
  """
  if rng is None or not rate:
    return x
  shape = tuple(1 if axis in shared else size for axis, size in enumerate(x.shape))
  return x * jax.random.bernoulli(rng, 1 - rate, shape) / (1 - rate)


def drop_words(rng: jax.Array | None, ids, rate: float, *, by: int, kept=(0,)):
  """Takes a share of `ids` for the word `by`; nothing without a key.

  Args:
    rate: how likely each word is to go.
    kept: ids that never go, such as padding.
  """
  if rng is None or not rate:
    return ids
  return jnp.where(jax.random.bernoulli(rng, rate, ids.shape) & ~jnp.isin(ids, jnp.asarray(kept)), by, ids)


def keys(rng: jax.Array | None, number: int):
  """So many keys of one; of None, Nones."""
  return [None] * number if rng is None else list(jax.random.split(rng, number))


def init_convolution(rng: jax.Array, width: int, inputs: int, outputs: int) -> Params:
  """As `init_dense`, for windows of `width` places."""
  return init_dense(rng, width * inputs, outputs)


def convolution(params: Params, x):
  """A dense layer on the window around each place, zeros beyond the ends. x: [B, T, inputs] -> [B, T, outputs]."""
  length, width = x.shape[1], params["w"].shape[0] // x.shape[2]
  before = (width - 1) // 2
  padded = jnp.pad(x, ((0, 0), (before, width - 1 - before), (0, 0)))
  return dense(params, jnp.concatenate([padded[:, i : i + length] for i in range(width)], 2))


def init_lstm(rng: jax.Array, inputs: int, size: int) -> Params:
  """`x` [inputs, 4 size], `h` [size, 4 size], `b` [4 size]; gates are input, forget, cell, output.

  The forget gate begins open (Jozefowicz et al. 2015). Each gate's matrix is drawn as `init_dense` draws it.
  """
  def gates(key, size_in: int):
    return jnp.concatenate([init_dense(one, size_in, size)["w"] for one in jax.random.split(key, 4)], 1)
  rng_x, rng_h = jax.random.split(rng)
  return {"x": gates(rng_x, inputs), "h": gates(rng_h, size), "b": jnp.repeat(jnp.array([0.0, 1.0, 0.0, 0.0]), size)}


def lstm(params: Params, x, mask, *, reverse: bool = False, keep=None):
  """A long short-term memory (Hochreiter & Schmidhuber 1997) from left to right, or back; padding is passed by.

  Args:
    x: [B, T, inputs].
    mask: [B, T], 1 for tokens, 0 for padding.
    keep: [B, size], what the recurrent input is multiplied by: a mask of dropout.

  Returns:
    [B, T, size], zeros in the padding.
  """
  gates = jnp.moveaxis(x @ params["x"] + params["b"], 1, 0)  # for all steps at once: [T, B, 4 size]
  def step(carry, now):
    cell, hidden = carry
    given, real = now
    given = given + (hidden if keep is None else hidden * keep) @ params["h"]
    enter, forget, new, leave = jnp.split(given, 4, 1)
    after = jax.nn.sigmoid(forget) * cell + jax.nn.sigmoid(enter) * jnp.tanh(new)
    shown = jax.nn.sigmoid(leave) * jnp.tanh(after)
    real = real[:, None] > 0
    return (jnp.where(real, after, cell), jnp.where(real, shown, hidden)), shown
  start = jnp.zeros((x.shape[0], params["h"].shape[0]))
  _, out = jax.lax.scan(step, (start, start), (gates, mask.T), reverse=reverse)
  return jnp.moveaxis(out, 0, 1) * mask[..., None]


def mean(h, mask):
  """The mean over tokens. h: [B, T, D], mask: [B, T] -> [B, D]; zeros where there is no token."""
  return (h * mask[..., None]).sum(1) / jnp.maximum(mask.sum(1), 1.0)[:, None]


def greatest(h, mask):
  """The greatest over tokens, number by number. h: [B, T, D], mask: [B, T] -> [B, D]; zeros for no token."""
  found = jnp.where(mask[..., None] > 0, h, -jnp.inf).max(1)
  return jnp.where(mask.any(1)[:, None], found, 0.0)
