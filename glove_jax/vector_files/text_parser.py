"""Parses word-vector text: a word and its numbers on each line."""

import collections
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.text import encodings
from glove_jax.errors import InputError, quote
from glove_jax.vector_files import decimals, transcoding
from glove_jax.vector_files.row_table import RowTable
from glove_jax.word_vectors import WordVectors

MAX_DIM = 100_000  # more numbers a word are taken for a mistake or an attack
# A word of a megabyte, or 100,000 numbers, fit in. Without a limit a small archive of one endless
# line fills the memory.
MAX_LINE_BYTES = 1 << 24
PIECE_BYTES = 1 << 17  # parsed at a time
_LINE_END = " \t\r"  # what may follow the last number
# Other white space, which NumPy and Python take for spaces between or around numbers.
_ODD_SPACES = tuple(bytes([code]) for code in b"\x0b\x0c\x1c\x1d\x1e\x1f")


class Decoder(NamedTuple):
  """How the bytes of words become text."""

  file_name: str  # for errors
  encoding: str
  errors: str     # "strict", "ignore" or "replace", as for `bytes.decode`

  @property
  def is_transcoded(self) -> bool:
    """Whether the bytes are those of `transcoding.decoded`: a text, whatever it holds."""
    return self.errors == transcoding.UTF8_ERRORS

  def decode(self, data: bytes, line: int) -> str:
    """Decodes bytes that begin at a line of the file; InputError if they cannot be decoded."""
    try:
      return data.decode(self.encoding, self.errors)
    except UnicodeDecodeError as error:
      line += data.count(b"\n", 0, error.start)
      byte = data[error.start]
      raise InputError(
        f"{self.file_name}:{line}: found byte 0x{byte:02x} ({error.reason}), expected "
        f"{self.encoding}: {transcoding.advice(_around(data, error.start), b'')}."
      ) from None


def _around(data: bytes, position: int) -> bytes:
  """Returns the lines around a position, at most `encodings.SAMPLE` bytes."""
  half = encodings.SAMPLE // 2
  return data[max(0, position - half) : position + half]


class _Rows(NamedTuple):
  """Lines, split into words and their numbers."""

  words: list[str]
  numbers: list[str]  # separated by spaces
  lines: list[int]


def parse(
  chunks: Iterable[bytes], table: RowTable, decoder: Decoder, *, first_line: int
) -> WordVectors:
  """Parses the bytes of a text file, in chunks that may end anywhere, into a table.

  Raises:
    InputError: naming the line, what was found and what was expected.
  """
  line = first_line
  for block in whole_lines(_pieces(chunks), table.name):
    rows, matrix = _parse_block(block, line, table, decoder)
    if rows.words:
      table.add(rows.words, matrix, rows.lines)
    if table.is_full():
      break
    line += block.count(b"\n")
  return table.finish()


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
  """Yields chunks in pieces of at most PIECE_BYTES, which are parsed in ten times their memory."""
  for chunk in chunks:
    for start in range(0, len(chunk), PIECE_BYTES):
      yield chunk[start : start + PIECE_BYTES]


def _parse_block(
  block: bytes, first_line: int, table: RowTable, decoder: Decoder
) -> tuple[_Rows, np.ndarray]:
  """Returns the words and the numbers of whole lines; the table is read only."""
  text = decoder.decode(block, first_line)
  if first_line == 1:
    text = text.removeprefix("\ufeff")
  # Not splitlines(), which also breaks at U+0085 and U+2028.
  lines = text.removesuffix("\n").split("\n")
  del text  # each copy is memory
  rows = _split_lines(lines, table, first_line)
  del lines
  if not rows.words:
    return rows, np.empty((0, table.dim), np.float32)
  return rows, _parse_numbers(block, rows, table)


def common_dim(text: str) -> int:
  """Returns how many numbers most lines end with.

  A line with a word like "1 1/2 3", or one that is cut short, does not decide.
  """
  lines = text.split("\n")[:200]
  whole_lines = lines[:-1] or lines  # the last one may go on in the next chunk
  counts = collections.Counter()
  for line in whole_lines:
    if line.strip():
      counts[_count_numbers(line)] += 1
  if not counts:
    return 0
  dim, _ = counts.most_common(1)[0]
  return dim


def whole_lines(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
  """Yields the same bytes in blocks that end with a newline.

  Raises:
    InputError: for a line of more than MAX_LINE_BYTES.
  """
  rest = []
  rest_size = 0
  line = 1
  for chunk in chunks:
    end = chunk.rfind(b"\n") + 1
    if end:
      block = b"".join([*rest, chunk[:end]])
      line += block.count(b"\n")
      yield block
      rest = []
      rest_size = 0
    rest.append(chunk[end:])
    rest_size += len(chunk) - end
    if rest_size > MAX_LINE_BYTES:
      raise InputError(
        f"{name}:{line}: a line of more than {MAX_LINE_BYTES:,} bytes, expected a word and its "
        "numbers."
      )
  last = b"".join(rest)
  if last:
    yield last


def _split_lines(lines: Sequence[str], table: RowTable, first_line: int) -> _Rows:
  rows = _Rows(words=[], numbers=[], lines=[])
  for number, line in enumerate(lines, first_line):
    line = line.rstrip(_LINE_END)
    if not line:
      continue
    # Most words have no spaces: then a line has as many spaces as numbers. Beside tabs, a space may
    # be one of several that set off a word.
    if line.count(" ") == table.dim and "\t" not in line:
      word, _, numbers = line.partition(" ")
    else:
      word, numbers = _split_line(line, table, number)
    rows.words.append(word)
    rows.numbers.append(numbers)
    rows.lines.append(number)
  return rows


def _split_line(line: str, table: RowTable, number: int) -> tuple[str, str]:
  """Splits a line whose word has spaces, or is set off by tabs or several spaces."""
  word, *fields = line.rsplit(" ", table.dim)
  if len(fields) == table.dim and all(map(is_number, fields)):
    return word, " ".join(fields)
  starts = [match.start() for match in re.finditer("[^ \t]+", line)]
  count = _count_numbers(line)
  if count < table.dim or len(starts) < table.dim or not starts[-table.dim]:
    raise InputError(
      f"{table.name}:{number}: found {count} numbers, expected a word and {table.dim}."
    )
  start = starts[-table.dim]
  return line[:start].rstrip(" \t"), line[start:]


def _may_hold_odd_spaces(block: bytes, rows: _Rows) -> bool:
  if any(space in block for space in _ODD_SPACES):
    return True
  return not all(map(str.isascii, rows.numbers))


def _parse_numbers(block: bytes, rows: _Rows, table: RowTable) -> np.ndarray:  # -> [N, D]
  matrix = decimals.parse(rows.numbers, table.dim)
  if matrix is not None:
    return matrix
  # Numbers of other forms, or a mistake: NumPy forgives some, of which the check names the line.
  if _may_hold_odd_spaces(block, rows):
    _check_numbers(rows, table)
  try:
    matrix = np.loadtxt(rows.numbers, np.float32, comments=None, delimiter=None, ndmin=2)
    if matrix.shape == (len(rows.words), table.dim):
      return matrix
  except ValueError:
    pass
  _check_numbers(rows, table)
  lines = f"{rows.lines[0]}-{rows.lines[-1]}"
  raise InputError(f"{table.name}:{lines}: expected a word and {table.dim} numbers on each line.")


def _check_numbers(rows: _Rows, table: RowTable) -> None:
  """Raises an InputError for the first line that is not a word and `dim` numbers."""
  for word, numbers, line in zip(rows.words, rows.numbers, rows.lines, strict=True):
    _split_line(f"{word} {numbers}", table, line)  # raises for another count of numbers
    for field in re.split("[ \t]+", numbers.strip(" \t")):
      if not is_number(field):
        raise InputError(f"{table.name}:{line}: found {quote(field, 40)}, expected a number.")


def is_number(field: str) -> bool:
  """Returns whether a field is a decimal number, nan or inf, without what parsers forgive."""
  try:
    float(field)  # four times as fast as a regular expression
  except ValueError:
    return False
  return field.isascii() and "_" not in field and field == field.strip()


def _count_numbers(line: str) -> int:
  """Returns how many numbers a line ends with, up to one more than MAX_DIM.

  The first field is the word and never counts.
  """
  _, *fields = re.split("[ \t]+", line.rstrip(_LINE_END))
  count = 0
  for field in reversed(fields):
    if count > MAX_DIM or not is_number(field):
      break
    count += 1
  return count
