"""Sorted runs of word pairs on disk: counted from blocks of text, mirrored, and made a matrix.

A pair is a key row * V + column; its weight is an integer sum over a common denominator
(`pair_counting`). Runs are those of `external_sort`.
"""

import os
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import external_sort
from glove_jax.data.counts import pair_counting
from glove_jax.data.counts.pair_counting import Block, PairCounter
from glove_jax.errors import InputError
from glove_jax.progress import ignore

_MIN_BLOCK = 4096  # words counted at a time, at least
_MIN_ENTRIES = 65536  # entries merged at a time, at least
_BYTES_PER_WORD = 32  # peak memory per word of a block, besides 8 bytes for each of its pairs
_BYTES_PER_ENTRY = 64  # peak memory per merged entry in `external_sort.merge`, measured


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

  def block_size(self, window: int, num_tokens: int | None) -> int:
    """Returns the words per block: as memory allows, and about equally many for each thread."""
    bytes_per_word = 8 * window + _BYTES_PER_WORD
    largest = max(_MIN_BLOCK, int(self.memory / self.threads / bytes_per_word))
    if not num_tokens:
      return largest
    rounds = -(-num_tokens // (largest * self.threads))
    balanced = -(-num_tokens // (rounds * self.threads))
    return max(_MIN_BLOCK, min(largest, balanced))


def resources(
  memory_gb: float, threads: int | None = None, advance: Callable[[int], None] = ignore
) -> Resources:
  """Returns resources of `memory_gb` * 10^9 bytes; threads=None means one per core."""
  return Resources(memory_gb * 1e9, threads or os.cpu_count() or 1, advance)


def write_runs(
  folder: pathlib.Path, counter: PairCounter, blocks: Iterable[Block], threads: int
) -> None:
  """Counts each block and writes its pairs as a sorted run to the new folder `folder`.

  Symmetric counts are written as their upper triangle.
  """
  folder.mkdir()

  def count_block(block: Block) -> None:
    parts = pair_counting.count_block(counter, block)
    external_sort.write_run(folder, block.number, parts)

  for _ in external_sort.ordered_map(count_block, blocks, threads):
    pass


def mirror(
  sources: Sequence[pathlib.Path], folder: pathlib.Path, vocab_size: int, limits: Resources
) -> None:
  """Writes the runs of both triangles of a matrix to the new folder `folder`.

  The diagonal is doubled: two equal words count once for each direction.

  Args:
    sources: folders with runs of the upper triangle.
    folder: created.
    vocab_size: number of rows and of columns.
    limits: memory and threads.
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

  for _ in merge(sources, limits, write_both):
    pass


def write_matrix(
  folder: pathlib.Path,
  sources: Sequence[pathlib.Path],
  vocab_size: int,
  to_counts: Callable[[np.ndarray], np.ndarray],
  limits: Resources,
) -> None:
  """Writes runs as the files `indptr`, `cols` and `counts`; to_counts(sums) are the counts."""

  def convert(_, keys: np.ndarray, sums: np.ndarray):
    rows, cols = np.divmod(keys, vocab_size)
    row_lengths = np.bincount(rows, minlength=vocab_size)
    return row_lengths, cols.astype(np.int32), to_counts(sums)

  indptr = np.zeros(vocab_size + 1, np.int64)
  with open(folder / "cols", "wb") as cols_file, open(folder / "counts", "wb") as counts_file:
    for row_lengths, cols, counts in merge(sources, limits, convert):
      indptr[1:] += row_lengths
      cols_file.write(cols.data)
      counts_file.write(counts.data)
    for file in (cols_file, counts_file):
      file.flush()
      os.fsync(file.fileno())
  np.cumsum(indptr, out=indptr)
  indptr.tofile(folder / "indptr")


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


def merge(
  sources: Sequence[pathlib.Path], limits: Resources, then: Callable | None = None
) -> Iterator:
  """Merges the runs of all folders, as `external_sort.merge` does."""
  return external_sort.merge(
    *sources,
    max_entries=limits.max_entries(),
    threads=limits.threads,
    then=then,
    advance=limits.advance,
  )
