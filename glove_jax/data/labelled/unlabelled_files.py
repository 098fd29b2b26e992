"""Texts to label with a finished run: files as those of training, or of a text a line."""

import os
import pathlib
from collections.abc import Collection, Sequence

from glove_jax.data.labelled import (
  columns,
  file_text,
  json_records,
  labelled_files,
  parquet,
  record_texts,
  table_layouts,
  table_texts,
  text_formats,
)
from glove_jax.data.labelled.labelled_files import Source
from glove_jax.data.labelled.layouts import RECORDS, Layout
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
) -> tuple[list[Text], str]:
  """Returns (line number, text) of each text to label, and in words what was taken for a text.

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
  texts = [(number, line.strip()) for number, line in enumerate(source.lines, 1)]
  return texts, "a text a line"


def _open_source(
  path: Path, layout: Layout | None, *, encoding: str, errors: str
) -> Source:
  """Returns the lines or records of a file to label; a file without lines has none."""
  if file_text.is_parquet(path):
    return Source("parquet", records=record_texts.prepare(path, parquet.read(path)))
  lines = file_text.read_lines(path, encoding=encoding, errors=errors)
  expects_records = layout is not None and (layout.format in RECORDS or layout.header)
  if expects_records and json_records.looks_like_json(lines):
    records = json_records.read(path, None, lines)
    return Source("json", records=record_texts.prepare(path, records))
  return Source("lines", lines)


def _record_texts(
  path: Path, source: Source, layout: Layout | None
) -> tuple[list[Text], str]:
  names = json_records.keys(source.records)
  if layout is None or not record_texts.fits(source.records, layout, label=False):
    expected = layout.texts if layout else columns.TEXTS[:4]
    raise InputError(
      f"{path}: found the columns {columns.describe(names)}, expected {', '.join(expected)}."
    )
  texts = record_texts.read_texts(path, source.records, layout)
  return texts, f"column {' + '.join(layout.texts)}"


def _read_lines(
  path: Path, lines: Sequence[str], layout: Layout, classes: Collection[str]
) -> tuple[list[Text], str] | None:
  """Returns the texts of a file that is laid out as those of training; None if it is not."""
  if layout.texts:
    table = table_layouts.text_only(lines, layout)
    if table is None:
      return None
    return table_texts.read_texts(path, lines, table), f"column {' + '.join(layout.texts)}"
  try:
    rows = list(text_formats.parse(path, lines, layout))
  except InputError:
    return None
  # A text may begin with any word: it is a label if most are. Prose may often begin with a word
  # that is a label, as `good` is: there it is one if hardly any line does not.
  least = 0.95 if layout.format == "label_text" else 0.5
  if not rows or not classes or labelled_files.share_of_classes(rows, classes) <= least:
    return None
  return [(line, text) for line, text, _ in rows], f"lines of {layout.format}, without their labels"


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
