"""Norms and cosines of rows, in blocks whose memory is bounded."""

import numpy as np

_BLOCK_FLOATS = 1 << 22  # of a matrix that is copied in double precision at a time


def normalize_rows(matrix: np.ndarray) -> np.ndarray:
  """Divides the rows of a matrix [N, D] by their norms; all-zero rows stay zero."""
  norms = np.linalg.norm(matrix, axis=1, keepdims=True)
  return matrix / np.where(norms > 0, norms, 1)


def row_norms(matrix: np.ndarray) -> np.ndarray:
  """Returns the Euclidean norms [N] of rows [N, D]; 1 for an all-zero row.

  Squares are summed in double precision, where those of large numbers do not overflow.
  """
  norms = np.empty(len(matrix), np.float32)
  step = max(1, _BLOCK_FLOATS // max(1, matrix.shape[1]))
  for start in range(0, len(matrix), step):
    rows = matrix[start : start + step].astype(np.float64)
    squares = np.einsum("nd,nd->n", rows, rows)
    norms[start : start + step] = np.sqrt(np.where(squares > 0, squares, 1))
  return norms


def cosines(vectors: np.ndarray, norms: np.ndarray, units: np.ndarray) -> np.ndarray:
  """Returns the cosines [N, Q] of rows [N, D] with norms [N] and of unit vectors [Q, D]."""
  if len(units) < vectors.shape[1]:  # whichever has fewer numbers is divided
    scores = vectors @ units.T
    scores /= norms[:, None]
    return scores
  return (vectors / norms[:, None]) @ units.T
