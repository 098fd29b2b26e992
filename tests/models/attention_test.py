"""Attention equals jax.nn's, in value and gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.models.attention import attention

B, T, S, H, K = 2, 5, 7, 3, 4


def random_inputs(dtype):
  """Returns ((query, key, value), mask, gradient of the output)."""
  keys = jax.random.split(jax.random.key(0), 5)
  query = jax.random.normal(keys[0], (B, T, H, K), dtype)
  key = jax.random.normal(keys[1], (B, S, H, K), dtype)
  value = jax.random.normal(keys[2], (B, S, H, K), dtype)
  grad = jax.random.normal(keys[3], (B, T, H, K), dtype)
  mask = jax.random.bernoulli(keys[4], 0.5, (B, 1, T, S))
  mask = mask.at[..., 2].set(True)
  return (query, key, value), mask, grad


@pytest.mark.parametrize("dtype,tolerance", [("float32", 1e-6), ("bfloat16", 0.05)])
def test_values_and_gradients_are_those_of_jax(dtype, tolerance):
  inputs, mask, grad = random_inputs(dtype)

  def value_and_gradients(function):
    out, backward = jax.vjp(function, *inputs)
    return [out, *backward(grad)]

  actual = value_and_gradients(lambda *inputs: attention(*inputs, mask))
  expected = value_and_gradients(
    lambda *inputs: jax.nn.dot_product_attention(*inputs, mask=mask)
  )
  for ours, theirs in zip(actual, expected, strict=True):
    assert ours.dtype == theirs.dtype == dtype
    np.testing.assert_allclose(
      np.asarray(ours, np.float32),
      np.asarray(theirs, np.float32),
      atol=tolerance,
    )


def test_masked_keys_have_no_effect_and_no_gradient():
  (query, key, value), mask, _ = random_inputs("float32")
  mask = mask.at[..., 4].set(False)

  def total(key, value):
    return attention(query, key, value, mask).sum()

  for gradient in jax.grad(total, (0, 1))(key, value):
    assert not gradient[:, 4].any()
  other_key = key.at[:, 4].set(9.0)
  other_value = value.at[:, 4].set(-9.0)
  np.testing.assert_array_equal(
    attention(query, key, value, mask),
    attention(query, other_key, other_value, mask),
  )


def test_masks_broadcast_over_heads_only():
  (query, key, value), mask, _ = random_inputs("float32")
  only_third = jnp.zeros_like(mask).at[..., 2].set(True)
  out = attention(query, key, value, only_third)
  expected = jnp.broadcast_to(value[:, 2][:, None], out.shape)
  np.testing.assert_allclose(out, expected, atol=1e-6)
