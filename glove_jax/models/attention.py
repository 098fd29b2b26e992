"""Attention with a gradient of its own, which is faster on CPUs and the same anywhere."""

import jax
import jax.numpy as jnp


@jax.custom_vjp
def attention(query, key, value, mask):
  """softmax(Q K' / sqrt(K)) V of each head (Vaswani et al. 2017, eq. 1); the softmax in float32.

  Args:
    query: [B, T, H, K].
    key, value: [B, S, H, K].
    mask: [B, 1, T, S] bool, which of S tokens each sees: one at least.
  Returns:
    [B, T, H, K].
  """
  return _forward(query, key, value, mask)[0]


def _forward(query, key, value, mask):
  logits = _product("bthk,bshk->bhts", query, key) * query.shape[-1] ** -0.5
  hidden = jnp.where(mask, 0.0, 0.5 * jnp.finfo(logits.dtype).min)  # once for all layers, where a `where` is for each
  weights = jax.nn.softmax(logits + hidden).astype(query.dtype)
  out = jnp.einsum("bhts,bshk->bthk", weights, value)
  return out, (query, key, value, weights, out)


def _backward(kept, grad):
  query, key, value, weights, out = kept
  # What each row of weights takes from its gradient, sum_s P dP, is sum_k O dO (Dao et al. 2022, app. B.2): fewer.
  total = _product("bthk,bthk->bht", out, grad)[..., None]
  logits = weights * (_product("bthk,bshk->bhts", grad, value) - total) * query.shape[-1] ** -0.5
  logits = logits.astype(query.dtype)
  return (jnp.einsum("bhts,bshk->bthk", logits, key), jnp.einsum("bhts,bthk->bshk", logits, query),
          jnp.einsum("bhts,bthk->bshk", weights, grad), None)


def _product(axes: str, left, right):
  return jnp.einsum(axes, left, right, preferred_element_type=jnp.float32)


attention.defvjp(_forward, _backward)
