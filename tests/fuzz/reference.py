"""Simple readers of the same formats, written anew: what a value must be equal to."""

import re
import struct
from collections.abc import Iterator

import numpy as np

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?([0-9]+)[ \t]+([0-9]+)[ \t]*\r?\n")

Rows = dict[str, np.ndarray]  # word -> vector


def decode(data: bytes) -> str:
  """Returns a text without its byte order mark, by which UTF-16 and UTF-32 are told."""
  for mark, name in ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32")):
    if data.startswith(mark):
      return data.decode(name, "replace")
  if data.startswith((b"\xff\xfe", b"\xfe\xff")):
    return data.decode("utf-16", "replace")
  return data.decode("utf-8-sig", "replace")


def with_newlines(text: str) -> str:
  """Returns a text whose lines end with "\\n": "\\r" ends them where there is more of it."""
  text = text.replace("\r\n", "\n")
  return text.replace("\r", "\n") if text.count("\r") > text.count("\n") else text


def vector_rows(data: bytes, dim: int) -> Iterator[Rows]:
  """Yields the vectors of a text file, with its first line for a header and without."""
  text = decode(data)
  texts = [text]
  if "\n" not in text:
    texts.append(text.replace("\r", "\n"))
  for text in texts:
    for start in (0, 1):
      yield _rows_of_lines(text.split("\n")[start:], dim)


def _rows_of_lines(lines: list[str], dim: int) -> Rows:
  rows: Rows = {}
  for line in lines:
    line = line.rstrip(" \t\r")
    word, *numbers = line.rsplit(" ", dim)
    if not _are_numbers(numbers, dim):
      word, numbers = _split_from_right(line, dim)
    if _are_numbers(numbers, dim):
      with np.errstate(over="ignore"):  # of a reading that may be none: another candidate is right
        rows.setdefault(word, np.float32([float(number) for number in numbers]))
  return rows


def _are_numbers(fields: list[str], dim: int) -> bool:
  return len(fields) == dim and all(map(_NUMBER.fullmatch, fields))


def _split_from_right(line: str, count: int) -> tuple[str, list[str]]:
  """Returns a line without its last fields, and these."""
  fields = []
  while len(fields) < count:
    line = line.rstrip(" \t")
    cut = max(line.rfind(" "), line.rfind("\t"))
    if cut < 0:
      break
    fields.insert(0, line[cut + 1 :])
    line = line[:cut]
  return line.rstrip(" \t"), fields


def binary_rows(data: bytes) -> Rows:
  """Returns the vectors of word2vec's binary format, as many as are whole."""
  header = _HEADER.match(data)
  rows: Rows = {}
  if header is None:
    return rows
  count, dim = int(header[1]), int(header[2])
  position = header.end()
  for _ in range(count):
    space = data.find(b" ", position)
    end = space + 1 + 4 * dim
    if space < 0 or end > len(data):
      break
    word = data[position:space].lstrip(b"\n").decode("utf-8", "replace")
    rows.setdefault(word, np.frombuffer(data[space + 1 : end], "<f4"))
    position = end
  return rows


def same_rows(words: list[str], vectors: np.ndarray, rows: Rows) -> bool:
  """Returns whether words and vectors are those of `rows`, in their order."""
  if list(rows) != words:
    return False
  return all(map(np.array_equal, vectors, rows.values()))


def fasttext_words(data: bytes) -> tuple[list[str], list[int]]:
  """Returns the words and counts of a fastText model of today's format."""
  entries, = struct.unpack_from("<i", data, 64)
  position = 64 + 28
  words = []
  counts = []
  for _ in range(entries):
    end = data.index(b"\0", position)
    words.append(data[position:end].decode("utf-8", "surrogateescape"))
    count, _kind = struct.unpack_from("<qb", data, end + 1)
    counts.append(count)
    position = end + 10
  return words, counts


def number(text: str) -> float | None:
  """Returns the number that a text is, which may have a decimal comma."""
  text = text.replace(",", ".")
  return float(text) if _NUMBER.fullmatch(text) else None
