"""Texts that a finished run is to label: a text a line, or a file of a format of training texts."""

import contextlib
import itertools
import json
import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from glove_jax.data.labelled.tagging import Tagged
from glove_jax.data.text import corpus
from glove_jax.errors import InputError, quote
from glove_jax.finetuning import datasets
from glove_jax.finetuning.setting_groups import Data, TaggedData

STDIN = ("-", "/dev/stdin")
_LARGEST_SHARE = 0.1  # of the tokens of tagged texts in entities of types that a run does not have

NewText = str | list[str]  # of a tagger also a sentence of tokens


class NewTexts(NamedTuple):
  """Texts in the order of their file, and what was taken for a text, in one line."""

  texts: Sequence[NewText]
  description: str


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
  name = "standard input" if path in STDIN else path
  with tempfile.TemporaryDirectory(prefix="glove_jax-") as folder:
    copy = pathlib.Path(folder, "texts")
    with copy.open("wb") as file:
      _copy_stream(path, file)
    try:
      yield str(copy)
    except InputError as error:
      raise InputError(str(error).replace(str(copy), name)) from None


def _copy_stream(path: str, file: Any) -> None:
  if path in STDIN:
    if sys.stdin is None:
      raise InputError("standard input is closed, expected texts to label.")
    shutil.copyfileobj(sys.stdin.buffer, file)
    return
  with open(path, "rb") as stream:
    shutil.copyfileobj(stream, file)


def read(
  settings: Data, path: str, *, folder: pathlib.Path, labels: Sequence[str], how: str = "auto"
) -> NewTexts:
  """Returns the texts of a file.

  Args:
    settings: of the run.
    path: a regular file, or a folder.
    folder: of the run.
    labels: classes, or tags, of the run.
    how: `lines`, a text a line; `tokens`, a token a line and an empty line after each sentence; or
      `auto`, which tells labelled and tagged files and JSON records from lines.

  Raises:
    InputError: the file cannot be read.
  """
  if how == "lines":
    return _lines(_read_lines(settings, path))
  if how == "tokens":
    return _tokens(settings, _read_lines(settings, path))
  if isinstance(settings, TaggedData):
    return _read_for_tagger(settings, path, labels)
  return _lines(_read_lines(settings, path))


def _read_for_tagger(settings: TaggedData, path: str, labels: Sequence[str]) -> NewTexts:
  tagged = _read_tagged(settings, path, labels)
  if tagged is not None:
    size = len(tagged.sentences)
    return NewTexts(tagged.sentences, f"{size:,} sentences of tokens; their tags are not used")
  lines = _read_lines(settings, path)
  records = _json_records(lines)
  if records is not None:
    texts = [_text_of_record(path, number, record) for number, record in records]
    return NewTexts(texts, f"{len(texts):,} JSON records with tokens or a text")
  return _lines(lines)


def _read_tagged(settings: TaggedData, path: str, labels: Sequence[str]) -> Tagged | None:
  """Returns tagged sentences; None if the file has none, or tags of another kind."""
  try:
    tagged = datasets.read_file(settings, path)
  except InputError:
    return None
  types = {label.partition("-")[2] for label in labels}
  total = sum(map(len, tagged.sentences))
  foreign = 0
  for span in itertools.chain.from_iterable(tagged.spans):
    if span.type not in types:
      foreign += span.end - span.start
  return tagged if foreign <= _LARGEST_SHARE * total else None


def _read_lines(settings: Data, path: str) -> list[str]:
  return list(corpus.read_lines(path, encoding=settings.encoding, errors=settings.errors))


def _lines(lines: Sequence[str]) -> NewTexts:
  return NewTexts(lines, f"{len(lines):,} lines, each a text")


def _tokens(settings: Data, lines: Sequence[str]) -> NewTexts:
  """Returns sentences of a token a line."""
  if not isinstance(settings, TaggedData):
    raise InputError("predict_format=tokens is for taggers, expected auto or lines.")
  sentences = []
  for is_blank, group in itertools.groupby(lines, lambda line: not line.strip()):
    if not is_blank:
      sentences.append([line.split()[0] for line in group])
  return NewTexts(sentences, f"{len(sentences):,} sentences of a token a line")


def _json_records(lines: Sequence[str]) -> list[tuple[int, Any]] | None:
  """Returns (line number, record) of JSON Lines; None if a line is no object."""
  records = []
  for number, line in enumerate(lines, 1):
    if not line.strip():
      continue
    try:
      record = json.loads(line)
    except (ValueError, RecursionError):
      return None
    if not isinstance(record, dict):
      return None
    records.append((number, record))
  return records or None


def _text_of_record(path: str, number: int, record: dict) -> NewText:
  """Returns the tokens, else the text, of a JSON record."""
  tokens = record.get("tokens")
  if isinstance(tokens, list) and all(isinstance(token, str) for token in tokens):
    return tokens
  if isinstance(record.get("text"), str):
    return record["text"]
  raise InputError(
    f"{path}:{number}: found the keys {quote(list(record))}, expected tokens, a list of strings, "
    "or text."
  )
