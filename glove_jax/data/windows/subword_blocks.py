"""Blocks of text with the subwords of their words, as fastText learns from them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import ngrams
from glove_jax.data.windows.blocks import WindowBatch, WindowBatches

# The subwords of an update are padded to a multiple of this, and of about a 24th of their number:
# few shapes, little padding.
_PADDING_MULTIPLE = 2048


class SubwordWindowBatch(NamedTuple):
  """A `WindowBatch`, and for each update the P table rows that its distinct words consist of.

  Arrays of P are split across devices like those of B: all blocks of an update share them.
  """

  blocks: WindowBatch
  word_index: np.ndarray  # [B, U, S] int32, 1 + index among the update's distinct words; 0: padding
  rows: np.ndarray   # [P, U] int32, 1 + row of the table, ascending; 0, at the end: padding
  owner: np.ndarray  # [P, U] int32, index of the distinct word that each row belongs to
  same: np.ndarray   # [P, U] int32, the first position in P that holds the same row


class WordRows(NamedTuple):
  """The table rows of each word: `ids[indptr[i] : indptr[i + 1]]`, its word row first.

  Rows 0 to V - 1 of the table are the words; the n-gram buckets follow.
  """

  indptr: np.ndarray  # [V + 1] int64
  ids: np.ndarray     # [N] int32


class _UpdateRows(NamedTuple):
  """The arrays of a `SubwordWindowBatch` for one update, without padding."""

  word_index: np.ndarray  # [B, S]
  rows: np.ndarray   # [P]
  owner: np.ndarray  # [P]
  same: np.ndarray   # [P]


def word_rows(words: tuple[str, ...], min_n: int, max_n: int, buckets: int) -> WordRows:
  """Returns each word's row and those of its character n-grams (Bojanowski et al. 2017, sec. 3.2).

  Args:
    words: the V words of the vocabulary.
    min_n, max_n: lengths of the n-grams, in characters.
    buckets: rows that n-grams are hashed to, by fastText's hash.
  """
  indptr, ngram_ids = ngrams.table(words, min_n, max_n, buckets)
  num_words = len(words)
  word_ids = np.arange(num_words, dtype=np.int32)
  return WordRows(
    indptr=indptr + np.arange(num_words + 1),
    ids=np.insert(ngram_ids + np.int32(num_words), indptr[:-1], word_ids),
  )


def subword_batches(data: WindowBatches, rows: WordRows, *, margin: int = 0) -> WindowBatches:
  """Returns the same batches with the subwords of their words.

  Args:
    data: batches of a text over the same vocabulary.
    rows: the table rows of each word.
    margin: words at either end of a block that need no subwords; their `word_index` is 0. The
      window size for skip-gram, whose context words have separate vectors.
  """
  def batch(step: int) -> SubwordWindowBatch:
    blocks = data.batch(step)
    updates = [_update_rows(words, rows, margin) for words in blocks.words.swapaxes(0, 1)]
    word_index, table_rows, owner, same = zip(*updates, strict=True)
    size = _padded_size(max(map(len, table_rows)))
    return SubwordWindowBatch(
      blocks=blocks,
      word_index=np.stack(word_index, 1),
      rows=_stack_padded(table_rows, size),
      owner=_stack_padded(owner, size),
      same=_stack_padded(same, size),
    )

  return data._replace(batch=batch)


def _padded_size(size: int) -> int:
  part = 1 << max(0, size.bit_length() - 5)  # a power of two, a 32nd to a 16th of the size
  return size + -size % max(_PADDING_MULTIPLE, part)


def _stack_padded(arrays: Sequence[np.ndarray], size: int) -> np.ndarray:
  padded = [np.pad(array, (0, size - len(array))) for array in arrays]
  return np.stack(padded, 1)


def _update_rows(words: np.ndarray, rows: WordRows, margin: int) -> _UpdateRows:
  """Returns the table rows of the words [B, S] of an update; words are 1 + id, 0 is padding."""
  words = words[:, margin : words.shape[1] - margin]
  distinct, word_index = np.unique(words, return_inverse=True)
  word_index = word_index.reshape(words.shape).astype(np.int32)
  if distinct[0] > 0:  # without padding, index 0 is a word
    word_index += 1
  distinct = distinct[distinct > 0] - 1
  ids, owner = _rows_of_words(distinct, rows)
  # By row, then by word: a large table is read and written twice as fast in the order of memory.
  pairs = np.sort(ids.astype(np.int64) << 32 | owner)
  ids = (pairs >> 32).astype(np.int32)
  owner = pairs.astype(np.int32)
  is_first = np.diff(ids, prepend=0) > 0
  same = np.arange(len(ids), dtype=np.int32) * is_first
  return _UpdateRows(
    word_index=np.pad(word_index, ((0, 0), (margin, margin))),
    rows=ids,
    owner=owner,
    same=np.maximum.accumulate(same),
  )


def _rows_of_words(words: np.ndarray, rows: WordRows) -> tuple[np.ndarray, np.ndarray]:
  """Returns (1 + table row, index in `words`) of each row of these words, [P] int32 both."""
  starts = rows.indptr[words]
  sizes = rows.indptr[words + 1] - starts
  owner = np.repeat(np.arange(len(words), dtype=np.int32), sizes)
  before = np.cumsum(sizes) - sizes
  positions = np.arange(len(owner)) + np.repeat(starts - before, sizes)
  return rows.ids[positions] + np.int32(1), owner
