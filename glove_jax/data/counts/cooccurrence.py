"""Word-word co-occurrence counts: exact, in bounded memory, stored on disk.

`X[i, j]` is how often word j occurs in the context of word i, each time weighted by 1 / distance
(Pennington et al. 2014, sec. 3) or by 1. As much text as memory allows is counted at a time. If
that is all of the text, its counts are written directly. Otherwise each block of text becomes a
sorted run of pairs on disk; the runs are added, and of symmetric counts the upper triangle is
mirrored.
"""

import concurrent.futures
import contextlib
import itertools
import os
import pathlib
import shutil
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from glove_jax.data import array_store, external_sort
from glove_jax.data.counts import pair_counting, pair_runs, text_blocks
from glove_jax.data.counts.pair_counting import WEIGHTINGS, PairCounter, Pairs, Window
from glove_jax.data.counts.pair_runs import Resources
from glove_jax.data.counts.text_blocks import Block
from glove_jax.files import atomic_folder

__all__ = ["WEIGHTINGS", "Store", "Window", "count", "open_store", "transpose"]

_TYPES = {"indptr": np.int64, "cols": np.int32, "counts": np.float64}

_SYNCED = 1 << 27  # bytes that are written before the disk is asked to store them


class Store(NamedTuple):
  """Co-occurrence counts on disk as a compressed sparse row matrix.

  Columns ascend within a row. `cols` and `counts` are memory-mapped.
  """

  folder: pathlib.Path
  indptr: np.ndarray  # [V + 1] int64
  cols: np.ndarray    # [N] int32
  counts: np.ndarray  # [N] float64
  key: str = ""       # identifies what was counted

  @property
  def nonzeros(self) -> int:
    return len(self.cols)

  @property
  def vocab_size(self) -> int:
    return len(self.indptr) - 1

  def rows(self, positions: np.ndarray) -> np.ndarray:
    """Returns the row of each record. positions: [B] int64, indices into `cols` -> [B] int32."""
    rows = np.searchsorted(self.indptr, positions, side="right") - 1
    return rows.astype(np.int32)

  def matrix(self):
    """Returns the counts as a `scipy.sparse.csr_matrix` [V, V] over the same memory maps."""
    import scipy.sparse
    shape = (self.vocab_size, self.vocab_size)
    return scipy.sparse.csr_matrix((self.counts, self.cols, self.indptr), shape, copy=False)


def count(
  ids: Iterable[np.ndarray], folder: str | os.PathLike, *, vocab_size: int, window: Window,
  memory_gb: float = 4.0, threads: int | None = None, key: str = "",
) -> Store:
  """Counts the co-occurrences in a stream of word ids and stores them in `folder`, replacing it.

  Args:
    ids: arrays of int32 word ids in reading order, split anywhere; -1 ends a document.
    folder: where the counts are stored; left as it is if counting fails.
    vocab_size: number of words; ids are smaller.
    window: the context window. Two equal words add to the diagonal once for each direction.
    memory_gb: bound on the memory used, in units of 10^9 bytes.
    threads: number of threads; None means one per core.
    key: stored beside the counts; `open_store` compares it.

  Raises:
    InputError: the window makes no sense, or the disk is full.
  """
  counter = pair_counting.pair_counter(window, vocab_size)
  limits = pair_runs.resources(memory_gb, threads)
  blocks = text_blocks.split_blocks(ids, limits.block_size(window.size), window.size)
  with atomic_folder(folder, what="the counts") as building:
    first = next(blocks, None)
    if first is None or first.is_last:
      _write_rows(building, counter, first, limits.threads)
      array_store.write_metadata(building, _TYPES, key=key)
    else:
      blocks = itertools.chain([first], blocks)
      del first  # so that it goes when it has been counted
      runs = pair_runs.count_runs(building / "blocks", counter, blocks, limits.threads)
      write_store(building, runs, counter, limits, key=key)
  return open_store(folder, key=key, verify=False)


def _write_rows(
  building: pathlib.Path, counter: PairCounter, block: Block | None, threads: int
) -> None:
  """Writes the arrays of a store whose text is a single block, or none: without a run."""
  def to_rows(pairs: Pairs) -> _Rows:
    counts = pair_runs.divide(pairs.sums, counter.scale)
    first = int(pairs.rows[0]) if len(pairs.rows) else 0
    return _Rows(first, np.bincount(pairs.rows - first), pairs.cols, counts)

  rows = ()
  if block is not None:
    rows = pair_counting.count_pairs(counter, block, threads, upper=False, then=to_rows)
  _write_arrays(building, counter.vocab_size, rows)


def write_store(
  building: pathlib.Path,
  runs: Sequence[pathlib.Path],
  counter: PairCounter,
  limits: Resources,
  *,
  key: str,
) -> None:
  """Writes the files of a store from runs of pairs.

  Args:
    building: the folder to fill. Its other contents are removed when they have been read.
    runs: their folders; of symmetric counts they have the upper triangle.
    counter: which pairs were counted.
    limits: memory and threads.
    key: stored beside the counts.
  """
  vocab_size = counter.vocab_size
  if counter.symmetric:
    runs = pair_runs.mirror(runs, building / "halves", vocab_size, limits)

  def to_rows(first_row: int, sums: Any) -> _Rows:
    counts = pair_runs.divide(sums.data, counter.scale)
    return _Rows(first_row, np.diff(sums.indptr), sums.indices, counts)

  rows = pair_runs.merge(runs, vocab_size, limits, then=to_rows, in_order=counter.symmetric)
  _write_arrays(building, vocab_size, rows)
  for leftover in building.iterdir():
    if leftover.is_dir():
      shutil.rmtree(leftover)
  array_store.write_metadata(building, _TYPES, key=key)


class _Rows(NamedTuple):
  """Rows of the matrix, one after the other."""

  first: int
  lengths: np.ndarray
  cols: np.ndarray
  counts: np.ndarray


def _write_arrays(folder: pathlib.Path, vocab_size: int, parts: Iterable[_Rows]) -> None:
  """Writes the files `indptr`, `cols` and `counts`. Two parts may have the same row."""
  indptr = np.zeros(vocab_size + 1, np.int64)
  unsynced = 0
  with contextlib.ExitStack() as stack:
    files = [stack.enter_context(open(folder / name, "wb")) for name in ("cols", "counts")]
    # The disk is at work while the next parts are computed.
    disk = stack.enter_context(concurrent.futures.ThreadPoolExecutor(1))

    syncs = []

    def sync() -> None:
      for file in files:
        file.flush()
        syncs.append(disk.submit(os.fsync, file.fileno()))

    for first, lengths, cols, counts in parts:
      indptr[first + 1 : first + 1 + len(lengths)] += lengths
      for file, array in zip(files, (cols.astype(np.int32, copy=False), counts), strict=True):
        file.write(array.data)
        unsynced += array.nbytes
      if unsynced > _SYNCED:
        sync()
        unsynced = 0
    sync()
    for done in syncs:
      done.result()
  np.cumsum(indptr, out=indptr)
  indptr.tofile(folder / "indptr")


def transpose(
  store: Store, folder: str | os.PathLike, *, memory_gb: float = 4.0, key: str = ""
) -> Store:
  """Stores the transposed counts in `folder`, using at most about `memory_gb` GB of memory."""
  limits = pair_runs.resources(memory_gb, threads=2)
  size = limits.max_entries()

  def to_rows(_, keys: np.ndarray, sums: np.ndarray) -> _Rows:
    rows, cols = np.divmod(keys, store.vocab_size)
    return _Rows(int(rows[0]), np.bincount(rows - rows[0]), cols, sums.view(np.float64))

  with atomic_folder(folder, what="the counts") as building:
    runs = building / "blocks"
    runs.mkdir()
    for number, start in enumerate(range(0, store.nonzeros, size)):
      positions = np.arange(start, min(start + size, store.nonzeros))
      rows = store.cols[positions].astype(np.int64)
      keys = rows * store.vocab_size + store.rows(positions)
      order = np.argsort(keys)
      # Keys are distinct, so merging adds nothing: the bits of a float pass as those of an int64.
      sums = store.counts[positions[order]].view(np.int64)
      external_sort.write_run(runs, number, [(keys[order], sums)])
    merged = external_sort.merge(
      runs, max_entries=size, threads=limits.threads, then=to_rows
    )
    _write_arrays(building, store.vocab_size, merged)
    shutil.rmtree(runs)
    array_store.write_metadata(building, _TYPES, key=key)
  return open_store(folder, key=key, verify=False)


def open_store(
  folder: str | os.PathLike, *, key: str | None = "", verify: bool = True
) -> Store | None:
  """Opens the counts in `folder`; returns None if there are none or they have another `key`.

  Args:
    folder: where `count` or `transpose` stored them.
    key: the key that they must have been stored with; None: any.
    verify: whether to compare checksums, which reads every byte once.

  Raises:
    InputError: a file is damaged (size or checksum).
  """
  stored = array_store.load(folder, key=key, names=_TYPES, verify=verify)
  if stored is None:
    return None
  return Store(
    folder=pathlib.Path(folder),
    indptr=np.array(stored.arrays["indptr"]),
    cols=stored.arrays["cols"],
    counts=stored.arrays["counts"],
    key=stored.key,
  )
