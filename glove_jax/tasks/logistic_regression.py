"""Logistic regression by L-BFGS: on averaged vectors the classic baseline of what vectors know of a text."""

from typing import NamedTuple

import numpy as np


class Logistic(NamedTuple):
  """A linear classifier of C classes."""

  w: np.ndarray  # [D, C]
  b: np.ndarray  # [C]


def fit(x: np.ndarray, target: np.ndarray, num_classes: int, *, l2: float = 1.0) -> Logistic:
  """The weights that minimise  sum_n -log p(target_n | x_n) + l2 / 2 * sum w^2;  the bias is free.

  The minimum is one, whatever the start: L-BFGS (Liu & Nocedal 1989) runs until the gradient is small, in float64.

  Args:
    x: [N, D] features.
    target: [N] integers below `num_classes`.
    l2: how much weights are held back.
  """
  import scipy.optimize  # imported late: it takes longer than all else here
  x, (size, dim) = np.asarray(x, np.float64), x.shape
  wanted = np.zeros((size, num_classes))
  wanted[np.arange(size), target] = 1

  def objective(flat):
    w, b = flat[:-num_classes].reshape(dim, num_classes), flat[-num_classes:]
    log_p = log_softmax(x @ w + b)
    wrong = np.exp(log_p) - wanted
    value = -(wanted * log_p).sum() + l2 / 2 * (w * w).sum()
    return value / size, np.concatenate([(x.T @ wrong + l2 * w).ravel(), wrong.sum(0)]) / size

  found = scipy.optimize.minimize(
    objective, np.zeros((dim + 1) * num_classes), jac=True, method="L-BFGS-B",
    options={"maxiter": 2000, "gtol": 1e-5, "ftol": 1e-9})
  return Logistic(found.x[:-num_classes].reshape(dim, num_classes), found.x[-num_classes:])


def log_probabilities(model: Logistic, x: np.ndarray) -> np.ndarray:
  """log p of each class. x: [N, D] -> [N, C]."""
  return log_softmax(x @ model.w + model.b)


def log_softmax(logits: np.ndarray) -> np.ndarray:
  """logits: [N, C] -> [N, C]."""
  shifted = logits - logits.max(1, keepdims=True)
  return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
