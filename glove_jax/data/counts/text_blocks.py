"""Cuts a stream of word ids into blocks whose word pairs are counted at a time."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np


class Block(NamedTuple):
  """A block of a stream of ids, preceded by the words whose windows reach into it."""

  number: int
  ids: np.ndarray  # [T] int32; -1 ends a document
  start: int  # pairs whose right word is at `start` or later are new in this block
  is_last: bool = False  # the stream ends with this block


def split_blocks(ids: Iterable[np.ndarray], size: int, window: int) -> Iterator[Block]:
  """Cuts a stream of ids into blocks of `size`, each preceded by the last words before it.

  Args:
    ids: arrays of int32 ids in reading order, of any length.
    size: new ids a block; the last may have fewer.
    window: how many words before a block are repeated, at most.
  """
  history = np.zeros(0, np.int32)
  for number, (new_ids, is_last) in enumerate(_rebatch(ids, size)):
    start = len(history)
    block = np.concatenate([history, new_ids]) if start else new_ids
    history = _visible_history(block, window).copy()
    yield Block(number, block, start, is_last)


def _rebatch(
  arrays: Iterable[np.ndarray], size: int
) -> Iterator[tuple[np.ndarray, bool]]:
  """Yields the same numbers in arrays of `size`, and whether an array, maybe shorter, is the last.
  """
  pending = []
  missing = size
  for array in arrays:
    while len(array):
      if not missing:
        yield _joined(pending), False
        missing = size
      pending.append(array[:missing])
      array = array[missing:]
      missing -= len(pending[-1])
  if pending:
    yield _joined(pending), True


def _joined(arrays: list[np.ndarray]) -> np.ndarray:
  """Concatenates arrays and empties the list, so that their memory can be reused."""
  joined = np.concatenate(arrays)
  arrays.clear()
  return joined


def _visible_history(ids: np.ndarray, window: int) -> np.ndarray:
  """Returns the words that later words can co-occur with: the end of the last document."""
  tail = ids[-window:]
  ends = np.flatnonzero(tail < 0)
  if not len(ends):
    return tail
  return tail[ends[-1] + 1 :]
