"""Texts to label with a finished run: files as those of training, or of a text a line.

Files of lines and of JSON Lines may have any length: they are read anew in each pass over the texts
and are not kept. Parquet and JSON that spans lines are read whole.
"""

import os
import pathlib
from collections.abc import Collection, Iterator, Sequence

from glove_jax.data.labelled import (
  columns,
  file_text,
  json_records,
  json_values,
  labelled_files,
  parquet,
  record_texts,
  table_layouts,
  table_texts,
  text_formats,
)
from glove_jax.data.labelled.json_records import Record
from glove_jax.data.labelled.labelled_files import Source
from glove_jax.data.labelled.layouts import RECORDS, Layout
from glove_jax.data.labelled.rereading import FileLines, Reread
from glove_jax.errors import InputError

Path = str | os.PathLike
Text = tuple[int, str]  # number of its line, text


def read(
  path: Path,
  layout: Layout | None,
  *,
  classes: Collection[str] = (),
  encoding: str = "utf-8",
  errors: str = "strict",
) -> tuple[Collection[Text], str]:
  """Returns (line number, text) of each text to label, and in words what was taken for a text.

  A pass over the texts may raise an InputError too.

  Args:
    path: a file as of training, with labels or without, or a text a line; a folder of texts.
    layout: of the training texts; None: each line is a text.
    classes: labels of the training texts.
    encoding, errors: as for `open`.

  Raises:
    InputError: the file cannot be read, or its columns are not those of the training texts.
  """
  if os.path.isdir(path):
    return _folder_texts(pathlib.Path(path), encoding, errors)
  if layout is None or layout.format == "folder":
    layout = None
  source = _open_source(path, layout, encoding=encoding, errors=errors)
  if source.kind != "lines":
    found = layout if layout and layout.texts else None
    return _record_texts(path, source, found)
  labelled = layout and _read_lines(path, source.lines, layout, classes)
  if labelled:
    return labelled
  return Reread(lambda: _stripped(source.lines)), "a text a line"


def _stripped(lines: Sequence[str]) -> Iterator[Text]:
  for number, line in enumerate(lines, 1):
    yield number, line.strip()


def _open_source(
  path: Path, layout: Layout | None, *, encoding: str, errors: str
) -> Source:
  """Returns the lines or records of a file to label; a file without lines has none."""
  if file_text.is_parquet(path):
    return Source("parquet", records=record_texts.prepare(path, parquet.read(path)))
  lines = FileLines(path, encoding=encoding, errors=errors)
  expects_records = layout is not None and (layout.format in RECORDS or layout.header)
  if expects_records and json_records.looks_like_json(lines):
    return Source("json", records=_json_records(path, lines))
  return Source("lines", lines)


def _json_records(path: Path, lines: FileLines) -> Collection[Record]:
  if not json_records.is_value_a_line(lines):
    return record_texts.prepare(path, json_records.read(path, None, list(lines)))
  selected = record_texts.select(path, Reread(lambda: json_values.read_lines(path, lines)))
  return Reread(lambda: record_texts.normalized(path, selected))


def _record_texts(
  path: Path, source: Source, layout: Layout | None
) -> tuple[Collection[Text], str]:
  names = json_records.keys(source.records)
  if layout is None or not record_texts.fits(source.records, layout, label=False):
    expected = layout.texts if layout else columns.TEXTS[:4]
    raise InputError(
      f"{path}: found the columns {columns.describe(names)}, expected {', '.join(expected)}."
    )
  texts = Reread(lambda: record_texts.read_texts(path, source.records, layout))
  return texts, f"column {' + '.join(layout.texts)}"


def _read_lines(
  path: Path, lines: Sequence[str], layout: Layout, classes: Collection[str]
) -> tuple[Collection[Text], str] | None:
  """Returns the texts of a file that is laid out as those of training; None if it is not."""
  if layout.texts:
    table = table_layouts.text_only(lines, layout)
    if table is None:
      return None
    texts = Reread(lambda: table_texts.read_texts(path, lines, table))
    return texts, f"column {' + '.join(layout.texts)}"
  rows = Reread(lambda: text_formats.parse(path, lines, layout))
  # A text may begin with any word: it is a label if most are. Prose may often begin with a word
  # that is a label, as `good` is: there it is one if hardly any line does not.
  least = 0.95 if layout.format == "label_text" else 0.5
  try:
    if not classes or not rows or labelled_files.share_of_classes(rows, classes) <= least:
      return None
  except InputError:
    return None
  texts = Reread(lambda: ((line, text) for line, text, _ in rows))
  return texts, f"lines of {layout.format}, without their labels"


def _folder_texts(
  path: pathlib.Path, encoding: str, errors: str
) -> tuple[list[Text], str]:
  texts: list[Text] = []
  for file in sorted(path.rglob("*")):
    if file.is_file() and not file.name.startswith("."):
      text = file_text.read(file, encoding=encoding, errors=errors).strip()
      texts.append((1, " ".join(text.split("\n")).replace("\t", " ")))
  if not texts:
    raise InputError(f"{path}: no files, expected texts.")
  return texts, "a text a file"
