"""Custom gradients are those of the plain expressions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import nn
from glove_jax.custom_gradients import materialize_grad, matmul

RNG = np.random.default_rng(0)
DTYPES = pytest.mark.parametrize("dtype", ["float32", "bfloat16"])


def normal(*shape):
  return RNG.normal(size=shape).astype(np.float32)


def assert_close(actual, expected, dtype, atol=0.02):
  """Compares arrays within the precision of a type."""
  tolerance = {"rtol": 1e-5, "atol": 1e-6}
  if dtype == "bfloat16":
    tolerance = {"rtol": 0.02, "atol": atol}
  np.testing.assert_allclose(
    np.asarray(actual, np.float32),
    np.asarray(expected, np.float32),
    **tolerance,
  )


@pytest.mark.parametrize("inputs,outputs", [(3, 5), (5, 3)])
@DTYPES
def test_gradients_of_products_are_those_of_plain_ones(inputs, outputs, dtype):
  x = jnp.asarray(normal(2, 4, inputs), dtype)
  w = jnp.asarray(normal(inputs, outputs), dtype)
  weights = normal(2, 4, outputs)

  def our_loss(x, w):
    return (matmul(x, w, jnp.float32) * weights).sum()

  def plain_loss(x, w):
    product = jnp.matmul(x, w, preferred_element_type=jnp.float32)
    return (product * weights).sum()

  actual = jax.jit(jax.grad(our_loss, argnums=(0, 1)))(x, w)
  expected = jax.jit(jax.grad(plain_loss, argnums=(0, 1)))(x, w)
  for ours, theirs in zip(actual, expected, strict=True):
    assert ours.dtype == theirs.dtype == dtype
    assert_close(ours, theirs, dtype)


@DTYPES
def test_the_gradient_of_a_bias_is_the_sum_over_positions(dtype):
  params = {"w": jnp.asarray(normal(3, 5), dtype), "b": jnp.asarray(normal(5), dtype)}
  x = jnp.asarray(normal(2, 4, 3), dtype)
  weights = normal(2, 4, 5)

  def loss(params):
    return (nn.dense(params, x) * weights).sum()

  gradient = jax.jit(jax.grad(loss))(params)["b"]
  assert gradient.dtype == dtype
  assert_close(gradient, weights.sum((0, 1)), dtype, atol=0.05)


def test_materialising_changes_neither_value_nor_gradient():
  x = jnp.arange(6.0).reshape(2, 3)

  def plain_loss(x):
    return jnp.sum(jnp.sin(x) * x)

  def our_loss(x):
    return jnp.sum(jnp.sin(materialize_grad(x)) * x)

  value, gradient = jax.jit(jax.value_and_grad(our_loss))(x)
  expected_value, expected_gradient = jax.value_and_grad(plain_loss)(x)
  np.testing.assert_allclose(value, expected_value, rtol=1e-6)
  np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-6)


@pytest.mark.parametrize("position", [(0, 0), (1, 2)])
def test_a_materialised_gradient_keeps_its_nans(position):
  x = jnp.arange(6.0).reshape(2, 3)
  weights = jnp.zeros_like(x).at[position].set(jnp.nan)

  def loss(x):
    return jnp.sum(materialize_grad(x) * weights)

  assert np.isnan(jax.jit(jax.grad(loss))(x)[position])
