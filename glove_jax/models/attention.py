"""Scaled dot-product attention (Vaswani et al. 2017, eq. 1) with a custom gradient.

The gradient equals the automatic one; it keeps fewer arrays and is faster on CPUs. Models that add
a bias to the logits have the automatic one.

Shapes: B texts, T queries and S keys of them, H heads of dimension K.
"""

import jax
import jax.numpy as jnp


@jax.custom_vjp
def attention(query, key, value, mask):  # -> [B, T, H, K]
  """Returns softmax(Q K' / sqrt(K)) V for each head, with the softmax in float32.

  Args:
    query: [B, T, H, K].
    key, value: [B, S, H, K].
    mask: [B, 1, T, S] bool, which of the S tokens each query sees: at least one.
  """
  return _forward(query, key, value, mask)[0]


def biased_attention(query, key, value, mask, bias):  # -> [B, T, H, K]
  """Returns softmax(Q K' / sqrt(K) + bias) V for each head, with the softmax in float32.

  Args:
    query, key, value, mask: of `attention`.
    bias: [B, H, T, S] float32, or 1 instead of B.
  """
  logits = _einsum("bthk,bshk->bhts", query, key) * query.shape[-1] ** -0.5
  logits = jnp.where(mask, logits + bias, 0.5 * jnp.finfo(logits.dtype).min)
  weights = jax.nn.softmax(logits).astype(query.dtype)
  return jnp.einsum("bhts,bshk->bthk", weights, value)


def _forward(query, key, value, mask):
  scale = query.shape[-1] ** -0.5
  logits = _einsum("bthk,bshk->bhts", query, key) * scale
  # XLA computes this bias once for all layers; a `where` on the logits it computes in each.
  bias = jnp.where(mask, 0.0, 0.5 * jnp.finfo(logits.dtype).min)
  weights = jax.nn.softmax(logits + bias).astype(query.dtype)
  out = jnp.einsum("bhts,bshk->bthk", weights, value)
  return out, (query, key, value, weights, out)


def _backward(residuals, grad):
  query, key, value, weights, out = residuals
  scale = query.shape[-1] ** -0.5
  # The softmax's gradient needs sum_s P dP for each row of weights P, which equals the shorter
  # sum_k O dO (Dao et al. 2022, app. B.2).
  row_sums = _einsum("bthk,bthk->bht", out, grad)[..., None]
  grad_weights = _einsum("bthk,bshk->bhts", grad, value)
  grad_logits = weights * (grad_weights - row_sums) * scale
  grad_logits = grad_logits.astype(query.dtype)
  grad_query = jnp.einsum("bhts,bshk->bthk", grad_logits, key)
  grad_key = jnp.einsum("bhts,bthk->bshk", grad_logits, query)
  grad_value = jnp.einsum("bhts,bthk->bshk", weights, grad)
  return grad_query, grad_key, grad_value, None


def _einsum(subscripts: str, left, right):
  return jnp.einsum(subscripts, left, right, preferred_element_type=jnp.float32)


attention.defvjp(_forward, _backward)
