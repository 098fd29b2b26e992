"""Attention against JAX's own, in value and gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.models.attention import attention

B, T, S, H, K = 2, 5, 7, 3, 4


def given(dtype):
  keys = jax.random.split(jax.random.key(0), 5)
  query, key, value, wanted = (jax.random.normal(rng, (B, size, H, K), dtype) for rng, size in zip(
    keys, (T, S, S, T), strict=False))
  mask = jax.random.bernoulli(keys[4], 0.5, (B, 1, T, S)).at[..., 2].set(True)
  return (query, key, value), mask, wanted


@pytest.mark.parametrize("dtype,within", [("float32", 1e-6), ("bfloat16", 0.05)])
def test_values_and_gradients_are_those_of_jax(dtype, within):
  arrays, mask, wanted = given(dtype)
  def both(function):
    out, back = jax.vjp(function, *arrays)
    return [out, *back(wanted)]
  ours = both(lambda *arrays: attention(*arrays, mask))
  theirs = both(lambda *arrays: jax.nn.dot_product_attention(*arrays, mask=mask))
  for mine, other in zip(ours, theirs, strict=True):
    assert mine.dtype == other.dtype == dtype
    np.testing.assert_allclose(np.asarray(mine, np.float32), np.asarray(other, np.float32), atol=within)


def test_nothing_comes_from_what_is_not_seen():
  (query, key, value), mask, _ = given("float32")
  mask = mask.at[..., 4].set(False)
  gradients = jax.grad(lambda key, value: attention(query, key, value, mask).sum(), (0, 1))(key, value)
  assert not any(jnp.asarray(gradient[:, 4]).any() for gradient in gradients)
  np.testing.assert_array_equal(
    attention(query, key, value, mask), attention(query, key.at[:, 4].set(9.0), value.at[:, 4].set(-9.0), mask))
