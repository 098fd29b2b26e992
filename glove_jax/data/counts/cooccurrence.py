"""Word-word co-occurrence counts: exact, in bounded memory, stored on disk.

`X[i, j]` is how often word j occurs in the context of word i, each time weighted by 1 / distance
(Pennington et al. 2014, sec. 3) or by 1. Counting is by sorting: the sorted pairs of each block of
text become a run on disk, and the runs are merged.
"""

import os
import pathlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from glove_jax.data import array_store, external_sort
from glove_jax.data.counts import pair_counting
from glove_jax.data.counts.pair_counting import WEIGHTINGS, Block, PairCounter, Window
from glove_jax.files import atomic_folder

__all__ = ["WEIGHTINGS", "Store", "Window", "count", "open_store", "transpose"]

_MIN_BLOCK = 4096  # words counted at a time, at least
_MIN_ENTRIES = 65536  # entries merged at a time, at least
_BYTES_PER_WORD = 32  # peak memory per word of a block, besides 8 bytes for each of its pairs
_BYTES_PER_ENTRY = 64  # peak memory per merged entry in `external_sort.merge`, measured
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


class _Resources(NamedTuple):
  """The memory in bytes and the threads that a computation may use."""

  memory: float
  threads: int

  def max_entries(self) -> int:
    """Returns how many entries may be merged at a time."""
    entries = int(self.memory / (self.threads + 1) / _BYTES_PER_ENTRY)
    return max(_MIN_ENTRIES, entries)

  def block_size(self, window: int, num_tokens: int | None) -> int:
    """Returns the words per block: as memory allows, and about equally many for each thread."""
    bytes_per_word = 8 * window + _BYTES_PER_WORD
    largest = max(_MIN_BLOCK, int(self.memory / self.threads / bytes_per_word))
    if not num_tokens:
      return largest
    rounds = -(-num_tokens // (largest * self.threads))
    balanced = -(-num_tokens // (rounds * self.threads))
    return max(_MIN_BLOCK, min(largest, balanced))


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
  resources = _Resources(memory_gb * 1e9, threads or os.cpu_count() or 1)
  block_size = resources.block_size(window.size, num_tokens)
  blocks = pair_counting.split_blocks(ids, block_size, window.size)
  with atomic_folder(folder, what="the counts") as building:
    runs = _write_runs(building / "blocks", counter, blocks, resources.threads)
    if window.symmetric:
      runs = _mirror(runs, building / "halves", vocab_size, resources)
    _write_matrix(building, runs, vocab_size, lambda sums: sums / counter.scale, resources)
    array_store.write_metadata(building, _TYPES, key=key)
  return open_store(folder, key=key, verify=False)


def transpose(
  store: Store, folder: str | os.PathLike, *, memory_gb: float = 4.0, key: str = ""
) -> Store:
  """Stores the transposed counts in `folder`, using at most about `memory_gb` GB of memory."""
  resources = _Resources(memory_gb * 1e9, threads=2)
  size = resources.max_entries()
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
    _write_matrix(building, runs, store.vocab_size, lambda sums: sums.view(np.float64), resources)
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


def _write_runs(
  runs: pathlib.Path, counter: PairCounter, blocks: Iterable[Block], threads: int
) -> pathlib.Path:
  """Counts each block and writes its pairs as a sorted run to the new folder `runs`."""
  runs.mkdir()

  def count_block(block: Block) -> None:
    parts = pair_counting.count_block(counter, block)
    external_sort.write_run(runs, block.number, parts)

  for _ in external_sort.ordered_map(count_block, blocks, threads):
    pass
  return runs


def _mirror(
  runs: pathlib.Path, folder: pathlib.Path, vocab_size: int, resources: _Resources
) -> pathlib.Path:
  """Replaces the runs of an upper triangle by runs of both triangles in the new folder `folder`.

  The diagonal is doubled: two equal words count once for each direction.
  """
  folder.mkdir()

  def write_both(part: int, keys: np.ndarray, sums: np.ndarray) -> None:
    rows, cols = np.divmod(keys, vocab_size)
    off_diagonal = rows != cols
    external_sort.write_run(folder, 2 * part, [(keys, np.where(off_diagonal, sums, 2 * sums))])
    lower_keys = cols[off_diagonal] * vocab_size + rows[off_diagonal]
    lower_sums = sums[off_diagonal]
    order = np.argsort(lower_keys)
    external_sort.write_run(folder, 2 * part + 1, [(lower_keys[order], lower_sums[order])])

  for _ in _merge(runs, write_both, resources):
    pass
  shutil.rmtree(runs)
  return folder


def _write_matrix(
  folder: pathlib.Path,
  runs: pathlib.Path,
  vocab_size: int,
  to_counts: Callable[[np.ndarray], np.ndarray],
  resources: _Resources,
) -> None:
  """Replaces runs by the files `indptr`, `cols` and `counts`; to_counts(sums) are the counts."""

  def convert(_, keys: np.ndarray, sums: np.ndarray):
    rows, cols = np.divmod(keys, vocab_size)
    row_lengths = np.bincount(rows, minlength=vocab_size)
    return row_lengths, cols.astype(np.int32), to_counts(sums)

  indptr = np.zeros(vocab_size + 1, np.int64)
  with open(folder / "cols", "wb") as cols_file, open(folder / "counts", "wb") as counts_file:
    for row_lengths, cols, counts in _merge(runs, convert, resources):
      indptr[1:] += row_lengths
      cols_file.write(cols.data)
      counts_file.write(counts.data)
    for file in (cols_file, counts_file):
      file.flush()
      os.fsync(file.fileno())
  np.cumsum(indptr, out=indptr)
  indptr.tofile(folder / "indptr")
  shutil.rmtree(runs)


def _merge(runs: pathlib.Path, then: Callable, resources: _Resources) -> Iterator:
  return external_sort.merge(
    runs,
    max_entries=resources.max_entries(),
    threads=resources.threads,
    then=then,
  )
