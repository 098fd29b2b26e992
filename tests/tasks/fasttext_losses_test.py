"""Losses and derivatives against brute force, label by label, and finite differences."""

import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.data.windows import huffman
from glove_jax.tasks import fasttext_losses

C = 4
COUNTS = np.array([9, 5, 2, 1])
LOSSES = {
  "softmax": fasttext_losses.softmax,
  "ova": fasttext_losses.one_against_all,
  "hs": fasttext_losses.hierarchical,
}
PATHS = {"softmax": (), "ova": (), "hs": fasttext_losses.huffman_paths(COUNTS)}


def plain(loss, logits, labels):
  """The loss of one text in float64, label by label."""

  def logistic(x, target):
    return -np.log(1 / (1 + np.exp(-x if target else x)))

  if loss == "softmax":
    return np.mean([-np.log(np.exp(logits[label]) / np.exp(logits).sum()) for label in labels])
  if loss == "ova":
    return sum(logistic(logits[label], label in labels) for label in range(C))
  children, total = huffman.huffman(COUNTS.tolist()), 0.0
  for label in labels:
    node = label
    while node < 2 * C - 2:
      parent = next(number for number, pair in enumerate(children) if node in pair)
      total += logistic(logits[parent], children[parent][1] == node)
      node = parent + C
  return total / len(labels)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_and_gradients_are_those_of_brute_force(loss):
  rng = np.random.default_rng(0)
  logits, labels = rng.normal(size=(4, C)), [(0,), (3,), (1, 2), ()]
  shares = np.zeros((4, C), np.float32)
  for row, text_labels in enumerate(labels[:3]):
    shares[row, list(text_labels)] = 1 / len(text_labels)
  terms = LOSSES[loss](
    jnp.asarray(logits, jnp.float32),
    fasttext_losses.Labels(jnp.asarray(shares), has_label=jnp.array([[1.0], [1.0], [1.0], [0.0]])),
    jnp.asarray(PATHS[loss]),
  )
  for row, text_labels in enumerate(labels[:3]):
    assert float(terms.loss[row]) == pytest.approx(plain(loss, logits[row], text_labels), rel=1e-5)
    for column in range(C):
      up, down = logits[row].copy(), logits[row].copy()
      up[column], down[column] = up[column] + 1e-4, down[column] - 1e-4
      values = [plain(loss, each, text_labels) for each in (up, logits[row], down)]
      assert float(terms.gradient[row, column]) == pytest.approx(
        (values[0] - values[2]) / 2e-4, abs=1e-5
      )
      assert float(terms.hessian_diagonal[row, column]) == pytest.approx(
        (values[0] - 2 * values[1] + values[2]) / 1e-8, abs=1e-4
      )
  for array in (
    terms.loss[3],
    terms.gradient[3],
    terms.hessian_diagonal[3],
  ):  # padding pulls nothing
    np.testing.assert_array_equal(array, 0)
