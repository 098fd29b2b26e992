"""Labelled texts in tables of delimited text: their rows."""

from collections.abc import Iterator, Sequence

from glove_jax.data.labelled import tables
from glove_jax.data.labelled.layouts import Layout, Row
from glove_jax.data.labelled.tables import Dialect
from glove_jax.errors import InputError


def parse(path, lines: Sequence[str], layout: Layout) -> Iterator[Row]:
  """Yields the rows of a table.

  Raises:
    InputError: a row has another number of fields, or no label.
  """
  label_index, text_index, *second = layout.indices
  width = layout.width
  shared: dict[str, tuple[str]] = {}  # labels
  for number, fields in _rows(path, lines, layout):
    if len(fields) != width and (len(fields) < width or any(map(str.strip, fields[width:]))):
      raise _wrong_width(path, number, fields, layout)
    label = fields[label_index].strip()
    if not label:
      raise InputError(f"{path}:{number}: found no label, expected one in column {layout.label}.")
    text = _clean(fields[text_index])
    if second:
      text = join_texts([text, fields[second[0]]])
    yield number, text, shared.setdefault(label, (label,))


def read_texts(path, lines: Sequence[str], layout: Layout) -> Iterator[tuple[int, str]]:
  """Yields the texts of a table, whose labels may be missing, with their line numbers.

  Raises:
    InputError: a row has too few fields.
  """
  for number, fields in _rows(path, lines, layout):
    if len(fields) <= max(layout.indices):
      raise _wrong_width(path, number, fields, layout)
    yield number, join_texts([fields[i] for i in layout.indices])


def _rows(path, lines: Sequence[str], layout: Layout) -> Iterator[tables.Row]:
  """Returns the rows of a table below its header."""
  dialect = Dialect(layout.delimiter, layout.quoting)
  rows = tables.read_rows(path, tables.without_hint(lines), dialect)
  if layout.header:
    next(rows, None)
  return rows


def join_texts(texts: Sequence[str]) -> str:
  """Returns a text, or two with a tab between; an empty second text leaves one.

  Other tabs become spaces: they would make a pair of a text.
  """
  if len(texts) == 1:
    return _clean(texts[0])
  return "\t".join(map(_clean, texts)).rstrip("\t")


def _clean(text: str) -> str:
  return text.replace("\t", " ").strip()


def _wrong_width(path, number: int, fields: Sequence[str], layout: Layout) -> InputError:
  where = "in the first line" if layout.header else "in most lines"
  return InputError(
    f"{path}:{number}: found {len(fields)} fields, expected {layout.width} as {where}.")
