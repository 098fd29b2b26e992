"""The file formats of labelled texts: their parsers, and detection.

| format           | a line                        | detected if                                 |
|------------------|-------------------------------|---------------------------------------------|
| `fasttext`       | `__label__a __label__b text`  | a word of each line begins with `__label__` |
| `jsonl`          | `{"label": 1, "text": "…"}`   | each line begins with `{` and ends with `}` |
| `csv`            | `label,review`, then rows     | the first line has `label` and other fields |
| `tsv`            | as CSV, with tabs, no quoting | the first line has `label` and other fields |
| `label_tab_text` | the label, a tab, the text    | each line has one tab, or each has two      |
| `text_tab_label` | the text, a tab, the label    | each line has one tab, or each has two      |
| `label_text`     | the label, a space, the text  | each line has a space, before any tab       |

Detection takes the first of the first four formats that fits, else the only one of the others that
fits and where the part that would be the labels looks like labels: all of them are integers, or
none occurs only once in the file.

With two tabs, the one beside the label separates it from a pair of texts; the other one remains
between these.
"""

import csv
import functools
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from glove_jax.errors import InputError

INTEGER = re.compile("-?[0-9]{1,18}")
_FASTTEXT = re.compile(r"(?:^|(?<=\s))__label__(\S+)\s*", re.ASCII)
_JSON_OBJECT = re.compile(r"\s*\{.*\}\s*")
_TEXT_FIELDS = ("text", "review", "sentence", "content")
_TEXT_FIELDS_LIST = ", ".join(_TEXT_FIELDS)

Path = str | os.PathLike
Row = tuple[int, str, tuple[str, ...]]  # line number, text, labels


def parse(path: Path, lines: Sequence[str], format: str) -> Iterator[Row]:
  """Yields (line number, text, labels) of each text of a file.

  Args:
    path: for error messages.
    lines: of the file.
    format: a key of FORMATS, or `auto` to detect it.

  Raises:
    InputError: a line is not of its format, or `auto` detects none or several.
  """
  if format == "auto":
    format = detect(path, lines)
  return FORMATS[format](path, lines)


def numbered_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
  """Yields (line number from 1, line) of the lines that are not blank."""
  for number, line in enumerate(lines, 1):
    if line.strip():
      yield number, line


def _parse_fasttext(path: Path, lines: Sequence[str]) -> Iterator[Row]:
  for number, line in numbered_lines(lines):
    labels = tuple(dict.fromkeys(_FASTTEXT.findall(line)))
    if not labels:
      raise InputError(
        f"{path}:{number}: found no label in {line[:80]!r}, expected __label__LABEL.")
    yield number, _FASTTEXT.sub("", line).strip(), labels


def _parse_separated(
  path: Path, lines: Sequence[str], *, separator: str, label_first: bool
) -> Iterator[Row]:
  name = {" ": "a space", "\t": "a tab"}[separator]
  for number, line in numbered_lines(lines):
    if label_first:
      label, separated, text = line.partition(separator)
      expected = f"a label, {name} and a text"
    else:
      text, separated, label = line.rpartition(separator)
      expected = f"a text, {name} and a label"
    label = label.strip()
    if not separated or not label:
      raise InputError(f"{path}:{number}: found {line[:80]!r}, expected {expected}.")
    yield number, text.strip(), (label,)


def _parse_csv(
  path: Path, lines: Sequence[str], *, separators: str, **dialect: Any
) -> Iterator[Row]:
  rows = _csv_rows(path, lines, separators, dialect)
  number, header = next(rows, (1, []))
  label, text = _label_and_text(f"{path}:{number}", header)
  for number, fields in rows:
    if len(fields) != len(header):
      raise InputError(
        f"{path}:{number}: found {len(fields)} fields, expected {len(header)} as in the first "
        "line.")
    if not fields[label].strip():
      raise InputError(f"{path}:{number}: found no label, expected one in field {label + 1}.")
    yield number, fields[text].strip(), (fields[label].strip(),)


def _csv_rows(
  path: Path, lines: Sequence[str], separators: str, dialect: dict[str, Any]
) -> Iterator[tuple[int, list[str]]]:
  """Yields (number of its first line, fields) of each row; a quoted field may span lines."""
  reader = csv.reader((line + "\n" for line in lines), strict=True, **dialect)
  end = 0
  try:
    for fields in reader:
      if fields:
        yield end + 1, fields
      end = reader.line_num
  except csv.Error as error:
    raise InputError(
      f"{path}:{end + 1}: {error}, expected fields separated by {separators}.") from None


def _label_and_text(location: str, header: Sequence[str]) -> tuple[int, int]:
  """Returns which fields of a CSV are the label and the text."""
  names = [name.strip().lower() for name in header]
  others = [i for i, name in enumerate(names) if name != "label"]
  texts = others
  if len(others) > 1:
    texts = [i for i in others if names[i] in _TEXT_FIELDS]
  if names.count("label") != 1 or len(texts) != 1:
    raise InputError(
      f"{location}: found the fields {', '.join(header)[:80]}, expected label and one of "
      f"{_TEXT_FIELDS_LIST}.")
  return names.index("label"), texts[0]


def _parse_jsonl(path: Path, lines: Sequence[str]) -> Iterator[Row]:
  for number, line in numbered_lines(lines):
    try:
      record = json.loads(line)
    except ValueError as error:
      raise InputError(
        f"{path}:{number}: not JSON ({error}), expected one object a line.") from None
    texts, labels = _json_texts_and_labels(record)
    if len(texts) != 1 or not isinstance(texts[0], str) or not labels:
      raise InputError(
        f"{path}:{number}: found {line[:80]}, expected an object with label and one of "
        f"{_TEXT_FIELDS_LIST}.")
    yield number, texts[0].strip(), tuple(map(str, labels))


def _json_texts_and_labels(record: Any) -> tuple[list, list]:
  """Returns the values of all fields that may be the text, and those of the label."""
  texts = []
  labels = []
  if isinstance(record, dict):
    fields = {name.lower(): value for name, value in record.items()}
    texts = [fields[name] for name in _TEXT_FIELDS if name in fields]
    labels = fields.get("label", [])
  if labels is None:
    labels = []
  if not isinstance(labels, list):
    labels = [labels]
  return texts, labels


FORMATS = {
  "fasttext": _parse_fasttext,
  "jsonl": _parse_jsonl,
  "csv": functools.partial(
    _parse_csv, separators="commas, in double quotes if they hold commas, quotes or newlines"),
  "tsv": functools.partial(
    _parse_csv, separators="tabs", delimiter="\t", quoting=csv.QUOTE_NONE),
  "label_tab_text": functools.partial(_parse_separated, separator="\t", label_first=True),
  "text_tab_label": functools.partial(_parse_separated, separator="\t", label_first=False),
  "label_text": functools.partial(_parse_separated, separator=" ", label_first=True),
}


def detect(path: Path, lines: Sequence[str]) -> str:
  """Returns the format of a file, a key of FORMATS.

  Raises:
    InputError: no format fits, or several do.
  """
  lines = list(filter(str.strip, lines))
  if all(map(_FASTTEXT.search, lines)):
    return "fasttext"
  if all(map(_JSON_OBJECT.fullmatch, lines)):
    return "jsonl"
  header = lines[0][:1000].lower()
  if _is_header(header.split(","), '" '):
    return "csv"
  if _is_header(header.split("\t"), " "):
    return "tsv"
  candidates = _candidate_labels(lines)
  fitting = [format for format, labels in candidates.items() if _look_like_labels(labels)]
  if not fitting:
    raise InputError(
      f"{path}: cannot tell the labels, the first line is {lines[0][:80]!r}, expected format= one "
      f"of {', '.join(FORMATS)}.")
  if len(fitting) > 1:
    raise InputError(
      f"{path}: could be {' or '.join(fitting)}, expected format={' or format='.join(fitting)}.")
  return fitting[0]


def _is_header(fields: Sequence[str], quotes: str) -> bool:
  names = [field.strip(quotes) for field in fields]
  return "label" in names and len(names) > 1


def _candidate_labels(lines: Sequence[str]) -> dict[str, list[str]]:
  """Returns what the labels are in each format of lines without a header that may fit."""
  candidates = {}
  tabs = {line.count("\t") for line in lines}
  if tabs in ({1}, {2}):
    candidates["label_tab_text"] = [line.partition("\t")[0] for line in lines]
    candidates["text_tab_label"] = [line.rpartition("\t")[2] for line in lines]
  first_words = []
  for line in lines:
    word, space, _ = line.partition(" ")
    if not space or "\t" in word:
      return candidates
    first_words.append(word)
  candidates["label_text"] = first_words
  return candidates


def _look_like_labels(values: Sequence[str]) -> bool:
  counts = Counter(map(str.strip, values))
  if all(map(INTEGER.fullmatch, counts)):
    return True
  return "" not in counts and min(counts.values()) > 1
