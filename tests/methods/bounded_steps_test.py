"""Logistic losses and gradients against finite differences; the bound on the step of a row."""

import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.methods import bounded_steps


def test_gradients_equal_finite_differences():
  rng = np.random.default_rng(0)
  inputs, outputs, weight = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.random((3, 5))
  target = (rng.random((3, 5)) < 0.5).astype(float)

  def loss(inputs, outputs):
    x = inputs @ outputs.T
    return np.sum(weight * (np.log1p(np.exp(x)) - target * x))

  single = [jnp.asarray(array, jnp.float32) for array in (inputs, outputs, weight, target)]
  total, (input_grad, _), (output_grad, _) = bounded_steps.logistic(*single)
  assert float(total) == pytest.approx(loss(inputs, outputs), rel=1e-5)
  for side, grad in ((0, input_grad), (1, output_grad)):
    vectors = [inputs, outputs]
    for index in np.ndindex(vectors[side].shape):
      moved = [array.copy() for array in vectors]
      moved[side][index] += 1e-5
      difference = (loss(*moved) - loss(*vectors)) / 1e-5
      assert float(grad[index]) == pytest.approx(difference, rel=1e-3, abs=1e-4)


def test_a_step_below_the_bound_lowers_the_loss_of_a_row():
  """Also where a Newton step would not: confident and wrong, where the curvature is almost zero."""
  rng = np.random.default_rng(1)
  outputs = jnp.asarray(rng.normal(size=(6, 4)), jnp.float32)
  target = jnp.asarray(rng.random((1, 6)) < 0.5, jnp.float32)
  for scale in (0.01, 1.0, 30.0):
    row = jnp.asarray(scale * rng.normal(size=(1, 4)), jnp.float32)
    before, (grad, bound), _ = bounded_steps.logistic(row, outputs, jnp.ones((1, 6)), target)
    for share in (0.5, 1.0, 1.99):
      after = bounded_steps.logistic(
        row - share / bound[0] * grad, outputs, jnp.ones((1, 6)), target
      )[0]
      assert float(after) < float(before)


def test_a_step_is_plain_where_rare_and_bounded_where_frequent():
  table = jnp.zeros((3, 2))
  grads = jnp.array([[1.0, 0], [0, 2.0], [0, 2.0], [5.0, 5.0]])
  rows = bounded_steps.RowGradients(
    jnp.array([1, 2, 2, 0]), grads, jnp.array([1e-9, 500.0, 500.0, 7.0])
  )
  moved = np.asarray(bounded_steps.bounded_step(table, [rows], 0.1))
  np.testing.assert_allclose(
    moved, [[-0.1, 0], [0, -0.1 * 4 / np.sqrt(1 + (0.1 * 1000 / 2) ** 2)], [0, 0]], rtol=1e-5
  )
