"""Batches of the counts among the most frequent words, as rows of a dense matrix.

A third or more of these counts are not zero, so that matrix products take less time than gathering
the columns of each non-zero count.
"""

import numpy as np

from glove_jax.data.counts import record_batches
from glove_jax.data.counts.cooccurrence import Store
from glove_jax.data.counts.packed_rows import Chunks, RowBatch, RowBatches
from glove_jax.shares import WHOLE, Share

_CHUNK_ROWS = 32  # with 8,192 columns they take 1 MB
_BATCH_CELLS = 1 << 22  # about as many cells of the matrix in a batch


def dense_counts(
  store: Store, num_words: int, *, seed: int = 0, held_out: float = 0.0, dtype: type = np.float32
) -> np.ndarray:
  """Returns the counts among the first words, [m, m].

  Args:
    store: the counts.
    num_words: m, at most the size of the vocabulary.
    seed: the seed of the held-out pairs.
    held_out: the fraction of pairs to leave out (`record_batches.is_held_out`): they count as zero.
    dtype: of the result; the counts are float64.
  """
  dense = np.zeros((num_words, num_words), dtype)
  for row in range(num_words):
    entries = slice(*store.indptr[row : row + 2].tolist())
    cols = store.cols[entries]  # ascending
    cols = cols[: np.searchsorted(cols, num_words)]
    counts = store.counts[entries][: len(cols)]
    if held_out:
      rows = np.full(len(cols), row, np.int32)
      left_out = record_batches.is_held_out(rows, cols, store.vocab_size, seed, held_out)
      counts = np.where(left_out, 0, counts)
    dense[row, cols] = counts
  return dense


def dense_batches(words: np.ndarray, contexts: np.ndarray) -> RowBatches:
  """Returns batches of the rows of dense matrices of counts.

  Their chunks have no `cols`, for they have all columns, and no `tile_row`, for a tile is a row.

  Args:
    words: the counts with a row for each word, [m, m] float32.
    contexts: with a row for each context, the transpose; the same array for symmetric counts.
  """
  counts = (words, contexts)
  size = len(words)
  chunks_per_batch = _chunks_per_batch(size)
  batch_rows = _CHUNK_ROWS * chunks_per_batch
  steps_per_half = steps_per_sweep(size) // 2

  def batch(step: int, share: Share = WHOLE) -> RowBatch:
    side, step_in_half = divmod(step % (2 * steps_per_half), steps_per_half)
    rows = slice(step_in_half * batch_rows, (step_in_half + 1) * batch_rows)
    numbers = np.arange(1, size + 1, dtype=np.int32)[rows]
    values = counts[side][rows]
    missing = batch_rows - len(numbers)
    if missing:
      numbers = np.pad(numbers, (0, missing))
      values = np.pad(values, [(0, missing), (0, 0)])
    shape = (chunks_per_batch, _CHUNK_ROWS)
    numbers = numbers.reshape(shape)
    values = values.reshape(*shape, size)
    chunks = Chunks(
      cols=None,
      counts=share.take(values, chunks_per_batch),
      tile_row=None,
      row=share.take(numbers, chunks_per_batch),
    )
    own = len(chunks.row)
    return RowBatch(
      chunks=chunks,
      side=np.full(own, side, np.int32),
      first=np.full(own, step_in_half == 0),
      last=np.full(own, step_in_half == steps_per_half - 1),
    )

  return RowBatches(batch, 2 * steps_per_half)


def steps_per_sweep(num_words: int) -> int:
  """Returns the number of batches of a sweep over the words and the contexts."""
  return 2 * -(-num_words // (_CHUNK_ROWS * _chunks_per_batch(num_words)))


def _chunks_per_batch(num_words: int) -> int:
  rows = min(_BATCH_CELLS // num_words, num_words)
  return max(1, -(-rows // _CHUNK_ROWS))
