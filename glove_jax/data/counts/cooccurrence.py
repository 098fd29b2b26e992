"""Word-word co-occurrence counts: exact, within a given memory, stored on disk (Pennington et al. 2014, sec. 3).

`X[i, j]` is how often word j stands in the context of word i, each time weighted by 1 / distance (or 1). Counting is
by sorting: every pair of words becomes an int64 key, equal keys meet by `np.sort`, and sorted runs are merged on disk.
"""

import math
import os
import pathlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from glove_jax.data import array_store, external_sort
from glove_jax.errors import InputError
from glove_jax.files import atomic_folder

WEIGHTINGS = ("inverse", "flat")

_MIN_BLOCK = 4096      # words counted at a time, at the least
_CACHED = 1 << 14      # words whose pairs are made at a time: they stay in the second-level cache
_BYTES_PER_WORD = 32   # peak bytes per word of a block, besides 8 for each of its pairs
_BYTES_PER_ENTRY = 64  # peak bytes per merged entry in `runs.merge`, measured
_TYPES = {"indptr": np.int64, "cols": np.int32, "counts": np.float64}


class Store(NamedTuple):
  """Counts on disk, row after row, columns ascending within a row (compressed sparse rows).

  Arrays: `indptr` [V + 1] int64, `cols` [N] int32, `counts` [N] float64; the last two are memory-mapped.
  """

  folder: pathlib.Path
  indptr: np.ndarray
  cols: np.ndarray
  counts: np.ndarray
  key: str = ""  # what they were counted from

  @property
  def nonzeros(self) -> int:
    return len(self.cols)

  @property
  def vocab_size(self) -> int:
    return len(self.indptr) - 1

  def rows(self, positions: np.ndarray) -> np.ndarray:
    """The row of each record, given its position in `cols`. positions: [B] int64 -> [B] int32."""
    return (np.searchsorted(self.indptr, positions, side="right") - 1).astype(np.int32)

  def matrix(self):
    """The counts as a `scipy.sparse.csr_matrix` [V, V] over the same memory-mapped arrays."""
    import scipy.sparse
    return scipy.sparse.csr_matrix((self.counts, self.cols, self.indptr), (self.vocab_size,) * 2, copy=False)


def count(
  ids: Iterable[np.ndarray],
  folder: str | os.PathLike,
  *,
  vocab_size: int,
  window: int,
  symmetric: bool = True,
  weighting: str = "inverse",
  memory_gb: float = 4.0,
  threads: int | None = None,
  tokens: int | None = None,
  key: str = "",
) -> Store:
  """Counts co-occurrences in a stream of word ids and stores them in `folder`, whole or not at all.

  Args:
    ids: blocks of int32 word ids in reading order; -1 ends a document. Blocks may be cut anywhere.
    folder: where the counts go; replaced if it exists.
    vocab_size: ids are below it.
    window: the largest distance between two words that co-occur.
    symmetric: count both directions; else the context is what stands to the left, and rows are the words to the right.
    weighting: `inverse` adds 1 / distance, `flat` adds 1.
    memory_gb: bound on the memory that counting takes, in GB of 10^9 bytes.
    threads: default: one a core.
    tokens: about how many ids will come, to give all threads as much to do.
    key: stored beside the counts; `open_store` compares it.

  A word beside itself adds to the diagonal from both directions. Sums are exact: weights are integers over a common
  denominator, the least common multiple of the distances, up to a window of 22; beyond it they are rounded to 2^-31.
  """
  scale, weights = _weights(window, weighting)
  threads = threads or os.cpu_count() or 1
  budget = memory_gb * 1e9
  merging = {"max_entries": max(65536, int(budget / (threads + 1) / _BYTES_PER_ENTRY)), "threads": threads}
  with atomic_folder(folder, what="the counts") as building:
    blocks, halves = building / "blocks", building / "halves"
    blocks.mkdir()
    if symmetric:
      halves.mkdir()
    def count_block(block: tuple[int, np.ndarray, int]) -> None:
      number, words, fresh = block
      external_sort.write_run(blocks, number, _count_block(words, fresh, vocab_size, weights, symmetric))
    size = _block_size(budget, window, threads, tokens)
    for _ in external_sort.ordered_map(count_block, _blocks(ids, size, window), threads):
      pass
    if symmetric:
      _mirror(blocks, halves, vocab_size, merging)
      shutil.rmtree(blocks)
    source = halves if symmetric else blocks
    _write(building, source, vocab_size, lambda sums: sums / scale, merging)
    shutil.rmtree(source)
    array_store.write_metadata(building, _TYPES, key=key)
  return open_store(folder, key=key, verify=False)


def transpose(store: Store, folder: str | os.PathLike, *, memory_gb: float = 4.0, key: str = "") -> Store:
  """Stores the counts with rows and columns exchanged in `folder`; memory stays within `memory_gb`."""
  size = max(65536, int(memory_gb * 1e9 / 3 / _BYTES_PER_ENTRY))
  with atomic_folder(folder, what="the counts") as building:
    blocks = building / "blocks"
    blocks.mkdir()
    for number, start in enumerate(range(0, store.nonzeros, size)):
      positions = np.arange(start, min(start + size, store.nonzeros))
      keys = store.cols[positions].astype(np.int64) * store.vocab_size + store.rows(positions)
      order = np.argsort(keys)
      # The bits of a float pass through a merge of distinct keys unchanged, whatever type they are said to be.
      external_sort.write_run(blocks, number, [(keys[order], store.counts[positions[order]].view(np.int64))])
    _write(building, blocks, store.vocab_size, lambda sums: sums.view(np.float64), {"max_entries": size, "threads": 2})
    shutil.rmtree(blocks)
    array_store.write_metadata(building, _TYPES, key=key)
  return open_store(folder, key=key, verify=False)


def open_store(folder: str | os.PathLike, *, key: str = "", verify: bool = True) -> Store | None:
  """Opens the counts in `folder`; None if there are none, or if they were made for another `key`.

  Raises:
    InputError: a file is damaged (size or checksum).
  """
  found = array_store.load(folder, key=key, verify=verify)
  if found is None:
    return None
  stored = found[0]
  return Store(pathlib.Path(folder), np.array(stored["indptr"]), stored["cols"], stored["counts"], key)


def _weights(window: int, weighting: str) -> tuple[int, np.ndarray]:
  """(scale, integer weights [window]): distance k weighs weights[k - 1] / scale."""
  if window < 1:
    raise InputError(f"window is {window}, expected 1 or more.")
  if weighting == "flat":
    return 1, np.ones(window, np.int64)
  if weighting != "inverse":
    raise InputError(f"weighting is {weighting!r}, expected one of {', '.join(WEIGHTINGS)}.")
  scale = min(math.lcm(*range(1, window + 1)), 2**31)
  return scale, np.rint(scale / np.arange(1, window + 1)).astype(np.int64)


def _block_size(budget: float, window: int, threads: int, tokens: int | None) -> int:
  """Words a block: as memory allows, and no more than gives every thread equally many."""
  most = max(_MIN_BLOCK, int(budget / threads / (8 * window + _BYTES_PER_WORD)))
  if not tokens:
    return most
  rounds = -(-tokens // (most * threads))
  return max(_MIN_BLOCK, min(most, -(-tokens // (rounds * threads))))


def _blocks(ids: Iterable[np.ndarray], size: int, window: int) -> Iterator[tuple[int, np.ndarray, int]]:
  """Cuts the stream into numbered blocks of `size` ids, each with the end of the last one before it.

  Yields (number, ids, fresh): pairs whose right word stands at `fresh` or later are new in this block.
  """
  number, carry, held, room = 0, np.zeros(0, np.int32), [], size
  for piece in ids:
    while len(piece):
      held.append(piece[:room])
      piece, room = piece[room:], room - len(held[-1])
      if not room:
        tokens = np.concatenate([carry, *held])
        yield number, tokens, len(carry)
        number, carry, held, room = number + 1, _tail(tokens, window), [], size
  if held:
    yield number, np.concatenate([carry, *held]), len(carry)


def _tail(tokens: np.ndarray, window: int) -> np.ndarray:
  """The last `window` words of the last document: all of the past that the next words can see."""
  tail = tokens[-window:]
  ends = np.flatnonzero(tail < 0)
  return tail[ends[-1] + 1 :] if len(ends) else tail


def _count_block(
  tokens: np.ndarray, fresh: int, vocab_size: int, weights: np.ndarray, symmetric: bool
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
  """Keys row * V + column, ascending, and integer sums of all pairs whose right word is at `fresh` or later, in parts.

  Of symmetric counts only the upper triangle, row <= column.
  """
  bits = max(1, (len(weights) - 1).bit_length())
  keys = _pairs(tokens, fresh, vocab_size, len(weights), bits, symmetric)
  keys.sort()
  start = 0
  while start < len(keys):
    last = keys[min(start + (1 << 20), len(keys)) - 1] >> bits
    stop = int(np.searchsorted(keys, (last + 1) << bits))
    part = keys[start:stop]
    starts = external_sort.run_starts(part >> bits)
    yield part[starts] >> bits, np.add.reduceat(weights[part & ((1 << bits) - 1)], starts)
    start = stop


def _pairs(tokens: np.ndarray, fresh: int, vocab_size: int, window: int, bits: int, symmetric: bool) -> np.ndarray:
  """All pairs as (row * V + column) << bits | distance - 1, in no order."""
  ends = tokens < 0
  document = np.cumsum(ends, dtype=np.int32)[~ends]  # the carried words before `fresh` hold no break
  col = tokens[~ends].astype(np.int64) << bits
  row = col * vocab_size
  keys, filled = np.empty(window * max(0, len(col) - fresh), np.int64), 0
  for start in range(fresh, len(col), _CACHED):
    for k in range(1, window + 1):
      right = slice(max(start, k), min(start + _CACHED, len(col)))
      if right.start >= right.stop:
        break
      left = slice(right.start - k, right.stop - k)
      found = row[right] + col[left]
      if symmetric:  # the smaller of the two keys is that of the upper triangle
        np.minimum(found, row[left] + col[right], out=found)
      found += k - 1
      found = found[document[left] == document[right]]
      keys[filled : filled + len(found)] = found
      filled += len(found)
  return keys[:filled]


def _mirror(source: pathlib.Path, folder: pathlib.Path, vocab_size: int, merging: dict) -> None:
  """Merges the runs of an upper triangle into runs of both triangles; the diagonal counts twice."""
  def both(part: int, keys: np.ndarray, sums: np.ndarray) -> None:
    rows, cols = np.divmod(keys, vocab_size)
    off = rows != cols
    external_sort.write_run(folder, 2 * part, [(keys, np.where(off, sums, 2 * sums))])
    keys = cols[off] * vocab_size + rows[off]
    order = np.argsort(keys)
    external_sort.write_run(folder, 2 * part + 1, [(keys[order], sums[off][order])])
  for _ in external_sort.merge(source, then=both, **merging):
    pass


def _write(folder: pathlib.Path, source: pathlib.Path, vocab_size: int, value: Callable, merging: dict) -> None:
  """Merges runs into the files `indptr`, `cols` and `counts`; value(sums) are the counts."""
  def convert(_, keys: np.ndarray, sums: np.ndarray):
    rows, cols = np.divmod(keys, vocab_size)
    return np.bincount(rows, minlength=vocab_size), cols.astype(np.int32), value(sums)
  per_row = np.zeros(vocab_size, np.int64)
  with open(folder / "cols", "wb") as cols_file, open(folder / "counts", "wb") as counts_file:
    for rows, cols, counts in external_sort.merge(source, then=convert, **merging):
      per_row += rows
      cols_file.write(cols.data)
      counts_file.write(counts.data)
    for file in (cols_file, counts_file):
      file.flush()
      os.fsync(file.fileno())
  np.concatenate([[0], np.cumsum(per_row)]).astype(np.int64).tofile(folder / "indptr")
