"""Runs of word pairs on disk: counted from blocks of text, added, mirrored, and made a matrix.

A run is a folder with the rows of a sparse matrix, 8 bytes an entry: `indptr` and `cols` as in a
`scipy.sparse.csr_matrix`, and the lower 32 bits of the integer sums. The few sums that need more
have their upper bits in `overflow`.
"""

import collections
import contextlib
import functools
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from glove_jax.data import external_sort
from glove_jax.data.counts import pair_counting
from glove_jax.data.counts.pair_counting import PairCounter, Pairs
from glove_jax.data.counts.text_blocks import Block
from glove_jax.errors import InputError
from glove_jax.progress import ignore

# overflow: [M, 2], the position of an entry and what to add to its sum, in units of 2^32.
FILES = {"indptr": np.int64, "cols": np.int32, "sums": np.uint32, "overflow": np.int64}

_MIN_BLOCK = 4096  # words counted at a time, at least
_MAX_POSITION = 2**31 - 1  # of a word in a block with gaps of a window between documents
_MIN_ENTRIES = 65536  # entries merged at a time, at least
_MIN_PART = 1 << 16  # entries worth a separate thread
_USUAL_ENTRIES = 1 << 20  # entries merged at a time; with more, fresh memory takes most of the time
_TRANSPOSES = 16  # about how many parts of a large matrix are transposed; each is read many times
_BYTES_PER_WORD = 28  # peak memory per word of a block, besides gaps between documents; measured
_BYTES_PER_ENTRY = 64  # peak memory per merged entry, measured


class Resources(NamedTuple):
  """What a computation may use.

  Attributes:
    memory: bytes.
    threads: number of threads.
    advance: called with the number of entries whenever some have been merged.
  """

  memory: float
  threads: int
  advance: Callable[[int], None] = ignore

  def max_entries(self) -> int:
    """Returns how many entries may be merged at a time."""
    entries = int(self.memory / (self.threads + 1) / _BYTES_PER_ENTRY)
    return max(_MIN_ENTRIES, entries)

  def block_size(self, window: int) -> int:
    """Returns how many words are counted at a time, if documents have eight of them or more."""
    words = int(self.memory / (_BYTES_PER_WORD + window))
    most = _MAX_POSITION // (window + 1) - 2  # each word a document, and two gaps more
    return min(max(_MIN_BLOCK, words), max(1, most))


def resources(
  memory_gb: float, threads: int | None = None, advance: Callable[[int], None] = ignore
) -> Resources:
  """Returns resources of `memory_gb` * 10^9 bytes; threads=None means one per core."""
  return Resources(memory_gb * 1e9, threads or os.cpu_count() or 1, advance)


def count_runs(
  folder: pathlib.Path, counter: PairCounter, blocks: Iterable[Block], threads: int
) -> list[pathlib.Path]:
  """Counts each block and writes its pairs as a run to the new folder `folder`.

  Symmetric counts are written as their upper triangle.
  """
  folder.mkdir()
  runs = []
  for block in blocks:
    run = folder / f"{block.number}"
    write_run(run, counter.vocab_size, pair_counting.count_pairs(counter, block, threads))
    runs.append(run)
  return runs


def write_run(folder: pathlib.Path, vocab_size: int, parts: Iterable[Pairs]) -> None:
  """Writes pairs, which come in ascending order, to the folder of a run."""
  folder.mkdir(exist_ok=True)
  indptr = np.zeros(vocab_size + 1, np.int64)
  size = 0
  with contextlib.ExitStack() as files:
    cols_file = files.enter_context(open(folder / "cols", "wb"))
    sums_file = files.enter_context(open(folder / "sums", "wb"))
    overflow_file = files.enter_context(open(folder / "overflow", "wb"))
    for rows, cols, sums in parts:
      if not len(rows):
        continue
      indptr[rows[0] + 1 : rows[-1] + 2] += np.bincount(rows - rows[0])
      cols_file.write(cols.data)
      sums_file.write(sums.astype(np.uint32).data)
      upper_bits = sums >> 32
      large = np.flatnonzero(upper_bits)
      overflow_file.write(np.stack([size + large, upper_bits[large]], axis=1).data)
      size += len(rows)
  np.cumsum(indptr, out=indptr)
  indptr.tofile(folder / "indptr")


def mirror(
  runs: Sequence[pathlib.Path], folder: pathlib.Path, vocab_size: int, limits: Resources
) -> list[pathlib.Path]:
  """Writes the transpose of the sum of runs, in parts, and the sum.

  Args:
    runs: of the upper triangle.
    folder: created.
    vocab_size: number of rows and of columns.
    limits: memory and threads.

  Returns:
    The runs whose sum is that of both triangles. Each has columns beyond those of the ones before,
    except for the diagonal, which the transpose and the sum both have: two equal words count once
    for each direction.
  """
  folder.mkdir()
  transposes = []

  def write_transpose(first_row: int, matrix: Any) -> Pairs:
    transpose = folder / f"{first_row}"
    transposes.append((first_row, transpose))
    pairs = _as_pairs(first_row, matrix)
    entries = (pairs.sums, (pairs.cols, pairs.rows))
    transposed = scipy.sparse.coo_matrix(entries, (vocab_size, vocab_size)).tocsr()
    write_run(transpose, vocab_size, [_as_pairs(0, transposed)])
    return pairs

  size = sum(os.path.getsize(run / "cols") // 4 for run in runs)
  usual_entries = max(_USUAL_ENTRIES, size // _TRANSPOSES)
  merged = merge(runs, vocab_size, limits, then=write_transpose, usual_entries=usual_entries)
  if len(runs) == 1:
    upper = runs[0]
    collections.deque(merged, maxlen=0)
  else:
    upper = folder / "upper"
    write_run(upper, vocab_size, merged)
  return [transpose for _, transpose in sorted(transposes)] + [upper]


def divide(sums: np.ndarray, scale: int) -> np.ndarray:
  """Returns the counts of integer sums over the denominator `scale`.

  Raises:
    InputError: a sum has outgrown an int64.
  """
  if len(sums) and sums.min() < 0:
    raise InputError(
      f"a count is beyond 2^63 / {scale}, expected less; a window of 22 or fewer words and"
      " weighting=flat leave more room."
    )
  return sums / scale


def sum_runs(
  runs: Sequence[pathlib.Path], vocab_size: int, limits: Resources
) -> Iterator[Pairs]:
  """Yields the pairs of the sum of runs, in parts."""
  return merge(runs, vocab_size, limits, then=_as_pairs)


def merge(
  runs: Sequence[pathlib.Path],
  vocab_size: int,
  limits: Resources,
  *,
  then: Callable[[int, Any], Any],
  in_order: bool = False,
  usual_entries: int = _USUAL_ENTRIES,
) -> Iterator:
  """Adds runs, some rows at a time, and yields then(first row, csr_matrix of int64 sums).

  Args:
    runs: their folders; without any, nothing is yielded.
    vocab_size: number of rows and of columns.
    limits: memory and threads; `then` runs on these threads.
    then: called with each part of the sum.
    in_order: whether the columns of a row in each run are not before those of the last one, so that
      putting them one after the other sorts them.
    usual_entries: about how many entries of the runs are merged at a time, if memory allows.
  """
  if not runs:
    return
  indptr = np.zeros(vocab_size + 1, np.int64)
  for run in runs:
    indptr += np.fromfile(run / "indptr", np.int64)
  bounds = _row_bounds(indptr, min(usual_entries, limits.max_entries()), limits.threads)
  add = _join if in_order else _add

  def merge_part(part: int):
    read = functools.partial(_read_rows, rows=bounds[part : part + 2], vocab_size=vocab_size)
    return then(int(bounds[part]), add(runs, read))

  sizes = np.diff(indptr[bounds])
  parts = range(len(sizes))
  results = external_sort.ordered_map(merge_part, parts, limits.threads)
  for part, result in zip(parts, results, strict=True):
    yield result
    limits.advance(int(sizes[part]))


def _row_bounds(indptr: np.ndarray, max_entries: int, threads: int) -> np.ndarray:
  """Returns the rows between which a matrix is cut into parts that may be merged at a time."""
  size = int(indptr[-1])
  parts = max(1, -(-size // max_entries), min(threads, size // _MIN_PART))
  ends = size * np.arange(1, parts) // parts
  return np.unique([0, *np.searchsorted(indptr, ends), len(indptr) - 1])


def _add(runs: Sequence[pathlib.Path], read: Callable[[pathlib.Path], Any]) -> Any:
  """Returns the sum of what is read of each run, holding few of them at a time."""
  if len(runs) == 1:
    return read(runs[0])
  half = len(runs) // 2
  return _add(runs[:half], read) + _add(runs[half:], read)


def _join(runs: Sequence[pathlib.Path], read: Callable[[pathlib.Path], Any]) -> Any:
  """Returns the sum of what is read of runs that are in the order of their columns."""
  matrices = list(map(read, runs))
  parts = [_as_pairs(0, matrix) for matrix in matrices]
  rows, cols, sums = map(np.concatenate, zip(*parts, strict=True))
  return scipy.sparse.coo_matrix((sums, (rows, cols)), matrices[0].shape).tocsr()


def _read_rows(run: pathlib.Path, rows: np.ndarray, vocab_size: int) -> Any:
  """Returns the rows from rows[0] to rows[1] of a run as a csr_matrix of int64."""
  first, end = rows.tolist()
  # Plain reads, not memory maps: the pages of a map would count as this process's memory.
  indptr = np.fromfile(run / "indptr", np.int64, end - first + 1, offset=8 * first)
  start, stop = indptr[[0, -1]].tolist()
  cols = np.fromfile(run / "cols", np.int32, stop - start, offset=4 * start)
  sums = np.fromfile(run / "sums", np.uint32, stop - start, offset=4 * start).astype(np.int64)
  if os.path.getsize(run / "overflow"):
    overflow = np.memmap(run / "overflow", np.int64, "r").reshape(-1, 2)
    positions, upper_bits = overflow[slice(*np.searchsorted(overflow[:, 0], [start, stop]))].T
    sums[positions - start] += upper_bits << 32
  indptr = (indptr - start).astype(np.int32)
  return scipy.sparse.csr_matrix((sums, cols, indptr), (end - first, vocab_size))


def _as_pairs(first_row: int, matrix: Any) -> Pairs:
  rows = np.arange(first_row, first_row + matrix.shape[0], dtype=np.int32)
  return Pairs(
    rows=np.repeat(rows, np.diff(matrix.indptr)),
    cols=matrix.indices.astype(np.int32, copy=False),
    sums=matrix.data,
  )
