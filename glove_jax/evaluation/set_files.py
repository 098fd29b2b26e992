"""Reads the lines and columns of evaluation sets, in the layouts that their authors publish."""

import csv
import math
import os
import pathlib
import re
from collections.abc import Iterator

from glove_jax.data.text import encodings
from glove_jax.errors import InputError

_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?(?:nan|inf|infinity)", re.IGNORECASE)


def read_lines(path: str | os.PathLike) -> Iterator[tuple[int, str]]:
  """Yields the number and text of lines that are not blank, without white space at their ends.

  Lines end as on any system. Files are UTF-8, or UTF-16 or UTF-32 if a byte order mark says so.

  Raises:
    InputError: naming the line, for bytes of another encoding and for zero bytes.
  """
  data = pathlib.Path(path).read_bytes()
  encoding = encodings.marked(data) or "utf-8"
  try:
    text = data.decode(encoding).removeprefix("\ufeff")
  except UnicodeDecodeError as error:
    number = data.count(b"\n", 0, error.start) + 1
    byte = data[error.start]
    raise InputError(
      f"{path}:{number}: found byte 0x{byte:02x}, expected {encoding.upper()}."
    ) from None
  text = text.replace("\r\n", "\n").replace("\r", "\n")
  for number, line in enumerate(text.split("\n"), 1):
    if "\0" in line:
      raise InputError(
        f"{path}:{number}: found a zero byte, expected UTF-8, or UTF-16 with a byte order mark."
      )
    line = line.strip()
    if line:
      yield number, line


def split_columns(line: str) -> list[str]:
  """Splits a line at tabs, else semicolons, else commas, else spaces; quotes are taken off."""
  if "\t" in line:
    fields = line.split("\t")
  elif ";" in line:
    fields = _split_quoted(line, ";")
  elif "," in line:
    fields = _split_quoted(line, ",")
  else:
    fields = re.split(" +", line)
  return [_unquote(field.strip()) for field in fields]


def parse_number(text: str) -> float | None:
  """Returns a finite decimal number, which may have a decimal comma; None for other text."""
  if not _NUMBER.fullmatch(text):
    return None
  number = float(text.replace(",", "."))
  return number if math.isfinite(number) else None


def looks_like_number(text: str) -> bool:
  """Returns whether text is meant as a number, such as nan, infinity, 1e999 and 0x1."""
  return text.lstrip("+-.,")[:1].isdigit() or _NOT_FINITE.fullmatch(text) is not None


def _split_quoted(line: str, delimiter: str) -> list[str]:
  try:
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
  except csv.Error:  # such as a field of more than 131,072 characters
    return line.split(delimiter)


def _unquote(field: str) -> str:
  if len(field) >= 2 and field[0] == field[-1] == '"':
    return field[1:-1].strip()
  return field
