"""Counts the co-occurring word pairs of one block of text, row by row of the matrix of counts.

The occurrences of a word, whose contexts make up a row, are brought together. With C [N, V] the
sparse matrix of the weights of N occurrences' contexts, a row is the sum of its occurrences' rows
of C. SciPy adds them up: for words with many contexts into an array of all words, and for rarer
words as a product of sparse matrices. Weights are integers over a common denominator, so that sums
are exact in any order.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from glove_jax.data import external_sort
from glove_jax.data.counts import word_positions
from glove_jax.data.counts.text_blocks import Block
from glove_jax.data.counts.word_positions import WordPositions
from glove_jax.errors import InputError

WEIGHTINGS = ("inverse", "flat")

_CONTEXTS = 1 << 19  # contexts that are added at a time
_SUMS = 1 << 18  # sums of frequent words that are held at a time
# Words are frequent that have, of all words, at least this share as contexts: to go through an
# array of all words then takes less time than to sort the contexts.
_FREQUENT = 1 / 4


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


def count_pairs(
  counter: PairCounter,
  block: Block,
  threads: int = 1,
  *,
  upper: bool = True,
  then: Callable[[Pairs], Any] | None = None,
) -> Iterator:
  """Yields the pairs of a block, ascending, in parts that have no row in common.

  Args:
    counter: which pairs are counted.
    block: of text.
    threads: number of threads.
    upper: whether symmetric counts come as their upper triangle only, row <= column, in which equal
      words count once.
    then: if not None, then(pairs) is yielded instead; it runs on the threads.
  """
  text = _prepare(counter, block, threads, upper=upper and counter.symmetric)

  def count(rows: _RowRange):
    pairs = (_count_frequent if rows.frequent else _count_rare)(text, rows)
    return pairs if then is None else then(pairs)

  yield from external_sort.ordered_map(count, _row_ranges(text), threads, ahead=threads)


class _Text(NamedTuple):
  """A block of text, and how the contexts of its words are counted.

  Attributes:
    words: where each word stands.
    start: pairs whose right word is at this position or later are new.
    width: the number W of contexts of an occurrence, with itself in the middle, which weighs 0.
    weights: [max_words * W] int64, of the contexts of each of some occurrences.
    ones: [max_words] int64.
    upper: whether contexts below the word itself are left out.
  """

  words: WordPositions
  start: int
  width: int
  weights: np.ndarray
  ones: np.ndarray
  upper: bool

  @property
  def vocab_size(self) -> int:
    return self.words.vocab_size

  @property
  def indptr(self) -> np.ndarray:
    return self.words.indptr

  @property
  def max_words(self) -> int:
    """The number of words whose contexts are added at a time."""
    return len(self.ones)


class _RowRange(NamedTuple):
  """The rows from `first` to before `end`, all of frequent words or all of rare ones."""

  first: int
  end: int
  frequent: bool


def _prepare(counter: PairCounter, block: Block, threads: int, *, upper: bool) -> _Text:
  words = word_positions.find(block.ids, counter.vocab_size, len(counter.weights), threads)
  weights = counter.weights[::-1]  # of the words before
  if counter.symmetric:
    weights = np.concatenate([weights, [0], counter.weights])
  max_words = max(1, _CONTEXTS // len(weights))
  return _Text(
    words=words,
    # The words before `block.start` hold no end of a document.
    start=words.first + block.start,
    width=len(weights),
    weights=np.tile(weights, max_words),
    ones=np.ones(max_words, np.int64),
    upper=upper,
  )


def _row_ranges(text: _Text) -> Iterator[_RowRange]:
  """Cuts the rows into ranges of few words, or of one row with many."""
  sizes = np.diff(text.indptr)
  frequent = sizes * text.width >= _FREQUENT * text.vocab_size
  frequent |= sizes > text.max_words
  changes = np.flatnonzero(frequent[1:] != frequent[:-1]) + 1
  max_rows = max(1, _SUMS // text.vocab_size)
  for first, end in itertools.pairwise([0, *changes.tolist(), text.vocab_size]):
    is_frequent = bool(frequent[first])
    while first < end:
      room = text.indptr[first] + text.max_words
      stop = int(np.searchsorted(text.indptr, room, side="right")) - 1
      stop = min(max(stop, first + 1), end)
      if is_frequent:
        stop = min(stop, first + max_rows)
      if text.indptr[first] < text.indptr[stop]:
        yield _RowRange(first, stop, is_frequent)
      first = stop


def _count_frequent(text: _Text, rows: _RowRange) -> Pairs:
  """Returns the pairs of some rows, whose sums are added in an array of all words."""
  num_rows = rows.end - rows.first
  width = text.vocab_size + 1
  starts = text.indptr[rows.first : rows.end + 1]
  sums = None
  for start in range(starts[0], starts[-1], text.max_words):
    words = slice(start, min(start + text.max_words, int(starts[-1])))
    contexts = _contexts(text, words)
    if num_rows > 1:  # then all of their words are added at once
      first_sums = np.arange(0, num_rows * width, width, dtype=np.int32)
      contexts += np.repeat(first_sums, np.diff(starts))[:, None]
    matrix = _weight_matrix(text, contexts, num_rows * width)
    part = matrix.T @ text.ones[: len(contexts)]
    sums = part if sums is None else np.add(sums, part, out=sums)
  parts = []
  for row, row_sums in enumerate(sums.reshape(num_rows, width), rows.first):
    lowest = row if text.upper else 0
    cols = np.flatnonzero(row_sums[lowest:-1] != 0)  # faster than of integers
    cols += lowest
    parts.append(Pairs(np.full(len(cols), row, np.int32), cols.astype(np.int32), row_sums[cols]))
  return _halve_diagonal(text, Pairs(*map(np.concatenate, zip(*parts, strict=True))))


def _count_rare(text: _Text, rows: _RowRange) -> Pairs:
  """Returns the pairs of some rows, which are products of sparse matrices."""
  starts = text.indptr[rows.first : rows.end + 1]
  contexts = _contexts(text, slice(starts[0], starts[-1]))
  numbers = np.arange(rows.first, rows.end, dtype=np.int32)
  if text.upper:
    lowest = np.repeat(numbers, np.diff(starts))
    np.copyto(contexts, text.vocab_size, where=contexts < lowest[:, None])
  words = np.arange(len(contexts), dtype=np.int32)
  row_words = scipy.sparse.csr_matrix(
    (text.ones[: len(contexts)], words, starts - starts[0]), (len(numbers), len(contexts))
  )
  sums = row_words @ _weight_matrix(text, contexts, text.vocab_size + 1)
  # Its columns are in no order within a row; transposed twice, they ascend.
  sums = sums.tocsc()
  size = sums.indptr[-2]
  sums = scipy.sparse.csc_matrix(
    (sums.data[:size], sums.indices[:size], sums.indptr[:-1]), (len(numbers), text.vocab_size)
  ).tocsr()
  pairs = Pairs(np.repeat(numbers, np.diff(sums.indptr)), sums.indices, sums.data)
  return _halve_diagonal(text, pairs)


def _contexts(text: _Text, words: slice) -> np.ndarray:
  """Returns the contexts of some words, [B, W] int32. words: a range of `positions`."""
  positions = text.words.positions[words]
  window = text.words.window
  ids = text.words.text
  # Each item is a whole window: NumPy copies items of many bytes in one piece.
  windows = np.ndarray(
    len(ids) - text.width + 1, f"V{4 * text.width}", ids.data, strides=ids.strides
  )
  contexts = windows[positions - window].view(np.int32).reshape(-1, text.width)
  for i in np.flatnonzero(positions < text.start):  # pairs of two words before the block
    contexts[i, : text.start - positions[i] + window] = text.vocab_size
  return contexts


def _weight_matrix(text: _Text, contexts: np.ndarray, num_columns: int):
  """Returns the `scipy.sparse.csr_matrix` with the weight of each context, [B, num_columns]."""
  weights = text.weights[: contexts.size]
  indptr = np.arange(0, contexts.size + 1, text.width, dtype=np.int32)
  return scipy.sparse.csr_matrix(
    (weights, contexts.ravel(), indptr), (len(contexts), num_columns)
  )


def _halve_diagonal(text: _Text, pairs: Pairs) -> Pairs:
  """Halves the sums of equal words in an upper triangle: they have met on both sides."""
  if text.upper:
    pairs.sums[pairs.rows == pairs.cols] //= 2
  return pairs
