"""Collects words and rows while a file is read."""

import sys
from collections.abc import Iterator, Sequence

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.vector_files.distinct_words import DistinctWords
from glove_jax.vector_files.word_list import WordList
from glove_jax.word_vectors import WordVectors

_ROWS_PER_BLOCK = 1 << 16
_SMALL_BYTES = 1 << 19
# More than malloc ever takes from its heap, where a block that grows leaves holes. The system gives
# memory to those pages only that are written.
_LARGE_BYTES = 33 << 20
# So many rows with hardly any different words are no vocabulary, but an archive or a pipe without
# an end.
MAX_DUPLICATE_ROWS = 1 << 12
MAX_ROWS_PER_WORD = 100


class RowTable:
  """A growing table of words and rows [V, D] that drops duplicates and refuses nan and inf.

  Its memory grows with the rows that are added, not with the size that a header states.
  """

  def __init__(self, name: str, dim: int, *, limit: int | None, stated_size: int | None = None):
    """Makes an empty table.

    Args:
      name: of the file, for errors.
      dim: D.
      limit: maximum number of words; None: no limit.
      stated_size: number of words according to the file's header, if it has one.
    """
    self.name = name
    self.dim = dim
    self.limit = limit
    self.stated_size = stated_size
    self.words = WordList()
    self.matrix = np.empty((0, dim), np.float32)
    self.rows_read = 0  # including duplicates

  def is_full(self) -> bool:
    """Returns whether the limit is reached."""
    return self.limit is not None and len(self.words) >= self.limit

  def add(self, words: Sequence[str], rows: np.ndarray, lines: Sequence[int]):
    """Appends words with rows [N, D].

    Raises:
      InputError: naming the line, one of `lines` [N], for a value that is nan or inf; or if almost
        all words are duplicates.
    """
    self._check_finite(words, rows, lines)
    self.rows_read += len(words)
    start = len(self.words)
    limit = sys.maxsize if self.limit is None else self.limit
    kept = self.words.add(words, limit)
    if self.rows_read > max(MAX_DUPLICATE_ROWS, MAX_ROWS_PER_WORD * len(self.words)):
      raise InputError(
        f"{self.name}: only {len(self.words):,} of the first {self.rows_read:,} words differ, "
        "expected a vocabulary."
      )
    self._reserve(len(self.words))
    if len(kept) < len(words):
      rows = rows[kept]
    self.matrix[start : len(self.words)] = rows

  def finish(self) -> WordVectors:
    """Returns the words and their vectors; the table must not be used afterwards.

    Raises:
      InputError: if there are no words, or fewer than the header states.
    """
    is_short = self.stated_size is not None and self.rows_read < self.stated_size
    if is_short and not self.is_full():
      hint = f"limit={self.rows_read} reads these words."
      raise InputError(
        f"{self.name}: found {self.rows_read:,} words, expected {self.stated_size:,} as in the "
        f"header: is the file truncated? {hint}"
      )
    if not len(self.words):
      raise InputError(f"{self.name}: the file holds no words.")
    notes = tuple(self._notes())
    words = self.words.words
    self.words = WordList()
    self.matrix.resize((len(words), self.dim), refcheck=False)
    return DistinctWords(words, self.matrix, notes)

  def _check_finite(self, words: Sequence[str], rows: np.ndarray, lines: Sequence[int]):
    is_finite = np.isfinite(rows).all(axis=1)
    if is_finite.all():
      return
    row = int(np.argmin(is_finite))
    values = rows[row]
    value = values[~np.isfinite(values)][0]
    location = f"{self.name}:{lines[row]}"
    raise InputError(
      f"{location}: found {value} in the vector of {quote(words[row])}, expected finite numbers."
    )

  def _reserve(self, size: int):
    if len(self.matrix) >= size:
      return
    row_bytes = 4 * self.dim
    large = _LARGE_BYTES // row_bytes
    if size * row_bytes > _SMALL_BYTES and len(self.matrix) < large:
      larger = np.empty((max(size, large), self.dim), np.float32)
      larger[: len(self.matrix)] = self.matrix
      self.matrix = larger
      return
    # Not a copy but realloc, in small steps: NumPy fills the rows to come with zeros, so that they
    # take memory too.
    capacity = max(size, len(self.matrix) * 65 // 64)
    self.matrix.resize((capacity, self.dim), refcheck=False)

  def _notes(self) -> Iterator[str]:
    if self.is_full():
      return
    if self.stated_size is not None and self.rows_read > self.stated_size:
      yield (
        f"{self.name}: the header says {self.stated_size:,} words, read all {self.rows_read:,} "
        "that are there."
      )
    num_duplicates = self.rows_read - len(self.words)
    if num_duplicates:
      yield f"{self.name}: {num_duplicates:,} duplicate words dropped, the first of each kept."


def from_rows(
  words: list[str], matrix: np.ndarray, name: str, *, limit: int | None = None
) -> WordVectors:
  """Returns the vectors of words and a matrix [V, D], checked like those of a text file.

  Duplicates are dropped.

  Raises:
    InputError: for a value that is nan or inf, naming the row from 1.
  """
  table = RowTable(name, matrix.shape[1], limit=limit)
  lines = range(1, len(words) + 1)
  for start in range(0, len(words), _ROWS_PER_BLOCK):
    block = slice(start, start + _ROWS_PER_BLOCK)
    with np.errstate(over="ignore"):  # what is too large for 32 bits is refused as inf
      rows = np.asarray(matrix[block], np.float32)
    table.add(words[block], rows, lines[block])
    if table.is_full():
      break
  return table.finish()
