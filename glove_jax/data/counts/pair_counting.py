"""Counts the co-occurring word pairs of one block of text, row by row of the matrix of counts.

The words of the block are sorted, so that the occurrences of a word, whose contexts make up a row,
stand together. The contexts of some thousand occurrences at a time become small integer keys, which
are sorted within the processor's cache; equal pairs are then neighbours. Weights are integers over
a common denominator, so that sums are exact in any order.
"""

import functools
import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from glove_jax.data import external_sort
from glove_jax.errors import InputError

WEIGHTINGS = ("inverse", "flat")

_CONTEXTS = 1 << 17  # contexts that are sorted at a time: their keys stay in the cache
_POSITION_BITS = 32
_POSITION_MASK = (1 << _POSITION_BITS) - 1


class Window(NamedTuple):
  """The context window within which two words of a document co-occur.

  Attributes:
    size: the largest distance between two words that co-occur.
    symmetric: whether to count both directions. Otherwise the context of a word is what stands to
      its left: rows are the words, columns the words to their left.
    weighting: what a pair adds: `inverse` 1 / distance, `flat` 1.
  """

  size: int
  symmetric: bool = True
  weighting: str = "inverse"


class Block(NamedTuple):
  """A block of a stream of ids, preceded by the words whose windows reach into it."""

  number: int
  ids: np.ndarray  # [T] int32; -1 ends a document
  start: int  # pairs whose right word is at `start` or later are new in this block


class Pairs(NamedTuple):
  """Sums of the weights of distinct pairs, ascending by row and then by column."""

  rows: np.ndarray  # [N] int32
  cols: np.ndarray  # [N] int32
  sums: np.ndarray  # [N] int64


class PairCounter(NamedTuple):
  """Which pairs are counted: a pair of words at distance k adds weights[k - 1] / scale."""

  vocab_size: int
  symmetric: bool
  weights: np.ndarray  # [window] int64
  scale: int


def pair_counter(window: Window, vocab_size: int) -> PairCounter:
  """Returns a counter whose weights are exact fractions of one denominator, `scale`.

  The denominator is the least common multiple of the distances up to a window of 22. Beyond that,
  weights are rounded to 2^-31.

  Raises:
    InputError: the window is empty or its weighting unknown.
  """
  if window.size < 1:
    raise InputError(f"window is {window.size}, expected 1 or more.")
  if window.weighting not in WEIGHTINGS:
    expected = ", ".join(WEIGHTINGS)
    raise InputError(f"weighting is {window.weighting!r}, expected one of {expected}.")
  distances = np.arange(1, window.size + 1)
  if window.weighting == "flat":
    scale = 1
    weights = np.ones(window.size, np.int64)
  else:
    scale = min(math.lcm(*distances.tolist()), 2**31)
    weights = np.rint(scale / distances).astype(np.int64)
  return PairCounter(vocab_size, window.symmetric, weights, scale)


def split_blocks(ids: Iterable[np.ndarray], size: int, window: int) -> Iterator[Block]:
  """Cuts a stream of ids into blocks of `size`, each preceded by the last words before it.

  Args:
    ids: arrays of int32 ids in reading order, of any length.
    size: new ids a block; the last may have fewer.
    window: how many words before a block are repeated, at most.
  """
  history = np.zeros(0, np.int32)
  for number, new_ids in enumerate(_rebatch(ids, size)):
    start = len(history)
    block = np.concatenate([history, new_ids])
    history = _visible_history(block, window).copy()
    yield Block(number, block, start)


def _rebatch(arrays: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
  """Yields the same numbers in arrays of `size`; the last may be shorter."""
  pending = []
  missing = size
  for array in arrays:
    while len(array):
      pending.append(array[:missing])
      array = array[missing:]
      missing -= len(pending[-1])
      if not missing:
        batch = np.concatenate(pending)
        pending = []
        missing = size
        yield batch
  if pending:
    yield np.concatenate(pending)


def _visible_history(ids: np.ndarray, window: int) -> np.ndarray:
  """Returns the words that later words can co-occur with: the end of the last document."""
  tail = ids[-window:]
  ends = np.flatnonzero(tail < 0)
  if not len(ends):
    return tail
  return tail[ends[-1] + 1 :]


def count_pairs(counter: PairCounter, block: Block, threads: int = 1) -> Iterator[Pairs]:
  """Yields the pairs of a block, ascending, in parts that have no row in common.

  Symmetric counts come as their upper triangle only, row <= column.
  """
  text = _sort_words(counter, block)
  count = functools.partial(_count_rows, counter, text)
  ranges = _row_ranges(text)
  yield from external_sort.ordered_map(count, ranges, threads)


class _SortedText(NamedTuple):
  """The words of a block in the order of their ids, and the text in which their contexts stand.

  A key has the bits of a row, counted from the first of some rows, of a column, and of a distance.
  """

  words: np.ndarray  # [T] int64, ascending: id << _POSITION_BITS | position in `text`
  text: np.ndarray  # int32 or int64: id << distance_bits; negative between documents
  start: int  # pairs whose right word is at `start` or later are new
  column_bits: int
  distance_bits: int

  @property
  def max_rows(self) -> int:
    """The rows that fit in a key, one less than its bits allow: no key has all bits set."""
    row_bits = 8 * self.text.itemsize - self.column_bits - self.distance_bits
    return (1 << row_bits) - 1

  @property
  def max_words(self) -> int:
    """The number of words whose contexts are sorted at a time."""
    return max(1, _CONTEXTS >> self.distance_bits)


def _sort_words(counter: PairCounter, block: Block) -> _SortedText:
  window = len(counter.weights)
  distance_bits = max(1, (window - 1).bit_length())
  column_bits = max(1, (counter.vocab_size - 1).bit_length())
  key_type = np.int32 if column_bits + distance_bits < 32 else np.int64
  # As many gaps as the window is wide keep documents apart, and the ends of the array.
  is_end = block.ids < 0
  positions = np.cumsum(is_end, dtype=np.int64)
  positions *= window - 1
  positions += np.arange(window, window + len(positions))
  size = window + 1 + (int(positions[-1]) if len(positions) else 0)
  words = block.ids[~is_end]
  positions = positions[~is_end]
  text = np.full(size, -1 << distance_bits, key_type)
  text[positions] = words.astype(key_type) << distance_bits
  positions |= words.astype(np.int64) << _POSITION_BITS
  positions.sort()
  # The words before `block.start` hold no end of a document.
  return _SortedText(positions, text, block.start + window, column_bits, distance_bits)


def _row_ranges(text: _SortedText) -> Iterator[slice]:
  """Cuts the sorted words between rows: into the words of several rows, or of one frequent word."""
  words = text.words
  start = 0
  while start < len(words):
    row = int(words[start]) >> _POSITION_BITS
    end_row = row + text.max_rows
    if start + text.max_words < len(words):
      cut_row = int(words[start + text.max_words]) >> _POSITION_BITS
      end_row = min(end_row, max(cut_row, row + 1))
    stop = int(np.searchsorted(words, end_row << _POSITION_BITS))
    yield slice(start, stop)
    start = stop


def _count_rows(counter: PairCounter, text: _SortedText, words: slice) -> Pairs:
  """Returns the pairs of one or more rows. words: a range of `text.words`."""
  step = text.max_words
  if words.stop - words.start <= step:
    return _count_words(counter, text, text.words[words])
  # A single row, of a word with many occurrences: some of them at a time add to all its columns.
  sums = np.zeros(counter.vocab_size, np.int64)
  for start in range(words.start, words.stop, step):
    part = _count_words(counter, text, text.words[start : min(start + step, words.stop)])
    sums[part.cols] += part.sums
  cols = np.flatnonzero(sums)
  row = int(text.words[words.start]) >> _POSITION_BITS
  return Pairs(np.full(len(cols), row, np.int32), cols.astype(np.int32), sums[cols])


def _count_words(counter: PairCounter, text: _SortedText, words: np.ndarray) -> Pairs:
  """Returns the pairs of some occurrences of words. words: a part of `text.words`."""
  rows = words >> _POSITION_BITS
  keys = _sorted_keys(counter, text, rows, words & _POSITION_MASK)
  pairs = keys >> text.distance_bits
  starts = external_sort.run_starts(pairs)
  distances = (keys & ((1 << text.distance_bits) - 1)).astype(np.intp)
  # Indices are in bounds; to check them takes longer than to take the weights.
  weights = counter.weights.take(distances, mode="clip")
  pairs = pairs[starts]
  return Pairs(
    rows=(rows[0] + (pairs >> text.column_bits)).astype(np.int32),
    cols=(pairs & ((1 << text.column_bits) - 1)).astype(np.int32),
    sums=np.add.reduceat(weights, starts) if len(starts) else weights,
  )


def _sorted_keys(
  counter: PairCounter, text: _SortedText, rows: np.ndarray, positions: np.ndarray
) -> np.ndarray:
  """Returns the keys (row - rows[0], column, distance - 1) of the pairs of some words, ascending.

  rows: [B] int64, ascending; positions: [B] int64, in `text.text` -> [M] uint32 or uint64.
  """
  window = len(counter.weights)
  key_type = text.text.dtype
  offsets = np.arange(-window, window + 1 if counter.symmetric else 0)
  contexts = sliding_window_view(text.text, len(offsets))[positions - window]
  for i in np.flatnonzero(positions < text.start):  # pairs of two words before the block
    contexts[i, : text.start - positions[i] + window] = -1 << text.distance_bits
  # What is not counted becomes negative, then a key with all bits set, which is sorted to the end.
  if counter.symmetric:
    # The row is the smaller word; equal words are counted once, and no word with itself.
    lowest = (rows << text.distance_bits).astype(key_type)
    excess = contexts - lowest[:, None]
    excess -= (offsets >= 0).astype(key_type) << text.distance_bits
  else:
    excess = contexts.copy()
  excess >>= 8 * key_type.itemsize - 1
  row_keys = (rows - rows[0]) << (text.column_bits + text.distance_bits)
  contexts += np.maximum(abs(offsets) - 1, 0).astype(key_type)
  contexts += row_keys.astype(key_type)[:, None]
  contexts |= excess
  keys = contexts.ravel().view(f"u{key_type.itemsize}")
  keys.sort()
  return keys[: np.searchsorted(keys, np.iinfo(keys.dtype).max)]
