"""The text of a labelled file, with "\\n" for every line end that the file uses."""

import itertools
import os
import re
from collections.abc import Iterable, Iterator

from glove_jax.data.text import streams
from glove_jax.errors import InputError, quote

Path = str | os.PathLike

# First bytes of files that hold no text, and what to do about them.
_BINARY = {
  b"PK\x03\x04": "a zip archive or an Excel workbook; unpack it, or save its sheet as CSV",
  b"\xd0\xcf\x11\xe0": "an old Excel workbook; save its sheet as CSV",
  b"SQLite f": "an SQLite database; export its table as CSV",
}
_PARQUET = b"PAR1"
_ARROW = (b"ARROW1", b"\xff\xff\xff\xff")  # a file, a stream
_SURROGATE = re.compile("[\ud800-\udfff]")


def read(path: Path, *, encoding: str = "utf-8", errors: str = "strict") -> str:
  """Returns the text of a file: plain, .gz, .bz2, .xz or .zst.

  Lines end with "\\n", "\\r\\n", or "\\r" where that is more common (`streams.read_text`); a single
  "\\r" elsewhere counts as a space. A byte order mark is dropped.

  Raises:
    InputError: the file cannot be read, unpacked or decoded, or is of another kind.
  """
  return "".join(_parts(path, encoding, errors))


def read_lines(path: Path, *, encoding: str = "utf-8", errors: str = "strict") -> list[str]:
  """Returns the lines of the text that `read` returns; takes less memory than `lines` of it.

  Raises:
    InputError: as `read`.
  """
  return list(iterate_lines(path, encoding=encoding, errors=errors))


def iterate_lines(
  path: Path, *, encoding: str = "utf-8", errors: str = "strict"
) -> Iterator[str]:
  """Yields the lines of the text that `read` returns.

  Raises:
    InputError: as `read`.
  """
  parts = []  # of a line that has not ended yet
  for text in _parts(path, encoding, errors):
    first, *others = text.split("\n")
    parts.append(first)
    if others:
      yield "".join(parts)
      parts = [others.pop()]
      yield from others
  last = "".join(parts)
  if last:
    yield last


def _parts(path: Path, encoding: str, errors: str) -> Iterator[str]:
  """Yields the text of a file in parts."""
  with streams.open_bytes(path) as file:
    head = file.read(8)
  for magic, kind in _BINARY.items():
    if head.startswith(magic):
      raise InputError(f"{path}: {kind}.")
  for text in streams.read_text(path, encoding, errors):
    yield text.replace("\r", " ")  # the csv module takes it for a line end, and fails


def lines(text: str) -> list[str]:
  """Returns the lines of a text without their ends; only "\\n" ends a line."""
  parts = text.split("\n")
  if not parts[-1]:
    parts.pop()
  return parts


def is_parquet(path: Path) -> bool:
  """Returns whether a file is one of Parquet or Arrow, by its first bytes."""
  if not os.path.isfile(path):
    return False
  with streams.open_bytes(path) as file:
    head = file.read(8)
  return head.startswith((_PARQUET, *_ARROW))


def have_surrogates(values: Iterable[str]) -> bool:
  """Returns whether any string has a lone surrogate."""
  try:
    for _ in map(str.encode, itertools.filterfalse(str.isascii, values)):
      pass
  except UnicodeEncodeError:
    return True
  return False


def check_characters(location: str, value: str) -> None:
  """Raises InputError if a string has a lone surrogate, which no file can hold."""
  if not value.isascii() and _SURROGATE.search(value):
    raise InputError(f"{location}: found a lone surrogate in {quote(value)}, expected characters.")
