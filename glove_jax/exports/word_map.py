"""Places words on a plane by principal component analysis."""

import numpy as np

from glove_jax.word_vectors import normalize_rows

_ROWS_PER_BLOCK = 1 << 14
_MAX_ROWS = 50_000  # that the components are computed of


def project(vectors: np.ndarray) -> np.ndarray:  # [V, D] -> [V, 2]
  """Returns the first two principal components of the unit vectors, those of the first 50,000.

  Memory beside the vectors is that of a block of rows. The larger part of each component's weights
  is positive, so that the map does not depend on the solver.
  """
  mean, axes = _components(vectors[:_MAX_ROWS])
  origin = mean @ axes
  axes = axes.astype(np.float32)
  points = np.zeros((len(vectors), 2), np.float32)
  for start in range(0, len(vectors), _ROWS_PER_BLOCK):
    block = slice(start, start + _ROWS_PER_BLOCK)
    points[block, : axes.shape[1]] = normalize_rows(vectors[block]) @ axes - origin
  return points


def _components(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # [V, D] -> [D], [D, 2]
  """Returns the mean of the unit vectors, and their two axes of largest variance."""
  num_words, dim = vectors.shape
  total = np.zeros(dim)
  squares = np.zeros((dim, dim))
  for start in range(0, num_words, _ROWS_PER_BLOCK):
    units = normalize_rows(vectors[start : start + _ROWS_PER_BLOCK])
    total += units.sum(axis=0, dtype=np.float64)
    squares += units.T @ units
  mean = total / num_words
  covariance = squares / num_words - np.outer(mean, mean)
  _, components = np.linalg.eigh(covariance)  # eigenvalues ascend
  axes = components[:, : -3 if dim > 2 else None : -1]  # [D, 2], or [1, 1]
  return mean, axes * np.where(axes.sum(axis=0) < 0, -1, 1)
