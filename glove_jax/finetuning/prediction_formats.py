"""Predictions as values, and their text in every format."""

import csv
import functools
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple


class Classified(NamedTuple):
  """A text and its predicted class."""

  text: str
  label: str
  probabilities: dict[str, float] | None  # of each class


class TextSpan(NamedTuple):
  """An entity in a raw text: its characters `start` to `end` - 1."""

  start: int
  end: int
  type: str
  text: str


class TaggedText(NamedTuple):
  """A text and its predicted entities."""

  text: str
  tokens: list[str]
  tags: list[str]
  spans: list[TextSpan]


def _is_tagged(predictions: Sequence) -> bool:
  return bool(predictions) and isinstance(predictions[0], TaggedText)


def _plain(predictions: Sequence, first: int) -> str:
  """Returns lines `label TAB text`; of a tagger `token TAB tag` and an empty line after a text."""
  if _is_tagged(predictions):
    return _columns(predictions, first)
  lines = []
  for text, label, probabilities in predictions:
    numbers = [f"{value:.6f}" for value in (probabilities or {}).values()]
    lines.append("\t".join([label, *numbers, _one_line(text)]) + "\n")
  return "".join(lines)


def _columns(predictions: Sequence[TaggedText], first: int) -> str:
  """Returns a token and its tag a line, and an empty line after each text."""
  del first
  lines = []
  for prediction in predictions:
    for token, tag_of_token in zip(prediction.tokens, prediction.tags, strict=True):
      lines.append(f"{token}\t{tag_of_token}\n")
    lines.append("\n")
  return "".join(lines)


def _one_line(text: str) -> str:
  """Returns a text without the white space around it, on one line."""
  return " ".join(text.strip().splitlines())


def _json_lines(predictions: Sequence, first: int) -> str:
  """Returns an object a line."""
  del first
  lines = []
  for prediction in predictions:
    record = {key: value for key, value in prediction._asdict().items() if value is not None}
    if isinstance(prediction, TaggedText):
      record["spans"] = [span._asdict() for span in prediction.spans]
    lines.append(json.dumps(record, ensure_ascii=_has_surrogates(prediction.text)) + "\n")
  return "".join(lines)


def _has_surrogates(text: str) -> bool:
  return any("\ud800" <= character <= "\udfff" for character in text)


def _table(predictions: Sequence, first: int, *, delimiter: str) -> str:
  """Returns a table, below a header where it begins: a row for each text, or for each entity."""
  output = io.StringIO()
  writer = csv.writer(output, delimiter=delimiter, lineterminator="\n")
  rows = _entity_rows(predictions, first) if _is_tagged(predictions) else _rows(predictions)
  header = next(rows)
  if first == 1:
    writer.writerow(header)
  writer.writerows(rows)
  return output.getvalue()


def _rows(predictions: Sequence[Classified]) -> Iterator[list[Any]]:
  probabilities = predictions[0].probabilities if predictions else None
  yield ["label", "text", *(f"probability_{label}" for label in probabilities or ())]
  for text, label, row in predictions:
    yield [label, text, *(row or {}).values()]


def _entity_rows(predictions: Sequence[TaggedText], first: int) -> Iterator[list[Any]]:
  yield ["number", *TextSpan._fields]
  for number, prediction in enumerate(predictions, first):
    for span in prediction.spans:
      yield [number, *span]


# (predictions, number of the first from 1) -> text. A table that goes on has no second header.
FORMATS: dict[str, Callable[[Sequence, int], str]] = {
  "txt": _plain,
  "tsv": functools.partial(_table, delimiter="\t"),
  "csv": functools.partial(_table, delimiter=","),
  "jsonl": _json_lines,
  "conll": _columns,
}
