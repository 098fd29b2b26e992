"""Files of tagged sentences: columns as of CoNLL, tables with names, and records.

| file          | a token                                           | detected by                  |
|---------------|---------------------------------------------------|------------------------------|
| columns       | a line: the token and its tag among other columns | nothing else fits            |
| CoNLL-U       | the tag is `name=B-PER` in the last column        | such a value                 |
| CoNLL-2012    | entities in brackets: `(PERSON*`, `*`, `*)`       | column 10, or all tags       |
| a table       | a row below names such as `Word` and `Tag`        | its first line               |
| JSON, Parquet | `{"tokens": […], "ner_tags": […]}`, or a text     | the file begins as JSON does |
|               | with spans: doccano, Label Studio, spaCy          |                              |

In columns, an empty line ends a sentence, and so does -DOCSTART-. Comments begin with `#` and a
space or a tab, and have no tag. The last column is that of the tags, or the only one with tags. A
first column that numbers the tokens is no token; ranges (`1-2`) and empty nodes (`1.1`) of CoNLL-U
are left out. Tags without B- and I- are plain: a run of one tag is an entity.
"""

import itertools
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from glove_jax.data.labelled import (
  file_text,
  json_records,
  parquet,
  tagged_columns,
  tagged_records,
  tagged_tables,
)
from glove_jax.data.labelled.column_splitters import SPLITTERS
from glove_jax.data.labelled.tag_schemes import Span
from glove_jax.data.labelled.tagged_columns import TagLayout
from glove_jax.errors import InputError
from glove_jax.progress import log_stage

_DIGITS = "0123456789"


class Tagged(NamedTuple):
  """N sentences and their entities."""

  sentences: list[list[str]]  # tokens
  spans: list[list[Span]]     # of each sentence, from left to right, not overlapping
  types: tuple[str, ...]      # of all entities, sorted


class Options(NamedTuple):
  """What the user says about a file."""

  token_column: int = 0
  tag_column: int = -1  # the last
  positions: bool | None = None  # whether tokens end with their position in a word
  tokenizer: str = "punctuation"  # of texts with spans
  names: str | os.PathLike | None = None  # a file of tags, for those that are numbers


def make(
  sentences: list[list[str]], spans: list[list[Span]], types: Sequence[str] | None = None
) -> Tagged:
  """Returns sentences and their entities; `types` are those that occur, if not passed."""
  if types is None:
    types = sorted({span.type for span in itertools.chain.from_iterable(spans)})
  return Tagged(sentences, spans, tuple(types))


def read_with_layout(
  path: str | os.PathLike,
  options: Options,
  *,
  encoding: str = "utf-8",
  errors: str = "strict",
  layout: TagLayout | None = None,
) -> tuple[Tagged, TagLayout]:
  """Reads tagged sentences; returns also how they are laid out.

  Args:
    path: plain, .gz, .bz2, .xz or .zst.
    options: what the user says about the file.
    encoding, errors: as for `open`.
    layout: of the training texts, which other parts are read like.

  Raises:
    InputError: a file cannot be read, a line has too few columns, or a tag is of no scheme.
  """
  names = _read_names(options, encoding, errors)
  if file_text.is_parquet(path):
    records = parquet.read(path)
    sentences, used = _from_records(path, records, options, names), TagLayout("records")
  else:
    sentences, used = _from_text(path, options, encoding, errors, layout, names)
  if not sentences:
    raise InputError(f"{path}: no lines, expected a token and its tag on each.")
  tokens = [sentence for sentence, _ in sentences]
  spans = [sentence_spans for _, sentence_spans in sentences]
  positions = options.positions
  if positions is None:
    positions = used.kind == "columns" and _have_positions(list(itertools.chain(*tokens)))
  if positions:
    tokens = [[word[:-1] for word in sentence] for sentence in tokens]
  return make(tokens, spans), used


def from_json(values: Any) -> TagLayout | None:
  """Returns the layout of a value of JSON; None if it is none."""
  if not isinstance(values, dict) or not {"kind"} <= set(values) <= set(TagLayout._fields):
    return None
  pattern = TagLayout("")._asdict()
  if any(type(value) is not type(pattern[key]) for key, value in values.items()):
    return None
  layout = TagLayout(**values)
  is_known = layout.kind in ("columns", "records", "table") and layout.splitter in SPLITTERS
  return layout if is_known else None


def _from_text(
  path, options: Options, encoding: str, errors: str, layout: TagLayout | None, names
) -> tuple[list, TagLayout]:
  lines = file_text.read_lines(path, encoding=encoding, errors=errors)
  if not any(map(str.strip, lines)):
    raise InputError(f"{path}: no lines, expected a token and its tag on each.")
  if file_text.have_surrogates(lines):
    file_text.check_characters(str(path), "\n".join(lines))
  if tagged_records.looks_like_json(lines):
    records = json_records.read(path, None, lines)
    return _from_records(path, records, options, names), TagLayout("records")
  if tagged_tables.has_header(lines):
    return tagged_tables.read(path, lines), TagLayout("table")
  if layout is None or layout.kind in ("records", "table"):
    layout = tagged_columns.detect(path, lines, options.token_column, options.tag_column)
  return tagged_columns.read(path, lines, layout), layout


def _from_records(path, records, options: Options, names) -> list:
  sentences, overlapping = tagged_records.read(
    path, records, tokenizer=options.tokenizer, names=names
  )
  if overlapping:
    log_stage("spans", f"{overlapping:,} spans that overlap longer ones of {path} are left out")
  for words, entities in sentences:
    file_text.check_characters(str(path), " ".join([*words, *(span.type for span in entities)]))
  return sentences


def _read_names(options: Options, encoding: str, errors: str) -> list[str]:
  if options.names is None:
    return []
  text = file_text.read(options.names, encoding=encoding, errors=errors)
  return [line.strip() for line in file_text.lines(text) if line.strip()]


def _have_positions(tokens: Sequence[str]) -> bool:
  """Returns whether all tokens end with digits that count up in each word; 1 % may be wrong."""
  if not all(len(token) > 1 and token[-1] in _DIGITS for token in tokens):
    return False
  right = 0
  last = -1
  for token in tokens:
    digit = int(token[-1])
    right += digit in (0, min(last + 1, 9))
    last = digit
  return right >= 0.99 * len(tokens)
