"""Files and folders of labelled texts of every format, and the layout that training texts had."""

import itertools
import operator
import os
from collections.abc import Collection, Sequence
from typing import NamedTuple

from glove_jax.data.labelled import (
  columns,
  file_text,
  json_records,
  parquet,
  record_texts,
  tables,
  text_folders,
  text_formats,
)
from glove_jax.data.labelled.layouts import DETECT, FORMATS, RECORDS, Layout, Options, Row
from glove_jax.errors import InputError, quote
from glove_jax.progress import log_stage

Path = str | os.PathLike


class Source(NamedTuple):
  """What a file holds: lines, or records."""

  kind: str  # lines, json or parquet
  lines: Sequence[str] = ()
  records: Collection[json_records.Record] = ()


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
  rows, layout = _read_source(path, source, options, layout, classes)
  _log_open_quote(path, source, layout)
  return rows, layout


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
  lines = file_text.read_lines(path, encoding=encoding, errors=errors)
  if not any(map(str.strip, lines)):
    raise InputError(f"{path}: no lines, expected labelled texts.")
  is_json = options.format == "auto" and json_records.looks_like_json(lines)
  if is_json or options.format in RECORDS:
    records = json_records.read(path, None, lines)
    return Source("json", records=record_texts.prepare(path, records))
  return Source("lines", lines)


def detect(path: Path, source: Source, options: Options) -> Layout:
  """Returns the layout of a file."""
  if source.kind == "lines":
    return text_formats.make_layout(path, source.lines, options)
  return record_texts.detect(path, source.records, source.kind, options)


def adapt(path: Path, source: Source, layout: Layout, options: Options) -> Layout | None:
  """Returns how a file is read that has the columns of the training texts; None if it has not."""
  if source.kind != "lines":
    if layout.header and record_texts.fits(source.records, layout):
      return Layout(source.kind, header=True, label=layout.label, texts=layout.texts)
    return None
  if layout.format == "folder":
    return None
  return text_formats.adapt(path, source.lines, layout, options)


def _read_source(
  path: Path, source: Source, options: Options, layout: Layout | None, classes: Collection[str]
) -> tuple[list[Row], Layout]:
  adapted = layout and adapt(path, source, layout, options)
  if not adapted:
    return _read_alone(path, source, options, layout, classes)
  try:
    rows = _rows(path, source, adapted)
  except InputError:
    other = _try_other(path, source, options, layout, adapted, classes)
    if other is None:
      raise
    return other
  if share_of_classes(rows, classes) < 0.5:
    return _try_other(path, source, options, layout, adapted, classes) or (rows, adapted)
  return rows, adapted


def _read_alone(
  path: Path, source: Source, options: Options, train: Layout | None, classes: Collection[str]
) -> tuple[list[Row], Layout]:
  """Returns a file that has not the layout of the training texts.

  Its labels tell the columns where its layout cannot be detected, or has other labels.
  """
  by_labels = None
  if train and source.kind == "lines":
    by_labels = text_formats.by_labels(source.lines, train, options, classes)
  try:
    layout = detect(path, source, options)
    rows = _rows(path, source, layout)
  except InputError:
    if by_labels is None:
      raise
    return _rows(path, source, by_labels), by_labels
  if by_labels and share_of_classes(rows, classes) < 0.5:
    return _rows(path, source, by_labels), by_labels
  return rows, layout


def _try_other(
  path: Path,
  source: Source,
  options: Options,
  train: Layout,
  adapted: Layout,
  classes: Collection[str],
) -> tuple[list[Row], Layout] | None:
  """Returns a file as it is read on its own, if its labels are then those of the training texts."""
  try:
    rows, layout = _read_alone(path, source, options, train, classes)
  except InputError:
    return None
  if layout == adapted:
    return None
  return (rows, layout) if rows and share_of_classes(rows, classes) > 0.5 else None


def share_of_classes(rows: Collection[Row], classes: Collection[str]) -> float:
  """Returns the share of texts whose label is one of the classes; 1 without classes."""
  if not classes or not rows:
    return 1.0
  matching = sum(labels[0] in classes for _, _, labels in rows)
  return matching / len(rows)  # counted by that pass, where rows are read anew


def _rows(path: Path, source: Source, layout: Layout) -> list[Row]:
  if source.kind == "lines":
    rows = list(text_formats.parse(path, source.lines, layout))
  else:
    rows = list(record_texts.parse(path, source.records, layout))
  rows = _with_gold_label(path, rows, layout)
  if not rows:
    raise InputError(f"{path}: no lines below the first, expected labelled texts.")
  return _checked(path, rows)


def _log_open_quote(path: Path, source: Source, layout: Layout) -> None:
  """Reports a table whose fields are not unquoted, as a quote of one of its lines is not closed."""
  if layout.delimiter and layout.quoting == "none":
    number = tables.open_quote(source.lines, layout.delimiter)
    if number is not None:
      text = "a quote is not closed; in all lines quotes are part of the text"
      log_stage("quotes", f"{path}:{number}: {text}")


def _with_gold_label(path: Path, rows: list[Row], layout: Layout) -> list[Row]:
  """Returns rows without the pairs of SNLI and MNLI whose annotators did not agree: "-"."""
  if columns.normalize(layout.label) != "gold_label":
    return rows
  kept = [row for row in rows if row[2] != ("-",)]
  if len(kept) < len(rows):
    log_stage("labels", f"{len(rows) - len(kept):,} of {path} without a gold label (-) left out")
  return kept


def _checked(path: Path, rows: list[Row]) -> list[Row]:
  """Returns rows whose texts and labels can be written to files again."""
  if not _have_surrogates(rows):
    return rows
  for line, text, labels in rows:
    file_text.check_characters(f"{path}:{line}", text)
    for label in labels:
      file_text.check_characters(f"{path}:{line}", label)
  return rows


def _have_surrogates(rows: Sequence[Row]) -> bool:
  labels = set(map(operator.itemgetter(2), rows))
  texts = map(operator.itemgetter(1), rows)
  return file_text.have_surrogates(itertools.chain(texts, *labels))
