"""Rows of delimited text: commas, semicolons, tabs or bars, quoted as spreadsheets do."""

import csv
import itertools
import operator
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from glove_jax.errors import InputError

DELIMITERS = ("\t", ",", ";", "|")
DELIMITER_NAMES = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}
# How fields are quoted: a quote in quotes is doubled, or has a backslash; or quotes are text.
QUOTING = ("doubled", "backslash", "none")

_SEPARATOR_HINT = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)  # as Excel writes it
_SAMPLE = 20_000  # lines that detection looks at
_LONGEST_FIELD = min(sys.maxsize, 2**31 - 1)


class Dialect(NamedTuple):
  """How lines become fields."""

  delimiter: str
  quoting: str = "doubled"  # one of QUOTING


Row = tuple[int, list[str]]  # number of its first line, fields


def read_rows(path, lines: Sequence[str], dialect: Dialect) -> Iterator[Row]:
  """Yields the rows of a table; those without any value are skipped.

  Raises:
    InputError: quotes are unbalanced; the message names the line where the row begins.
  """
  csv.field_size_limit(_LONGEST_FIELD)  # the limit of 131,072 is for untrusted input in services
  if dialect.quoting == "none":
    for number, line in enumerate(lines, 1):
      fields = line.split(dialect.delimiter)
      if any(map(str.strip, fields)):
        yield number, fields
    return
  start = 1
  reader = _reader(lines, dialect, strict=True)
  try:
    for fields in reader:
      # The first field decides at once for most rows.
      if (fields and fields[0].strip()) or any(map(str.strip, fields)):
        yield start, fields
      start = reader.line_num + 1
  except csv.Error as error:
    names = DELIMITER_NAMES.get(dialect.delimiter, repr(dialect.delimiter))
    raise InputError(
      f"{path}:{start}: {error}, expected fields separated by {names}, in double quotes if they "
      "hold such, quotes or newlines."
    ) from None


def separator_hint(lines: Sequence[str]) -> str:
  """Returns the delimiter that a first line `sep=;` names; empty if there is no such line."""
  match = _SEPARATOR_HINT.fullmatch(lines[0]) if lines else None
  return match[1] if match else ""


def without_hint(lines: Sequence[str]) -> Sequence[str]:
  """Returns the lines, in a list if a first line `sep=;` becomes an empty one."""
  if separator_hint(lines):
    return ["", *lines[1:]]
  return lines


def detect_dialect(lines: Sequence[str], delimiter: str) -> Dialect:
  """Returns how fields are quoted, by the lines where a field begins with a quote."""
  sample = lines[:_SAMPLE]
  quoted = [line for line in sample if line.startswith('"') or delimiter + '"' in line]
  if not quoted:
    return Dialect(delimiter, "none")
  if delimiter == "\t" and _is_even(sample, delimiter) and not _all_parse(quoted, delimiter):
    return Dialect(delimiter, "none")  # quotes are a part of the text: "so, so
  whole = len(sample) == len(lines)
  quotings = ["doubled"]
  if any('\\"' in line for line in quoted):
    quotings.append("backslash")
  for quoting in quotings:
    if _parses(sample, Dialect(delimiter, quoting), whole=whole):
      return Dialect(delimiter, quoting)
  if delimiter == "\t":
    return Dialect(delimiter, "none")
  return Dialect(delimiter)


def open_quote(lines: Sequence[str], delimiter: str) -> int | None:
  """Returns the number of the first line whose quotes are not closed, where other lines are quoted.

  None if no line is, or if all quotes can only be a part of the text.
  """
  first_open = None
  is_any_quoted = False
  for number, line in enumerate(lines, 1):
    if not line.startswith('"') and delimiter + '"' not in line:
      continue
    if not _parses([line], Dialect(delimiter), whole=True):
      first_open = first_open or number
    elif next(_reader([line], Dialect(delimiter), strict=True)) != line.split(delimiter):
      is_any_quoted = True
  return first_open if is_any_quoted else None


def most_common_width(rows: Sequence[Row]) -> tuple[int, float]:
  """Returns the most frequent number of fields, and the share of the rows that have it."""
  if not rows:
    return 0, 0.0
  widths = Counter(len(fields) for _, fields in rows)
  width, count = widths.most_common(1)[0]
  return width, count / len(rows)


def sample_rows(lines: Sequence[str], dialect: Dialect) -> list[Row]:
  """Returns the rows of the first lines of a table, whatever their errors."""
  sample = lines[:_SAMPLE]
  if dialect.quoting == "none":
    return list(read_rows("", sample, dialect))
  csv.field_size_limit(_LONGEST_FIELD)
  reader = _reader(sample, dialect, strict=False)
  rows = []
  start = 1
  try:
    for fields in reader:
      if (fields and fields[0].strip()) or any(map(str.strip, fields)):
        rows.append((start, fields))
      start = reader.line_num + 1
  except csv.Error:
    pass
  return rows


def _reader(lines: Sequence[str], dialect: Dialect, *, strict: bool):
  options = {"delimiter": dialect.delimiter, "strict": strict}
  if dialect.quoting == "backslash":
    options |= {"escapechar": "\\", "doublequote": False}
  with_newlines = map(operator.add, lines, itertools.repeat("\n"))
  return csv.reader(with_newlines, **options)


def _is_even(lines: Sequence[str], delimiter: str) -> bool:
  """Returns whether all lines have the same number of delimiters."""
  return len({line.count(delimiter) for line in lines if line.strip()}) <= 1


def _all_parse(lines: Sequence[str], delimiter: str) -> bool:
  """Returns whether each line alone is a row with balanced quotes."""
  return all(_parses([line], Dialect(delimiter), whole=True) for line in lines)


def _parses(lines: Sequence[str], dialect: Dialect, *, whole: bool) -> bool:
  """Returns whether quotes are balanced; a table that is cut may end inside of quotes."""
  csv.field_size_limit(_LONGEST_FIELD)
  reader = _reader(lines, dialect, strict=True)
  try:
    for _ in reader:
      pass
  except csv.Error:
    return not whole and reader.line_num >= len(lines)
  return True
