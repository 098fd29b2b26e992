"""Counts the co-occurring word pairs of one block of text by sorting.

Every pair becomes an int64 key that holds its row, its column and its distance; after sorting,
equal pairs are neighbours. Weights are integers over a common denominator, so that sums are exact
in any order.
"""

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from glove_jax.data import external_sort
from glove_jax.errors import InputError

WEIGHTINGS = ("inverse", "flat")

_CHUNK = 1 << 14  # words whose pairs are made at a time: they stay in the second-level cache
_PART = 1 << 20  # sorted keys that are summed at a time


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
    block = np.concatenate([history, new_ids])
    yield Block(number, block, start=len(history))
    history = _visible_history(block, window)


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


def count_block(
  counter: PairCounter, block: Block
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
  """Yields keys (row * V + column, ascending) and integer sums of a block's pairs, in parts.

  Symmetric counts come as their upper triangle only, row <= column.
  """
  bits = max(1, (len(counter.weights) - 1).bit_length())  # of a key, for the distance
  distance_mask = (1 << bits) - 1
  keys = _pair_keys(counter, block, bits)
  keys.sort()
  start = 0
  while start < len(keys):
    last_pair = keys[min(start + _PART, len(keys)) - 1] >> bits
    stop = int(np.searchsorted(keys, (last_pair + 1) << bits))
    part = keys[start:stop]
    starts = external_sort.run_starts(part >> bits)
    sums = np.add.reduceat(counter.weights[part & distance_mask], starts)
    yield part[starts] >> bits, sums
    start = stop


def _pair_keys(counter: PairCounter, block: Block, bits: int) -> np.ndarray:
  """Returns the keys of all new pairs, (row * V + column) << bits | distance - 1, unordered."""
  window = len(counter.weights)
  is_end = block.ids < 0
  # The words before `block.start` hold no document end, so that it stays the same without them.
  document = np.cumsum(is_end, dtype=np.int32)[~is_end]
  columns = block.ids[~is_end].astype(np.int64) << bits
  rows = columns * counter.vocab_size
  num_words = len(columns)
  keys = np.empty(window * max(0, num_words - block.start), np.int64)
  filled = 0
  for start in range(block.start, num_words, _CHUNK):
    stop = min(start + _CHUNK, num_words)
    for distance in range(1, window + 1):
      right = slice(max(start, distance), stop)
      if right.start >= stop:
        break
      left = slice(right.start - distance, stop - distance)
      pairs = rows[right] + columns[left]
      if counter.symmetric:  # the smaller of the two keys is that of the upper triangle
        np.minimum(pairs, rows[left] + columns[right], out=pairs)
      pairs += distance - 1
      pairs = pairs[document[left] == document[right]]
      keys[filled : filled + len(pairs)] = pairs
      filled += len(pairs)
  return keys[:filled]
