"""The step of one text against the program's, and the line search."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import parallel
from glove_jax.tasks import fasttext_losses, fasttext_steps

C, D = 4, 5


def test_an_update_of_one_text_is_the_programs_step():
  """Each of n rows moves by -rate / n times the hidden gradient, the output by -rate times its."""
  rng, rate = np.random.default_rng(1), 1e-3
  table, output = rng.normal(size=(4, D)), rng.normal(size=(C, D))
  mean, targets = np.array([[0.25, 0.5, 0.25, 0.0]]), np.eye(C)[[1]]
  hidden = mean @ table
  chance = np.exp(hidden @ output.T) / np.exp(hidden @ output.T).sum()
  expected = -rate * mean.T @ ((chance - targets) @ output), -rate * (chance - targets).T @ hidden

  def run(_, arrays):
    return fasttext_steps.bounded_step(
      *arrays, lambda logits: fasttext_losses.softmax(logits, jnp.asarray(targets), ()), rate
    )[0]

  arrays = jax.tree.map(lambda array: jnp.asarray(array, jnp.float32)[None], (table, output, mean))
  changes = jax.pmap(run, axis_name=parallel.AXIS, in_axes=(None, 0), devices=jax.devices()[:1])(
    0, arrays
  )
  for one, two in zip(changes, expected, strict=True):
    np.testing.assert_allclose(one[0], two, rtol=1e-2, atol=1e-7)


@pytest.mark.parametrize("minimum, expected", [(1.0, 1.0), (0.3, 0.5), (0.1, 0.125), (-1.0, 0.0)])
def test_the_step_is_halved_until_the_loss_does_not_increase(minimum, expected):
  """On a parabola, steps up to twice the distance to its minimum do not increase the loss."""

  def loss_after(size):
    return (size - minimum) ** 2

  size = fasttext_steps._step_size(loss_after, loss_after(0.0))
  assert float(size) == expected
