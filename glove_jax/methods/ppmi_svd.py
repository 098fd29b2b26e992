"""Counts without training: positive pointwise mutual information, and its largest singular vectors.

The baseline of Levy, Goldberg & Dagan (2015), with the settings that they found to matter.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from glove_jax.data.counts.cooccurrence import Store
from glove_jax.errors import InputError

_BLOCK = 1 << 22  # counts worked on at a time


def ppmi_svd(
  store: Store, dim: int, *, shift: float = 1.0, smoothing: float = 0.75, power: float = 0.5, seed: int = 0
) -> np.ndarray:
  """Word vectors U S^power from the singular value decomposition U S V' of the PPMI matrix: [V, D] float32.

  Columns come by falling singular value. A word without any positive entry has a vector of zeros.

  Args:
    store, shift, smoothing: as for `ppmi`.
    dim: D, below V.
    power: how much singular values weigh (sec. 3.3): 1 is the plain decomposition; the paper finds 0.5 and 0 better.
    seed: of the vector that the iteration starts from. It decides about signs, and rounding, and nothing else.

  Raises:
    InputError: a setting makes no sense, or no entry is positive.
  """
  if not 0 < dim < store.vocab_size:
    raise InputError(f"dim is {dim}, expected from 1 to below the {store.vocab_size:,} words of the vocabulary.")
  if not power >= 0:
    raise InputError(f"power is {power:g}, expected 0 or more.")
  matrix = ppmi(store, shift=shift, smoothing=smoothing)
  if not matrix.nnz:
    raise InputError(f"No two words meet {shift:g} times as often as by chance; expected a smaller shift.")
  # svds(matrix) would copy the matrix for its products with the transpose.
  transposed = matrix.T
  operator = scipy.sparse.linalg.LinearOperator(
    matrix.shape, matvec=matrix.dot, rmatvec=transposed.dot, matmat=matrix.dot, rmatmat=transposed.dot,
    dtype=matrix.dtype)
  start = np.random.default_rng(seed).normal(size=store.vocab_size).astype(np.float32)
  # ARPACK finds all of them exactly, in the time that a randomised decomposition takes to come close.
  left, values, _ = scipy.sparse.linalg.svds(operator, dim, v0=start, return_singular_vectors="u")
  left, values = left[:, ::-1], values[::-1]
  weights = np.where(values > 1e-5 * values[0], values**power, 0)  # beyond the rank, directions are arbitrary
  left[np.diff(matrix.indptr) == 0] = 0
  return (left * weights).astype(np.float32)


def ppmi(store: Store, *, shift: float = 1.0, smoothing: float = 0.75) -> scipy.sparse.csr_array:
  """max(0, log(P(w, c) / (P(w) P_a(c))) - log shift) of all counts, the positive entries alone: [V, V] float32.

  P_a(c) is proportional to the count of c to the power of `smoothing` (sec. 3.2 there). Takes 8 bytes an entry besides
  the store, whose counts are read twice.

  Args:
    store: counts X[w, c]: rows are words, columns contexts.
    shift: k, in place of as many negative samples (sec. 3.2; Levy & Goldberg 2014).
    smoothing: 1 for none.

  Raises:
    InputError: `shift` or `smoothing` makes no sense.
  """
  if not shift > 0:
    raise InputError(f"shift is {shift:g}, expected more than 0; 1 shifts nothing.")
  if not 0 < smoothing <= 1:
    raise InputError(f"smoothing is {smoothing:g}, expected more than 0, up to 1.")
  scale = _context_scale(store, smoothing) / shift
  # Memory that is never written is never taken: these cost what is found, not what is counted.
  values, cols = np.empty(store.nonzeros, np.float32), np.empty(store.nonzeros, np.int32)
  lengths, end = np.zeros(store.vocab_size + 1, np.int64), 0
  for rows, positions in _row_blocks(store):
    row = np.repeat(np.arange(len(rows)), np.diff(store.indptr[rows.start : rows.stop + 1]))
    col, counts = store.cols[positions], store.counts[positions]
    ratio = counts * scale[col] / np.bincount(row, counts, len(rows))[row]
    positive = ratio > 1
    start, end = end, end + np.count_nonzero(positive)
    np.log(ratio[positive].astype(np.float32), out=values[start:end])
    cols[start:end] = col[positive]
    lengths[rows.start + 1 : rows.stop + 1] = np.bincount(row[positive], minlength=len(rows))
  # Of one type with the columns, or SciPy would copy these.
  indptr = np.cumsum(lengths, dtype=np.int32 if end < 2**31 else np.int64)
  return scipy.sparse.csr_array((values[:end], cols[:end], indptr), shape=(store.vocab_size,) * 2)


def _context_scale(store: Store, smoothing: float) -> np.ndarray:
  """1 / P_a(c) of each context: [V]; 0 for one that does not occur."""
  mass = np.zeros(store.vocab_size)
  for _, positions in _row_blocks(store):
    mass += np.bincount(store.cols[positions], store.counts[positions], store.vocab_size)
  mass **= smoothing
  return np.divide(mass.sum(), mass, out=np.zeros_like(mass), where=mass > 0)


def _row_blocks(store: Store) -> Iterator[tuple[range, slice]]:
  """(rows, the positions of their counts) until all rows have come: of a row at least, of `_BLOCK` counts at most."""
  start = 0
  while start < store.vocab_size:
    stop = int(np.searchsorted(store.indptr, store.indptr[start] + _BLOCK, side="right")) - 1
    stop = max(start + 1, stop)
    yield range(start, stop), slice(int(store.indptr[start]), int(store.indptr[stop]))
    start = stop
