"""Pages of 2 MB for tables whose rows are read and written at random, on CPUs under Linux.

A processor caches the addresses of a few thousand pages. Most rows of a long table are in other
pages of 4 KB, and each access waits for an address first. Linux moves memory into larger pages on
request (madvise(2)). Other systems, and a Linux that refuses, keep the small pages.
"""

import ctypes
import functools
import sys
from collections.abc import Callable
from typing import Any

import jax

from glove_jax.train import Batch, Sums, TrainState

_PAGE = 1 << 21
_MADV_HUGEPAGE = 14  # of <linux/mman.h>: allow them
_MADV_COLLAPSE = 25  # and make them now (Linux 6.1)


def with_huge_pages(
  update: Callable[[TrainState, Batch], tuple[TrainState, Sums]],
) -> Callable[[TrainState, Batch], tuple[TrainState, Sums]]:
  """Returns `update`, which asks for large pages for the params that its first call returns.

  Later calls keep them, since an update writes its params where those of its state were.
  """
  if sys.platform != "linux" or jax.default_backend() != "cpu":
    return update
  is_first = True

  @functools.wraps(update)
  def advising(state: TrainState, batch: Batch) -> tuple[TrainState, Sums]:
    nonlocal is_first
    state, sums = update(state, batch)
    if is_first:
      is_first = False
      jax.tree.map(_advise, state.params)
    return state, sums

  return advising


def _advise(array: jax.Array) -> None:
  """Asks for large pages for all copies or parts of an array in this process."""
  for shard in array.addressable_shards:
    start = shard.data.unsafe_buffer_pointer()
    first = -(-start // _PAGE) * _PAGE
    stop = (start + shard.data.nbytes) // _PAGE * _PAGE
    if first < stop:
      for advice in (_MADV_HUGEPAGE, _MADV_COLLAPSE):
        _madvise(first, stop - first, advice)


def _madvise(start: int, size: int, advice: int) -> int:
  """Calls madvise(2); returns 0, or -1 where the system refuses."""
  libc: Any = ctypes.CDLL(None)
  return libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), advice)
