"""Logistic regression finds the minimum, which is one."""

import numpy as np
import pytest

from glove_jax.tasks import logistic_regression


def test_the_gradient_vanishes_and_weights_are_held_back():
  rng = np.random.default_rng(0)
  x, target = rng.normal(size=(200, 5)) + 3, rng.integers(0, 3, 200)
  x[:, 0] += target
  for l2 in (0.1, 10.0):
    model = logistic_regression.fit(x, target, 3, l2=l2)
    wrong = np.exp(logistic_regression.log_probabilities(model, x)) - np.eye(3)[target]
    np.testing.assert_allclose(x.T @ wrong + l2 * model.w, 0, atol=2e-2)
    np.testing.assert_allclose(wrong.sum(0), 0, atol=2e-2)
  assert np.abs(model.w).sum() < np.abs(logistic_regression.fit(x, target, 3, l2=0.1).w).sum()
  right = logistic_regression.log_probabilities(model, x).argmax(1) == target
  assert right.mean() > 0.5


def test_it_is_scikit_learns():
  sklearn = pytest.importorskip("sklearn.linear_model")
  rng = np.random.default_rng(1)
  x, target = rng.normal(size=(100, 4)), rng.integers(0, 3, 100)
  ours = logistic_regression.fit(x, target, 3, l2=2.0)
  theirs = sklearn.LogisticRegression(C=0.5, tol=1e-8, max_iter=1000).fit(x, target)
  np.testing.assert_allclose(
    np.exp(logistic_regression.log_probabilities(ours, x)), theirs.predict_proba(x), atol=1e-3
  )
