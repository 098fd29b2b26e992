"""Texts that a finished run is to label: a text a line, or a file of a format of training texts.

They are read anew in each pass, so that a file of any length takes no memory; files of tagged
sentences, Parquet and JSON that spans lines are read whole.
"""

import contextlib
import dataclasses
import functools
import itertools
import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

from glove_jax.data.labelled import columns, file_text, json_records, tables, unlabelled_files
from glove_jax.data.labelled.layouts import Layout
from glove_jax.data.labelled.rereading import FileLines, Reread
from glove_jax.data.labelled.tagging import Tagged
from glove_jax.errors import InputError
from glove_jax.finetuning import datasets, json_texts
from glove_jax.finetuning.data_settings import Data, LabelledData, TaggedData
from glove_jax.finetuning.json_texts import NewText

STDIN = ("-", "/dev/stdin")
_A_LINE = "a text a line"  # what `datasets.read_texts` says where it has told no format
_EVEN = 0.9  # share of the rows of a table that have as many fields as the first
_LONGEST_NAME = 40  # characters of a name of a column
_MAX_TAGGED_HEAD = 20_000  # lines of a longer file that tell whether it is one of tagged sentences
_LARGEST_SHARE = 0.1  # of the tokens of tagged texts in entities of types that a run does not have



class NewTexts(NamedTuple):
  """Texts in the order of their file, and what was taken for a text.

  Fields:
    texts: a pass over them may raise an InputError.
    describe: returns what was taken for a text in one line, from the number of texts.
  """

  texts: Collection[NewText]
  describe: Callable[[int], str]

  @property
  def description(self) -> str:
    """What was taken for a text, in one line."""
    return self.describe(len(self.texts))


def counted(number: int, noun: str) -> str:
  """Returns a number and a noun, such as `1 text` and `2 texts`."""
  return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def display_name(path: str) -> str:
  """Returns how messages call a file: by its path, or standard input."""
  return "standard input" if path in STDIN else path


@contextlib.contextmanager
def regular_file(path: str) -> Iterator[str]:
  """Gives a path that can be read several times: of a copy, if `path` is a pipe or `-` (stdin).

  An InputError in the block names what the user named.
  """
  if path not in STDIN and (os.path.isfile(path) or not os.path.exists(path)):
    yield path
    return
  if os.path.isdir(path):
    yield path
    return
  with tempfile.TemporaryDirectory(prefix="glove_jax-") as folder:
    copy = pathlib.Path(folder, "texts")
    with copy.open("wb") as file:
      _copy_stream(path, file)
    try:
      yield str(copy)
    except InputError as error:
      raise InputError(str(error).replace(str(copy), display_name(path))) from None


def _copy_stream(path: str, file: Any) -> None:
  if path in STDIN:
    if sys.stdin is None:
      raise InputError("standard input is closed, expected texts to label.")
    shutil.copyfileobj(sys.stdin.buffer, file)
    return
  with open(path, "rb") as stream:
    shutil.copyfileobj(stream, file)


def read(
  settings: Data,
  path: str,
  *,
  folder: pathlib.Path | None,
  labels: Sequence[str],
  how: str = "auto",
) -> NewTexts:
  """Returns the texts of a file.

  Args:
    settings: of the run.
    path: a regular file, or a folder.
    folder: of the run, which remembers how its training texts are laid out; None: detect it.
    labels: classes, or tags, of the run.
    how: `lines`, a text a line; `tokens`, a token a line and an empty line after each sentence; or
      `auto`, which tells labelled and tagged files, tables and JSON records from lines.

  Raises:
    InputError: the file cannot be read.
  """
  if how == "lines":
    return _lines(_read_lines(settings, path))
  if how == "tokens":
    return _tokens(settings, _read_lines(settings, path))
  if isinstance(settings, TaggedData):
    return _read_for_tagger(settings, path, folder, labels)
  return _read_for_classifier(settings, path, folder, labels)


def _read_for_classifier(
  settings: LabelledData, path: str, folder: pathlib.Path | None, labels: Sequence[str]
) -> NewTexts:
  stripped, what = datasets.read_texts(settings, path, folder=folder, classes=labels)
  rows = stripped
  if what == _A_LINE:
    layout = _named_layout(settings, _read_lines(settings, path))
    if layout is None:
      return _lines(Reread(lambda: (text for _, text in stripped)))
    rows, what = unlabelled_files.read(
      path, layout, encoding=settings.encoding, errors=settings.errors
    )
  texts = Reread(lambda: (text for _, text in rows))
  return NewTexts(texts, lambda number: f"{counted(number, 'text')}: {what}")


def _named_layout(settings: LabelledData, lines: Sequence[str]) -> Layout | None:
  """Returns how records or a table are read whose columns have usual names for texts."""
  if not any(map(str.strip, lines)):
    return None
  if json_records.looks_like_json(lines):
    names = json_records.keys(json_texts.records(lines) or ())
    texts = _text_columns(settings, names)
    return Layout("jsonl", header=True, texts=texts) if texts else None
  for delimiter in tables.DELIMITERS:
    rows = tables.sample_rows(lines, tables.detect_dialect(lines, delimiter))
    names = rows[0][1] if rows else []
    width, share = tables.most_common_width(rows)
    is_table = len(names) > 1 and width == len(names) and share > _EVEN
    texts = _text_columns(settings, names)
    if is_table and texts and max(map(len, names)) <= _LONGEST_NAME:
      return Layout("csv", delimiter=delimiter, header=True, texts=texts, width=width)
  return None


def _text_columns(settings: LabelledData, names: Sequence[str]) -> tuple[str, ...]:
  """Returns the column of the text that a key names, else the first of a usual name."""
  if settings.text_column:
    texts = tuple(settings.text_column.split(","))
    return texts if set(texts) <= set(names) else ()
  usual = {columns.normalize(name): name for name in names}
  for name in columns.TEXTS:
    if name in usual:
      return (usual[name],)
  return ()


def _read_for_tagger(
  settings: TaggedData, path: str, folder: pathlib.Path | None, labels: Sequence[str]
) -> NewTexts:
  if os.path.isfile(path) and not file_text.is_parquet(path):
    lines = _read_lines(settings, path)
    records = json_texts.records(lines)
    if records is not None:
      text_of = functools.partial(json_texts.tokens_or_text, path)
      texts = Reread(lambda: itertools.starmap(text_of, records))
      what = "with tokens or a text"
      return NewTexts(texts, lambda number: f"{counted(number, 'JSON record')} {what}")
    if len(lines) > _MAX_TAGGED_HEAD and not _has_tagged_head(settings, lines, folder, labels):
      return _lines(lines)
  tagged = _read_tagged(settings, path, folder, labels)
  if tagged is not None:
    return NewTexts(
      tagged.sentences,
      lambda number: f"{counted(number, 'sentence')} of tokens; their tags are not used",
    )
  return _lines(_read_lines(settings, path))


def _read_tagged(
  settings: TaggedData, path: str, folder: pathlib.Path | None, labels: Sequence[str]
) -> Tagged | None:
  """Returns tagged sentences; None if the file has none, or tags of another kind."""
  try:
    tagged = datasets.read_file(settings, path, folder=folder)
  except InputError:
    return None
  types = {label.partition("-")[2] for label in labels}
  total = sum(map(len, tagged.sentences))
  foreign = 0
  for span in itertools.chain.from_iterable(tagged.spans):
    if span.type not in types:
      foreign += span.end - span.start
  return tagged if foreign <= _LARGEST_SHARE * total else None


def _has_tagged_head(
  settings: TaggedData, lines: FileLines, folder: pathlib.Path | None, labels: Sequence[str]
) -> bool:
  """Returns whether the first lines of a long file are tagged sentences."""
  head = lines[:_MAX_TAGGED_HEAD]
  while head and head.pop().strip():
    pass  # a sentence that is cut
  head = head or lines[:_MAX_TAGGED_HEAD]
  with tempfile.TemporaryDirectory(prefix="glove_jax-") as temporary:
    file = pathlib.Path(temporary, "head")
    file.write_text("".join(f"{line}\n" for line in head), "utf-8", "surrogatepass")
    utf8 = dataclasses.replace(settings, encoding="utf-8")
    return _read_tagged(utf8, str(file), folder, labels) is not None


def _read_lines(settings: Data, path: str) -> FileLines:
  return FileLines(path, encoding=settings.encoding, errors=settings.errors)


def _lines(lines: Collection[str]) -> NewTexts:
  return NewTexts(lines, lambda number: f"{counted(number, 'line')}, each a text")


def _tokens(settings: Data, lines: Sequence[str]) -> NewTexts:
  """Returns sentences of a token a line."""
  if not isinstance(settings, TaggedData):
    raise InputError("predict_format=tokens is for taggers, expected auto or lines.")
  return NewTexts(
    Reread(lambda: _token_lines(lines)),
    lambda number: f"{counted(number, 'sentence')} of a token a line",
  )


def _token_lines(lines: Sequence[str]) -> Iterator[list[str]]:
  for is_blank, group in itertools.groupby(lines, lambda line: not line.strip()):
    if not is_blank:
      yield [line.split()[0] for line in group]
