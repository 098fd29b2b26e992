"""Files and folders of labelled texts of every format, and the layout that training texts had."""

import os
import pathlib
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from glove_jax.data.labelled import (
  columns,
  file_text,
  json_records,
  parquet,
  record_texts,
  text_folders,
  text_formats,
)
from glove_jax.data.labelled.layouts import DETECT, FORMATS, RECORDS, Layout, Options, Row
from glove_jax.errors import InputError, quote

Path = str | os.PathLike


class Source(NamedTuple):
  """What a file holds: lines, or records."""

  kind: str  # lines, json or parquet
  lines: Sequence[str] = ()
  records: Sequence[json_records.Record] = ()


def read(
  path: Path,
  options: Options = DETECT,
  *,
  encoding: str = "utf-8",
  errors: str = "strict",
  layout: Layout | None = None,
  classes: Collection[str] = (),
) -> tuple[list[Row], Layout]:
  """Returns the rows of a file or folder, and its layout.

  Args:
    path: of the file or folder.
    options: what the user says about it.
    encoding, errors: as for `open`.
    layout: of the training texts; other parts are read likewise if they have the same columns.
    classes: labels of the training texts; they tell which of two layouts is right.

  Raises:
    InputError: the file cannot be read, or a line is not of its format.
  """
  check(options)
  if os.path.isdir(path):
    rows = text_folders.read(path, encoding=encoding, errors=errors)
    return _checked(path, rows), Layout("folder")
  source = open_source(path, options, encoding=encoding, errors=errors)
  return _read_source(path, source, options, layout, classes)


def check(options: Options) -> None:
  """Raises InputError for a format that is unknown."""
  if options.format not in ("auto", *FORMATS):
    raise InputError(
      f"format={quote(options.format)} is unknown, expected auto or one of {', '.join(FORMATS)}."
    )


def open_source(
  path: Path, options: Options, *, encoding: str = "utf-8", errors: str = "strict"
) -> Source:
  """Returns the lines or the records of a file.

  Raises:
    InputError: the file cannot be read, or has none.
  """
  if file_text.is_parquet(path):
    return Source("parquet", records=record_texts.prepare(path, parquet.read(path)))
  if options.format == "parquet":
    raise InputError(f"{path}: not a Parquet file, expected one for format=parquet.")
  text = file_text.read(path, encoding=encoding, errors=errors)
  lines = file_text.lines(text)
  if not any(map(str.strip, lines)):
    raise InputError(f"{path}: no lines, expected labelled texts.")
  is_json = options.format == "auto" and json_records.looks_like_json(lines)
  if is_json or options.format in RECORDS:
    records = json_records.read(path, text, lines)
    return Source("json", lines, record_texts.prepare(path, records))
  return Source("lines", lines)


def detect(path: Path, source: Source, options: Options) -> Layout:
  """Returns the layout of a file."""
  if source.kind == "lines":
    return text_formats.make_layout(path, source.lines, options)
  return record_texts.detect(path, source.records, source.kind, options)


def adapt(path: Path, source: Source, layout: Layout, options: Options) -> Layout | None:
  """Returns how a file is read that has the columns of the training texts; None if it has not."""
  is_records = layout.format in RECORDS
  if source.kind != "lines":
    # Records and tables with names share names.
    if (is_records or layout.header) and record_texts.fits(source.records, layout):
      return Layout(source.kind, header=True, label=layout.label, texts=layout.texts)
    return None
  if layout.format == "folder":
    return None
  if is_records:
    named = options._replace(label_column=layout.label, text_column=",".join(layout.texts))
    try:
      return text_formats.make_layout(path, source.lines, named)
    except InputError:
      return None
  return text_formats.adapt(path, source.lines, layout, options)


def _read_source(
  path: Path, source: Source, options: Options, layout: Layout | None, classes: Collection[str]
) -> tuple[list[Row], Layout]:
  adapted = layout and adapt(path, source, layout, options)
  if not adapted:
    layout = detect(path, source, options)
    return _rows(path, source, layout), layout
  try:
    rows = _rows(path, source, adapted)
  except InputError:
    other = _try_other(path, source, options, adapted, classes)
    if other is None:
      raise
    return other
  if _share(rows, classes) < 0.5:
    return _try_other(path, source, options, adapted, classes) or (rows, adapted)
  return rows, adapted


def _try_other(
  path: Path, source: Source, options: Options, adapted: Layout, classes: Collection[str]
) -> tuple[list[Row], Layout] | None:
  """Returns a file as it is read on its own, if its labels are then those of the training texts."""
  try:
    layout = detect(path, source, options)
    rows = _rows(path, source, layout) if layout != adapted else []
  except InputError:
    return None
  return (rows, layout) if rows and _share(rows, classes) > 0.5 else None


def _share(rows: Sequence[Row], classes: Collection[str]) -> float:
  """Returns the share of texts whose label is one of the classes; 1 without classes."""
  if not classes or not rows:
    return 1.0
  return sum(labels[0] in classes for _, _, labels in rows) / len(rows)


def _rows(path: Path, source: Source, layout: Layout) -> list[Row]:
  if source.kind == "lines":
    rows = list(text_formats.parse(path, source.lines, layout))
  else:
    rows = list(record_texts.parse(path, source.records, layout))
  if not rows:
    raise InputError(f"{path}: no lines below the first, expected labelled texts.")
  return _checked(path, rows)


def _checked(path: Path, rows: list[Row]) -> list[Row]:
  """Returns rows whose texts and labels can be written to files again."""
  for line, text, labels in rows:
    file_text.check_characters(f"{path}:{line}", text)
    for label in labels:
      file_text.check_characters(f"{path}:{line}", label)
  return rows


def read_texts(
  path: Path,
  layout: Layout | None,
  *,
  classes: Collection[str] = (),
  encoding: str = "utf-8",
  errors: str = "strict",
) -> tuple[list[tuple[int, str]], str]:
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
  source = open_text_source(path, layout, encoding=encoding, errors=errors)
  if source.kind != "lines":
    found = layout if layout and layout.texts else None
    return _record_texts(path, source, found)
  if layout is not None:
    if layout.texts:
      table = text_formats.table_texts.text_only(path, source.lines, layout)
      if table is not None:
        texts = text_formats.read_texts(path, source.lines, table)
        return texts, f"column {' + '.join(layout.texts)}"
    else:
      labelled = _labelled_lines(path, source, layout, classes)
      if labelled is not None:
        return labelled, f"lines of {layout.format}, labels left out"
  return text_formats.read_texts(path, source.lines, None), "a text a line"


def open_text_source(
  path: Path, layout: Layout | None, *, encoding: str, errors: str
) -> Source:
  """Returns the lines or records of a file to label; a file without lines has none."""
  if file_text.is_parquet(path):
    return Source("parquet", records=record_texts.prepare(path, parquet.read(path)))
  text = file_text.read(path, encoding=encoding, errors=errors)
  lines = file_text.lines(text)
  expects_records = layout is not None and (layout.format in RECORDS or layout.header)
  if expects_records and json_records.looks_like_json(lines):
    records = json_records.read(path, text, lines)
    return Source("json", lines, record_texts.prepare(path, records))
  return Source("lines", lines)


def _record_texts(
  path: Path, source: Source, layout: Layout | None
) -> tuple[list[tuple[int, str]], str]:
  names = json_records.keys(source.records)
  if layout is None or not record_texts.fits(source.records, layout, label=False):
    expected = layout.texts if layout else columns.TEXTS[:4]
    raise InputError(
      f"{path}: found the columns {columns.describe(names)}, expected {', '.join(expected)}."
    )
  texts = record_texts.read_texts(path, source.records, layout)
  return texts, f"column {' + '.join(layout.texts)}"


def _labelled_lines(
  path: Path, source: Source, layout: Layout, classes: Collection[str]
) -> list[tuple[int, str]] | None:
  """Returns texts without their labels if most lines begin (or end) with a label of training."""
  try:
    rows = list(text_formats.parse(path, source.lines, layout))
  except InputError:
    return None
  if not rows or not classes or _share(rows, classes) <= 0.5:
    return None
  return [(line, text) for line, text, _ in rows]


def _folder_texts(
  path: pathlib.Path, encoding: str, errors: str
) -> tuple[list[tuple[int, str]], str]:
  texts: list[Any] = []
  for file in sorted(path.rglob("*")):
    if file.is_file() and not file.name.startswith("."):
      text = file_text.read(file, encoding=encoding, errors=errors).strip()
      texts.append((1, " ".join(text.split("\n")).replace("\t", " ")))
  if not texts:
    raise InputError(f"{path}: no files, expected texts.")
  return texts, "a text a file"
