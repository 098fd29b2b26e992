"""Word-word co-occurrence counts: exact, in bounded memory, stored on disk.

`X[i, j]` is how often word j occurs in the context of word i, each time weighted by 1 / distance
(Pennington et al. 2014, sec. 3) or by 1. Counting is by sorting: the sorted pairs of each block of
text become a run on disk, and the runs are merged.
"""

import functools
import os
import pathlib
import shutil
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import array_store, external_sort
from glove_jax.data.counts import pair_counting, pair_runs
from glove_jax.data.counts.pair_counting import WEIGHTINGS, PairCounter, Window
from glove_jax.data.counts.pair_runs import Resources
from glove_jax.files import atomic_folder

__all__ = ["WEIGHTINGS", "Store", "Window", "count", "open_store", "transpose"]

_TYPES = {"indptr": np.int64, "cols": np.int32, "counts": np.float64}


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
  memory_gb: float = 4.0, threads: int | None = None, num_tokens: int | None = None, key: str = "",
) -> Store:
  """Counts the co-occurrences in a stream of word ids and stores them in `folder`, replacing it.

  Args:
    ids: arrays of int32 word ids in reading order, split anywhere; -1 ends a document.
    folder: where the counts are stored; left as it is if counting fails.
    vocab_size: number of words; ids are smaller.
    window: the context window. Two equal words add to the diagonal once for each direction.
    memory_gb: bound on the memory used, in units of 10^9 bytes.
    threads: number of threads; None means one per core.
    num_tokens: the approximate number of ids, if known, to balance the work between threads.
    key: stored beside the counts; `open_store` compares it.

  Raises:
    InputError: the window makes no sense, or the disk is full.
  """
  counter = pair_counting.pair_counter(window, vocab_size)
  limits = pair_runs.resources(memory_gb, threads)
  block_size = limits.block_size(window.size, num_tokens)
  blocks = pair_counting.split_blocks(ids, block_size, window.size)
  with atomic_folder(folder, what="the counts") as building:
    runs = building / "blocks"
    pair_runs.write_runs(runs, counter, blocks, limits.threads)
    write_store(building, [runs], counter, limits, key=key)
  return open_store(folder, key=key, verify=False)


def write_store(
  building: pathlib.Path,
  sources: Sequence[pathlib.Path],
  counter: PairCounter,
  limits: Resources,
  *,
  key: str,
) -> None:
  """Writes the files of a store from sorted runs of pairs.

  Args:
    building: the folder to fill. Runs that lie in it are removed as soon as they are read.
    sources: folders with runs; of symmetric counts those of the upper triangle.
    counter: which pairs were counted.
    limits: memory and threads.
    key: stored beside the counts.
  """
  vocab_size = counter.vocab_size
  if counter.symmetric:
    halves = building / "halves"
    pair_runs.mirror(sources, halves, vocab_size, limits)
    _remove_inside(building, sources)
    sources = [halves]
  to_counts = functools.partial(pair_runs.divide, scale=counter.scale)
  pair_runs.write_matrix(building, sources, vocab_size, to_counts, limits)
  _remove_inside(building, sources)
  array_store.write_metadata(building, _TYPES, key=key)


def _remove_inside(building: pathlib.Path, folders: Sequence[pathlib.Path]) -> None:
  for folder in folders:
    if folder.parent == building:
      shutil.rmtree(folder)


def transpose(
  store: Store, folder: str | os.PathLike, *, memory_gb: float = 4.0, key: str = ""
) -> Store:
  """Stores the transposed counts in `folder`, using at most about `memory_gb` GB of memory."""
  limits = pair_runs.resources(memory_gb, threads=2)
  size = limits.max_entries()
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
    pair_runs.write_matrix(
      building, [runs], store.vocab_size, lambda sums: sums.view(np.float64), limits
    )
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
