"""Parses word-vector files, GloVe and word2vec text and word2vec binary, for `vector_files.load`."""

import collections
import itertools
import re
import sys
from collections.abc import Iterable, Iterator

import numpy as np

from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors

WIDEST = 100_000  # More numbers a word than this and the header is taken for a mistake or an attack.
_INTEGERS = re.compile(rb"(?:\xef\xbb\xbf)?(\d{1,20})[ \t]+(\d{1,20})[ \t]*\r?\n")
LONGEST_WORD = 1 << 20
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a]")


def parse(chunks: Iterable[bytes], name: str, *, encoding: str, errors: str,
          limit: int | None) -> WordVectors:
  """Parses a file of either text format or of word2vec's binary one, told apart by its first chunk.

  A header is a first line of exactly two integers, "words numbers", whose second one fits the lines after it.
  Lines end with a newline; the numbers are split off from the right, and the rest is the word, spaces of any
  kind included.

  Args:
    chunks: the file's bytes, cut anywhere; the first should hold some lines.
    name: what errors call the file.
    encoding: of the words; any in which line ends, spaces and digits are their ASCII bytes.
    errors: as for `bytes.decode`.
    limit: read no more than this many words.

  Raises:
    InputError: naming the line, what was found and what was expected.
  """
  chunks = iter(chunks)
  head = next(chunks, b"")
  if not head.strip():
    raise InputError(f"{name}: the file is empty, expected lines of a word and its numbers.")
  header = _INTEGERS.match(head)
  body = head[header.end() :] if header else head
  width = _width(body.decode("latin-1").split("\n")[:1000])
  if header and (width != 1 or header[2] == b"1"):  # Else "400000 50" is a word and its one number.
    table = _Table(name, _dim(header, name), limit, int(header[1]))
    rest = itertools.chain([body], chunks)
    if width == table.dim or not body:
      return _text(rest, table, 2, encoding, errors)
    if _CONTROL.search(body[:65536]) or not _is_text(body[:65536], encoding):
      return _binary(rest, table, encoding, errors)
    raise InputError(f"{name}:1: the header says {table.dim} numbers a word, the next lines have {width}.")
  if not width:
    line = head.split(b"\n")[0][:60].decode(encoding, "replace")
    found = "binary data" if _CONTROL.search(head) else repr(line)
    raise InputError(f"{name}:1: found {found}, expected a word and its numbers.")
  return _text(itertools.chain([head], chunks), _Table(name, width, limit, None), 1, encoding, errors)


def from_rows(words: list[str], matrix: np.ndarray, name: str, *, limit: int | None = None) -> WordVectors:
  """Checks a matrix [V, D] that came with its words as a text file is: duplicates, finite numbers, limit."""
  table = _Table(name, matrix.shape[1], limit, None)
  for start in range(0, len(words), 1 << 16):
    part = slice(start, start + (1 << 16))
    table.add(words[part], np.asarray(matrix[part], np.float32), range(start + 1, len(words) + 1))
    if table.full():
      break
  return table.finish()


def _dim(header, name) -> int:
  dim = int(header[2])
  if not 0 < dim <= WIDEST:
    raise InputError(f"{name}:1: the header says {dim} numbers a word, expected 1 to {WIDEST:,}.")
  return dim


class _Table:
  """Rows as they come in: drops duplicates, refuses nan and inf, grows by what is there, not by a claim."""

  def __init__(self, name: str, dim: int, limit: int | None, claimed: int | None):
    self.name, self.dim, self.limit, self.claimed = name, dim, limit, claimed
    self.words: dict[str, None] = {}
    self.matrix = np.empty((0, dim), np.float32)
    self.read = 0  # rows, duplicates included

  def full(self) -> bool:
    return self.limit is not None and len(self.words) >= self.limit

  def add(self, words: list[str], rows: np.ndarray, places: np.ndarray | range):
    """Appends words with rows [N, D]; places, [N], are their lines in the file, for errors."""
    finite = np.isfinite(rows).all(1)
    if not finite.all():
      bad = int(np.argmin(finite))
      number = rows[bad][~np.isfinite(rows[bad])][0]
      raise InputError(f"{self.name}:{places[bad]}: the word {words[bad]!r} has the number {number}, "
                       f"expected finite ones.")
    self.read += len(words)
    start, most = len(self.words), sys.maxsize if self.limit is None else self.limit
    keep = []
    for row, word in enumerate(words):
      if word not in self.words and len(self.words) < most:
        self.words[word] = None
        keep.append(row)
    if len(self.matrix) < len(self.words):
      # realloc, not a copy: the peak is this matrix and a block, however large the file.
      self.matrix.resize((max(len(self.words), len(self.matrix) * 3 // 2), self.dim), refcheck=False)
    self.matrix[start : len(self.words)] = rows if len(keep) == len(words) else rows[keep]

  def finish(self) -> WordVectors:
    if self.claimed is not None and self.read < self.claimed and not self.full():
      raise InputError(f"{self.name}: the header says {self.claimed:,} words, found {self.read:,}: cut off? "
                       f"A limit of {self.read} reads what is there.")
    if not self.words:
      raise InputError(f"{self.name}: the file holds no words.")
    self.matrix.resize((len(self.words), self.dim), refcheck=False)
    return WordVectors(list(self.words), self.matrix, tuple(self._notes()))

  def _notes(self) -> Iterator[str]:
    if self.full():
      return
    if self.claimed is not None and self.read > self.claimed:
      yield f"{self.name}: the header says {self.claimed:,} words, read all {self.read:,} that are there."
    if dropped := self.read - len(self.words):
      yield f"{self.name}: {dropped:,} duplicate words dropped, the first of each kept."


def _text(chunks, table: _Table, line: int, encoding: str, errors: str) -> WordVectors:
  for block in _whole_lines(chunks):
    text = _decode(block, table.name, line, encoding, errors)
    if line == 1:
      text = text.removeprefix("\ufeff")
    lines = text.removesuffix("\n").split("\n")  # Not splitlines(), which also breaks at U+0085 and U+2028.
    words, numbers, places = [], [], []
    for place, row in enumerate(lines, line):
      row = row.rstrip(" \t\r")
      if not row:
        continue
      # A word without spaces leaves as many spaces as there are numbers; all else takes the slow road.
      one, _, rest = row.partition(" ") if row.count(" ") == table.dim else _split(row, table, place)
      words.append(one)
      numbers.append(rest)
      places.append(place)
    if words:
      table.add(words, _numbers(words, numbers, table, places), places)
    line += len(lines)
    if table.full():
      break
  return table.finish()


def _numbers(words, numbers, table, places) -> np.ndarray:  # -> [N, D]
  try:
    rows = np.loadtxt(numbers, np.float32, comments=None, delimiter=None, ndmin=2)
    if rows.shape == (len(words), table.dim):
      return rows
  except ValueError:
    pass
  for word, text, place in zip(words, numbers, places, strict=True):
    row = f"{word} {text}"
    _split(row, table, place)
    for token in text.split():
      if not _is_number(token):
        raise InputError(f"{table.name}:{place}: found {token[:40]!r}, expected a number.")
  raise InputError(f"{table.name}:{places[0]}-{places[-1]}: expected a word and {table.dim} numbers a line.")


def _split(row: str, table: _Table, place: int) -> tuple[str, str, str]:
  """Splits a word with spaces, or one set off by tabs or several spaces, from its numbers."""
  parts = row.rsplit(" ", table.dim)
  if len(parts) > table.dim and all(parts[1:]) and all(map(_is_number, parts[1:])):
    return parts[0], " ", " ".join(parts[1:])
  match = re.fullmatch(rf"(.*?)[ \t]++((?:[^ \t]++[ \t]++){{{table.dim - 1}}}[^ \t]++)", row)
  found = _trailing_numbers(row)
  if not match or found < table.dim:
    raise InputError(f"{table.name}:{place}: found {found} numbers, expected a word and {table.dim}.")
  return match[1], " ", match[2]


def _binary(chunks, table: _Table, encoding: str, errors: str) -> WordVectors:
  stride = 4 * table.dim
  buffer = b""
  for chunk in chunks:
    buffer += chunk
    position, words, rows = 0, [], []
    while table.read + len(words) < table.claimed:
      space = buffer.find(b" ", position)
      if space < 0 or space + 1 + stride > len(buffer):
        break
      # word2vec.c ends each vector with a newline, gensim does not.
      word = buffer[position:space].lstrip(b"\n")
      words.append(_decode(word, table.name, table.read + len(words) + 2, encoding, errors))
      rows.append(buffer[space + 1 : space + 1 + stride])
      position = space + 1 + stride
    if words:
      matrix = np.frombuffer(b"".join(rows), "<f4").reshape(-1, table.dim)
      table.add(words, matrix, range(table.read + 2, table.read + 2 + len(words)))
    buffer = buffer[position:]
    if table.full() or table.read >= table.claimed:
      break
    if len(buffer) > LONGEST_WORD + stride:
      raise InputError(f"{table.name}: no word ends within {LONGEST_WORD:,} bytes: damaged?")
  return table.finish()


def _whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
  """Cuts anew, after line ends."""
  rest = []
  for chunk in chunks:
    cut = chunk.rfind(b"\n") + 1
    if cut:
      yield b"".join([*rest, chunk[:cut]])
      rest = []
    rest.append(chunk[cut:])
  if last := b"".join(rest):
    yield last


def _decode(data: bytes, name: str, line: int, encoding: str, errors: str) -> str:
  try:
    return data.decode(encoding, errors)
  except UnicodeDecodeError as error:
    line += data.count(b"\n", 0, error.start)
    raise InputError(f"{name}:{line}: found byte 0x{data[error.start]:02x} ({error.reason}), expected "
                     f"{encoding}: give another encoding, or errors=ignore or replace.") from None


def _is_text(data: bytes, encoding: str) -> bool:
  try:
    data[: data.rfind(b"\n") + 1].decode(encoding)
  except UnicodeDecodeError:
    return False
  return True


def _is_number(token: str) -> bool:
  try:
    float(token)
  except ValueError:
    return False
  return "_" not in token and token.isascii()


def _trailing_numbers(line: str) -> int:
  """How many numbers a line ends with; its first field is the word and never counts."""
  fields = re.split("[ \t]+", line.rstrip(" \t\r"))
  count = 0
  for field in reversed(fields[1:]):
    if not _is_number(field):
      break
    count += 1
  return count


def _width(lines: list[str]) -> int:
  """The commonest number of numbers a line: one with a word like "1 1/2 3" or cut short does not decide."""
  whole = lines[: max(1, len(lines) - 1)]  # The last may go on in the next chunk.
  counts = collections.Counter(_trailing_numbers(line) for line in whole if line.strip())
  return counts.most_common(1)[0][0] if counts else 0
