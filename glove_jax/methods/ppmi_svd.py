"""Word vectors without training: the singular vectors of positive pointwise mutual information.

The baseline of Levy, Goldberg & Dagan (2015), with the settings that they found to matter.

Model. With P(w, c), P(w) and P(c) the relative frequencies of pairs, words and contexts, P_a(c)
proportional to P(c)^a (context distribution smoothing, sec. 3.2), and k the shift,

    PPMI[w, c] = max(0, log(P(w, c) / (P(w) P_a(c))) - log k).

The word vectors are U S^power, from the truncated singular value decomposition U S V' of this
matrix (sec. 3.3). There is no update.

Shapes: V words; D dimensions.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from glove_jax.data.counts.cooccurrence import Store
from glove_jax.errors import InputError
from glove_jax.progress import ignore

_BLOCK = 1 << 22  # counts processed at a time


class _RowBlock(NamedTuple):
  """Some consecutive rows of the counts, and where their counts are in the store."""

  rows: range
  positions: slice


def ppmi_svd(
  store: Store,
  dim: int,
  *,
  shift: float = 1.0,
  context_smoothing: float = 0.75,
  power: float = 0.5,
  seed: int = 0,
  advance: Callable[[int], None] = ignore,
) -> np.ndarray:
  """Returns the word vectors U S^power, [V, D] float32, columns by falling singular value.

  A word without any positive entry has a vector of zeros.

  Args:
    store: the co-occurrence counts.
    dim: D, below V.
    shift, context_smoothing: as for `ppmi`.
    power: the exponent of the singular values: 1 is the plain decomposition; the paper finds 0.5
      and 0 better.
    seed: of the start of the iteration; it only affects signs and rounding.
    advance: called with the number of products of the matrix and a vector since the last call; see
      `expected_products`.

  Raises:
    InputError: for settings out of range, or if no entry is positive.
  """
  _check(store, dim, power)
  matrix = ppmi(store, shift=shift, context_smoothing=context_smoothing)
  if not matrix.nnz:
    raise InputError(
      f"No two words co-occur {shift:g} times as often as by chance, expected a smaller shift."
    )
  left, values = _truncated_svd(matrix, dim, seed, advance)
  # Beyond the rank of the matrix, the directions are arbitrary.
  weights = np.where(values > 1e-5 * values[0], values**power, 0)
  left[np.diff(matrix.indptr) == 0] = 0
  return (left * weights).astype(np.float32)


def _check(store: Store, dim: int, power: float) -> None:
  """Raises InputError for a dimension or a power out of range."""
  if not 0 < dim < store.vocab_size:
    size = f"{store.vocab_size:,}"
    raise InputError(f"dim is {dim}, expected from 1 to below the {size} words of the vocabulary.")
  if not power >= 0:
    raise InputError(f"power is {power:g}, expected 0 or more.")


def expected_products(dim: int) -> int:
  """Returns about how many products of the matrix and a vector the decomposition takes."""
  # Of the size of ARPACK's subspace: counts of Wikipedia took 87, 181 and 356 products at dim=20,
  # 50 and 100.
  return int(1.7 * max(2 * dim + 1, 20)) + 15


def _truncated_svd(
  matrix: scipy.sparse.csr_array, dim: int, seed: int, advance: Callable[[int], None]
) -> tuple[np.ndarray, np.ndarray]:
  """Returns the first `dim` left singular vectors, [V, D], and values, [D], in falling order."""
  # svds(matrix) would copy the matrix for its products with the transpose.
  transposed = matrix.T

  def multiply(vector: np.ndarray) -> np.ndarray:
    advance(1)
    return matrix.dot(vector)

  operator = scipy.sparse.linalg.LinearOperator(
    matrix.shape,
    matvec=multiply,
    rmatvec=transposed.dot,
    matmat=matrix.dot,
    rmatmat=transposed.dot,
    dtype=matrix.dtype,
  )
  start = np.random.default_rng(seed).normal(size=matrix.shape[0]).astype(np.float32)
  # ARPACK is exact, in the time that a randomised decomposition takes for an approximation.
  left, values, _ = scipy.sparse.linalg.svds(
    operator,
    dim,
    v0=start,
    return_singular_vectors="u",
  )
  return left[:, ::-1], values[::-1]


def ppmi(
  store: Store, *, shift: float = 1.0, context_smoothing: float = 0.75
) -> scipy.sparse.csr_array:
  """Returns the positive entries of the shifted PPMI matrix: [V, V] float32.

  Takes 8 bytes an entry besides the store, whose counts are read twice.

  Args:
    store: counts X[w, c]: rows are words, columns contexts.
    shift: k, which has the effect of k negative samples (sec. 3.2; Levy & Goldberg 2014).
    context_smoothing: the exponent a; 1 for none.

  Raises:
    InputError: if `shift` or `context_smoothing` is out of range.
  """
  if not shift > 0:
    raise InputError(f"shift is {shift:g}, expected more than 0; 1 is no shift.")
  if not 0 < context_smoothing <= 1:
    raise InputError(
      f"context_smoothing is {context_smoothing:g}, expected more than 0, up to 1."
    )
  scale = _inverse_context_probability(store, context_smoothing) / shift
  # Memory that is never written is never allocated: these take the size of what is positive.
  values = np.empty(store.nonzeros, np.float32)
  cols = np.empty(store.nonzeros, np.int32)
  lengths = np.zeros(store.vocab_size + 1, np.int64)
  end = 0
  for block in _row_blocks(store):
    row, col, ratio = _positive_ratios(store, block, scale)
    start = end
    end = start + len(ratio)
    np.log(ratio.astype(np.float32), out=values[start:end])
    cols[start:end] = col
    first = block.rows.start + 1
    lengths[first : block.rows.stop + 1] = np.bincount(row, minlength=len(block.rows))
  # SciPy would copy the columns to the type of the row pointers, if that were larger.
  indptr = np.cumsum(lengths, dtype=np.int32 if end < 2**31 else np.int64)
  shape = (store.vocab_size, store.vocab_size)
  return scipy.sparse.csr_array((values[:end], cols[:end], indptr), shape=shape)


def _positive_ratios(store: Store, block: _RowBlock, scale: np.ndarray):
  """Returns (row in the block, column, P(w, c) / (P(w) P_a(c) k)) of the ratios above 1."""
  rows, positions = block
  lengths = np.diff(store.indptr[rows.start : rows.stop + 1])
  row = np.repeat(np.arange(len(rows)), lengths)
  col = store.cols[positions]
  counts = store.counts[positions]
  ratio = counts * scale[col] / np.bincount(row, counts, len(rows))[row]
  positive = ratio > 1
  return row[positive], col[positive], ratio[positive]


def _inverse_context_probability(store: Store, context_smoothing: float) -> np.ndarray:
  """Returns 1 / P_a(c) of each context, [V]; 0 for one that does not occur."""
  mass = np.zeros(store.vocab_size)
  for _, positions in _row_blocks(store):
    mass += np.bincount(store.cols[positions], store.counts[positions], store.vocab_size)
  mass **= context_smoothing
  return np.divide(mass.sum(), mass, out=np.zeros_like(mass), where=mass > 0)


def _row_blocks(store: Store) -> Iterator[_RowBlock]:
  """Yields all rows in blocks of at least one row, and of at most `_BLOCK` counts if more."""
  start = 0
  while start < store.vocab_size:
    first = store.indptr[start]
    stop = int(np.searchsorted(store.indptr, first + _BLOCK, side="right")) - 1
    stop = max(start + 1, stop)
    yield _RowBlock(range(start, stop), slice(int(first), int(store.indptr[stop])))
    start = stop
