"""Matrix products, biases and residual streams whose gradients compile to fast code on CPUs.

Values and gradients are those of the plain expressions `x @ w`, `x + b` and `x`. Only the order of
the instructions differs, because XLA's CPU compiler is slow on some of those that JAX would emit.
"""

import functools

import jax
import jax.numpy as jnp


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def matmul(x, w, dtype=None):  # -> [..., O]
  """Returns `x @ w`, accumulated in float32.

  Args:
    x: [..., I].
    w: [I, O].
    dtype: type of the result; None: the type of `x @ w`.
  """
  product = _contract(x, w, 0)
  return product.astype(dtype or jnp.result_type(x, w))


def _matmul_forward(x, w, dtype):
  return matmul(x, w, dtype), (x, w)


def _matmul_backward(dtype, residuals, grad):
  x, w = residuals
  grad = grad.astype(x.dtype)
  x_rows = x.reshape(-1, x.shape[-1])
  grad_rows = grad.reshape(-1, grad.shape[-1])
  grad_w = jax.lax.platform_dependent(
    x_rows,
    grad_rows,
    cpu=_weight_grad_on_cpu,
    default=_weight_grad,
  )
  grad_x = _contract(grad, w, 1)
  return grad_x.astype(x.dtype), grad_w.astype(w.dtype)


matmul.defvjp(_matmul_forward, _matmul_backward)


def _weight_grad(x, grad):  # x: [N, I], grad: [N, O] -> [I, O]
  return jnp.einsum("ni,no->io", x, grad, preferred_element_type=jnp.float32)


def _weight_grad_on_cpu(x, grad):  # x: [N, I], grad: [N, O] -> [I, O]
  # XLA's product with a transposed matrix takes a CPU two to three times as long as copying the
  # smaller of the two matrices transposed and then multiplying. Without barriers XLA turns the
  # latter back into the former; for bfloat16 it does so even with barriers.
  keep = _materialize if x.dtype == jnp.bfloat16 else jax.lax.optimization_barrier
  if x.shape[1] <= grad.shape[1]:
    return keep(_contract(keep(x.T), grad, 0))
  return keep(_contract(keep(grad.T), x, 0)).T


def _contract(x, w, axis: int):
  """Sums products over the last axis of x and the given axis of w, in float32."""
  # CPUs multiply bfloat16 fast only where the result is float32.
  dimensions = (((x.ndim - 1,), (axis,)), ((), ()))
  return jax.lax.dot_general(x, w, dimensions, preferred_element_type=jnp.float32)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def broadcast_bias(b, shape: tuple[int, ...]):  # b: [O] -> [*shape, O]
  """Repeats a bias vector over all positions of a shape."""
  return jnp.broadcast_to(b, (*shape, *b.shape))


def _broadcast_bias_forward(b, shape):
  return broadcast_bias(b, shape), None


def _broadcast_bias_backward(shape, _, grad):
  rows = grad.reshape(-1, grad.shape[-1])
  if grad.dtype != jnp.bfloat16:
    return (rows.sum(0),)
  # XLA sums bfloat16 on a CPU as slowly as it multiplies matrices, so multiply by a row of ones.
  ones = jnp.ones((1, len(rows)), grad.dtype)
  total = _contract(ones, rows, 0)[0]
  return (total.astype(grad.dtype),)


broadcast_bias.defvjp(_broadcast_bias_forward, _broadcast_bias_backward)


@jax.custom_vjp
def materialize_grad(x):
  """Returns x unchanged; on CPUs its gradient is computed once and kept in memory.

  Otherwise XLA computes the gradient of a residual stream again for each of its uses, from the
  gradients of all the layers above.
  """
  return x


def _materialize_grad_forward(x):
  return x, None


def _materialize_grad_backward(_, grad):
  return (jax.lax.platform_dependent(grad, cpu=_materialize, default=_identity),)


materialize_grad.defvjp(_materialize_grad_forward, _materialize_grad_backward)


def _materialize(x):
  """Returns x, computed apart from the operations that use it."""
  # XLA removes barriers, but the operand of a conditional has to be in memory.
  return jax.lax.cond(jnp.isnan(x.ravel()[0]), _times_nan, _identity, x)


def _times_nan(x):
  return x * jnp.nan


def _identity(x):
  return x
