"""Multinomial logistic regression by L-BFGS, as a baseline on the mean word vector of each text.

Objective: minimise over W and b

    sum_n -log softmax(W' x_n + b)_target_n + l2 / 2 |W|^2,

with a bias that is not regularised. It is convex, so the minimum does not depend on the start.
"""

from typing import NamedTuple

import numpy as np


class Logistic(NamedTuple):
  """A linear classifier of D features into C classes."""

  w: np.ndarray  # [D, C]
  b: np.ndarray  # [C]


def fit(x: np.ndarray, target: np.ndarray, num_classes: int, *, l2: float = 1.0) -> Logistic:
  """Returns the classifier that minimises the objective, in float64.

  L-BFGS (Liu & Nocedal 1989) runs until the gradient is small.

  Args:
    x: [N, D] features, an array or a sparse one.
    target: [N] integers below `num_classes`.
    num_classes: C.
    l2: the strength of the regularisation.
  """
  import scipy.optimize  # imported late: they take longer than the rest of this module
  import scipy.sparse
  if not scipy.sparse.issparse(x):
    x = np.asarray(x, np.float64)
  size, dim = x.shape
  one_hot = np.eye(num_classes)[target]

  def unflatten(flat):
    w = flat[:-num_classes].reshape(dim, num_classes)
    return Logistic(w=w, b=flat[-num_classes:])

  def mean_loss_and_gradient(flat):
    model = unflatten(flat)
    log_p = log_probabilities(model, x)
    errors = np.exp(log_p) - one_hot  # [N, C]
    ridge = l2 / 2 * (model.w * model.w).sum()
    loss = -(one_hot * log_p).sum() + ridge
    w_gradient = x.T @ errors + l2 * model.w
    gradient = np.concatenate([w_gradient.ravel(), errors.sum(0)])
    return loss / size, gradient / size

  solution = scipy.optimize.minimize(
    mean_loss_and_gradient,
    np.zeros((dim + 1) * num_classes),
    jac=True,
    method="L-BFGS-B",
    options={"maxiter": 2000, "gtol": 1e-5, "ftol": 1e-9},
  )
  return unflatten(solution.x)


def log_probabilities(model: Logistic, x: np.ndarray) -> np.ndarray:
  """Returns the log probabilities of all classes, [N, C], for features x [N, D]."""
  return log_softmax(x @ model.w + model.b)


def log_softmax(logits: np.ndarray) -> np.ndarray:
  """Returns the logarithm of the softmax over the last axis: [N, C] -> [N, C]."""
  shifted = logits - logits.max(1, keepdims=True)
  total = np.exp(shifted).sum(1, keepdims=True)
  return shifted - np.log(total)
