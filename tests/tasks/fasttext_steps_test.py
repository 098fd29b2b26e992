"""The step of one text against the program's, and the bounds of longer ones."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import parallel
from glove_jax.tasks import fasttext_losses, fasttext_steps
from glove_jax.tasks.fasttext_losses import LossTerms

C, D = 4, 5


def changes(table, output, mean, loss_terms, rate):
  """What one update adds to the table and to the output, on one device."""

  def run(_, arrays):
    return fasttext_steps.bounded_step(*arrays, loss_terms, rate)[0]

  arrays = jax.tree.map(lambda array: jnp.asarray(array, jnp.float32)[None], (table, output, mean))
  step = jax.pmap(run, axis_name=parallel.AXIS, in_axes=(None, 0), devices=jax.devices()[:1])(
    0, arrays
  )
  return np.asarray(step.rows[0]), np.asarray(step.output[0])


def one_label(targets):
  return fasttext_losses.Labels(jnp.asarray(targets), has_label=jnp.ones((len(targets), 1)))


def test_an_update_of_one_text_is_the_programs_step():
  """Each of n rows moves by -rate / n times the hidden gradient, the output by -rate times its."""
  rng, rate = np.random.default_rng(1), 1e-3
  table, output = rng.normal(size=(4, D)), rng.normal(size=(C, D))
  mean, targets = np.array([[0.25, 0.5, 0.25, 0.0]]), np.eye(C)[[1]]
  hidden = mean @ table
  chance = np.exp(hidden @ output.T) / np.exp(hidden @ output.T).sum()
  expected = -rate * mean.T @ ((chance - targets) @ output), -rate * (chance - targets).T @ hidden

  def loss_terms(logits):
    return fasttext_losses.softmax(logits, one_label(targets), ())

  for one, two in zip(changes(table, output, mean, loss_terms, rate), expected, strict=True):
    np.testing.assert_allclose(one, two, rtol=1e-2, atol=1e-7)


@pytest.mark.parametrize("rate", [0.1, 10.0, 1e5])
@pytest.mark.parametrize("texts", [1, 3, 40])
def test_no_step_of_either_table_overshoots(texts, rate):
  """The bounds are of quadratic losses: on one, each table's step goes downhill all the way."""
  rng = np.random.default_rng(texts)
  table, output = rng.normal(size=(12, D)), rng.normal(size=(C, D))
  mean = rng.dirichlet(np.full(12, 0.3), texts)
  targets, steepness = rng.normal(size=(texts, C)), rng.uniform(0.2, 3, (texts, C))

  def loss_terms(logits):
    error = logits - targets
    return LossTerms((steepness * error**2).sum(1) / 2, steepness * error, steepness)

  def loss(table, output):
    return float(loss_terms(mean @ table @ output.T).loss.sum())

  rows_step, output_step = changes(table, output, mean, loss_terms, rate)
  sizes = np.linspace(0, 1, 6)  # shares of the step
  for losses in (
    [loss(table + size * rows_step, output) for size in sizes],
    [loss(table, output + size * output_step) for size in sizes],
  ):
    assert np.all(np.diff(losses) < 1e-5 * losses[0]), losses
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("loss", ["softmax", "one_against_all"])
def test_a_certain_and_wrong_prediction_takes_a_step_of_limited_length(loss):
  table, output = np.ones((1, D)), np.zeros((C, D))
  output[0] = 10  # the logits are 50, 0, 0, 0
  labels = one_label(np.eye(C)[[1]])

  def loss_terms(logits):
    return getattr(fasttext_losses, loss)(logits, labels, ())

  rows_step, output_step = changes(table, output, np.ones((1, 1)), loss_terms, 1e6)
  for moved in ((table + rows_step) @ output.T, table @ (output + output_step).T):
    logit = moved[0, 0]
    assert 50 - 33 < logit < 50 - 20
