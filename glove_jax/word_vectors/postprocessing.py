"""Postprocessing of word vectors: mean-centring and "all but the top"."""

import numpy as np

DIMENSIONS_PER_COMPONENT = 100  # Mu & Viswanath 2018, sec. 2.2: about D / 100 components


def center(vectors: np.ndarray) -> np.ndarray:
  """Returns vectors [V, D] minus their mean."""
  return (vectors - vectors.mean(0, dtype=np.float64)).astype(np.float32)


def all_but_the_top(vectors: np.ndarray, num_components: int | None = None) -> np.ndarray:
  """Removes the mean and the projections on the first principal components.

  Mu & Viswanath 2018, "All-but-the-Top: Simple and Effective Postprocessing for Word
  Representations", algorithm 1.

  Args:
    vectors: [V, D].
    num_components: how many components; None: D / 100, at least one.

  Returns:
    [V, D] float32.
  """
  dim = vectors.shape[1]
  if num_components is None:
    num_components = max(1, round(dim / DIMENSIONS_PER_COMPONENT))
  centered = center(vectors)
  covariance = np.zeros((dim, dim))
  step = 1 << 16
  for start in range(0, len(centered), step):
    rows = centered[start : start + step].astype(np.float64)
    covariance += rows.T @ rows
  _, directions = np.linalg.eigh(covariance)  # ascending
  top = directions[:, dim - num_components :].astype(np.float32)  # [D, components]
  return centered - (centered @ top) @ top.T
