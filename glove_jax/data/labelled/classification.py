"""Labelled texts for classification: read as they are found, and divided into parts to train and to test on.

| format           | a line                        | what `format="auto"` takes for it                             |
|------------------|-------------------------------|---------------------------------------------------------------|
| `fasttext`       | `__label__a __label__b text`  | a word of every line begins with `__label__`                  |
| `jsonl`          | `{"label": 1, "text": "…"}`   | every line begins with `{` and ends with `}`                  |
| `csv`            | `label,review`, then rows     | the first line has a field `label` and another                |
| `tsv`            | the same with tabs, unquoted  | the first line has a field `label` and another                |
| `label_tab_text` | the label, a tab, the text    | every line has one tab, or two, and what is before are labels |
| `text_tab_label` | the text, a tab, the label    | every line has one tab, or two, and what is after are labels  |
| `label_text`     | the label, a space, the text  | every line has a space, and what is before the first are labels |

`auto` takes the first of the first four that fits, else the only one of the others that does. Labels are told from
texts by this: all of them are integers, or none occurs only once in the file.

Of two tabs the one beside the label parts it from a pair of texts, and the other one stays in the text.

A folder is read too: one of folders that have the labels for names, each with a file for every text.
"""

import csv
import functools
import json
import os
import pathlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.labelled import splits
from glove_jax.data.text import corpus
from glove_jax.errors import InputError

_FASTTEXT = re.compile(r"(?:^|(?<=\s))__label__(\S+)\s*", re.ASCII)
_INTEGER = re.compile("-?[0-9]{1,18}")
_TEXTS = ("text", "review", "sentence", "content")  # names of the field with the text, where a CSV has more than two

_COMMAS = "commas, in double quotes if they hold commas, quotes or newlines"

Row = tuple[int, str, tuple[str, ...]]  # line, text, labels


class Labelled(NamedTuple):
  """N texts and their classes."""

  texts: list[str]               # without the white space around them; may be empty
  labels: list[tuple[str, ...]]  # of each text, one or more
  classes: tuple[str, ...]       # all labels, sorted (as numbers, if they are), or as a file of names has them


def read(
  path: str | os.PathLike, format: str = "auto", *, names: str | os.PathLike | None = None, encoding: str = "utf-8",
  errors: str = "strict",
) -> Labelled:
  """Reads a file of labelled texts, or a folder. Empty lines are skipped.

  Args:
    path: a folder, or a file: plain, .gz, .bz2, .xz or .zst.
    format: a key of `FORMATS`, or `auto`: see above.
    names: a file of class names, one a line, for which the labels 0, 1, ... stand unless they are names themselves.
    encoding, errors: as for `open`.

  Raises:
    InputError: a file cannot be read, a line is not what its format says, or `auto` finds no format or several.
  """
  if format not in ("auto", *FORMATS):
    raise InputError(f"format={format!r} is unknown; expected auto or one of {', '.join(FORMATS)}.")
  if os.path.isdir(path):
    rows = list(_folder(pathlib.Path(path), encoding, errors))
  else:
    lines = list(corpus.lines(path, encoding=encoding, errors=errors))
    if not any(map(str.strip, lines)):
      raise InputError(f"{path}: no lines; expected labelled texts.")
    rows = list(FORMATS[_detect(path, lines) if format == "auto" else format](path, lines))
  if not rows:
    raise InputError(f"{path}: no folders with texts; expected one a label." if os.path.isdir(path) else
                     f"{path}: no lines below the first; expected labelled texts.")
  if names is not None:
    classes = _read_names(names, encoding, errors)
    rows = [(line, text, _named(f"{path}:{line}", labels, classes)) for line, text, labels in rows]
  else:
    classes = _sorted({label for *_, labels in rows for label in labels})
  return Labelled([text for _, text, _ in rows], [labels for *_, labels in rows], classes)


def split(data: Labelled, fraction: float, *, seed: int) -> tuple[Labelled, Labelled]:
  """(the rest, a `fraction`) of the texts, chosen by `seed` and of every class alike, to within a text.

  Raises:
    InputError: the fraction is not between 0 and 1.
  """
  chosen = splits.stratified_mask(data.labels, fraction, seed=seed)
  return take(data, np.flatnonzero(~chosen)), take(data, np.flatnonzero(chosen))


def folds(data: Labelled, k: int, *, seed: int) -> list[tuple[Labelled, Labelled]]:
  """k times (the rest, a k-th) for cross-validation: every text is in one k-th, of every class alike to within a text.

  Raises:
    InputError: k is less than 2 or more than there are texts.
  """
  fold = splits.stratified_folds(data.labels, k, seed=seed)
  return [(take(data, np.flatnonzero(fold != i)), take(data, np.flatnonzero(fold == i))) for i in range(k)]


def take(data: Labelled, positions: Iterable[int]) -> Labelled:
  """The texts at some positions; the classes stay those of all."""
  positions = list(positions)
  return data._replace(texts=[data.texts[i] for i in positions], labels=[data.labels[i] for i in positions])


def count_duplicates(texts: Iterable[str], others: Iterable[str]) -> int:
  """How many texts are among others too, white space and letter case aside: what leaks from them."""
  known = set(map(_plain, others))
  return sum(_plain(text) in known for text in texts)


def _plain(text: str) -> str:
  return " ".join(text.casefold().split())


def _fasttext(path, lines: Sequence[str]) -> Iterator[Row]:
  for number, line in _filled(lines):
    labels = tuple(dict.fromkeys(_FASTTEXT.findall(line)))
    if not labels:
      raise InputError(f"{path}:{number}: {line[:80]!r} has no label; expected __label__ before one.")
    yield number, _FASTTEXT.sub("", line).strip(), labels


def _separated(path, lines: Sequence[str], *, mark: str, label_first: bool) -> Iterator[Row]:
  for number, line in _filled(lines):
    label, found, text = line.partition(mark) if label_first else line.rpartition(mark)[::-1]
    if not (found and label.strip()):
      expected = ("a label, {} and a text" if label_first else "a text, {} and a label").format(_MARKS[mark])
      raise InputError(f"{path}:{number}: {line[:80]!r}; expected {expected}.")
    yield number, text.strip(), (label.strip(),)


def _csv(path, lines: Sequence[str], *, expected: str = _COMMAS, **dialect) -> Iterator[Row]:
  reader = csv.reader((line + "\n" for line in lines), strict=True, **dialect)
  header, number, end = None, 0, 0
  try:
    for fields in reader:
      number, end = end + 1, reader.line_num  # a quoted field may go on over several lines
      if not fields:
        continue
      if header is None:
        header = fields
        label, text = _columns(f"{path}:{number}", header)
      elif len(fields) != len(header):
        raise InputError(f"{path}:{number}: {len(fields)} fields, expected the {len(header)} of the first line.")
      elif not fields[label].strip():
        raise InputError(f"{path}:{number}: no label; expected one in field {label + 1}.")
      else:
        yield number, fields[text].strip(), (fields[label].strip(),)
  except csv.Error as error:
    raise InputError(f"{path}:{end + 1}: {error}; expected fields set apart by {expected}.") from None


def _jsonl(path, lines: Sequence[str]) -> Iterator[Row]:
  for number, line in _filled(lines):
    try:
      record = json.loads(line)
    except ValueError as error:
      raise InputError(f"{path}:{number}: not JSON ({error}); expected an object a line.") from None
    fields = {str(name).lower(): value for name, value in record.items()} if isinstance(record, dict) else {}
    texts = [fields[name] for name in _TEXTS if name in fields]
    labels = fields.get("label")
    labels = tuple(map(str, labels if isinstance(labels, list) else [] if labels is None else [labels]))
    if len(texts) != 1 or not isinstance(texts[0], str) or not labels:
      raise InputError(f"{path}:{number}: {line[:80]}; expected an object with label and one of {', '.join(_TEXTS)}.")
    yield number, texts[0].strip(), labels


def _folder(path: pathlib.Path, encoding: str, errors: str) -> Iterator[Row]:
  for folder in sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith(".")):
    for file in sorted(one for one in folder.iterdir() if one.is_file() and not one.name.startswith(".")):
      yield 1, "\n".join(corpus.lines(file, encoding=encoding, errors=errors)).strip(), (folder.name,)


_MARKS = {" ": "a space", "\t": "a tab"}
FORMATS = {
  "fasttext": _fasttext,
  "jsonl": _jsonl,
  "csv": _csv,
  "tsv": functools.partial(_csv, expected="tabs", delimiter="\t", quoting=csv.QUOTE_NONE),
  "label_tab_text": functools.partial(_separated, mark="\t", label_first=True),
  "text_tab_label": functools.partial(_separated, mark="\t", label_first=False),
  "label_text": functools.partial(_separated, mark=" ", label_first=True),
}


def _filled(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
  return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _columns(place: str, header: Sequence[str]) -> tuple[int, int]:
  """Which fields of a CSV are the label and the text."""
  fields = [field.strip().lower() for field in header]
  others = [i for i, field in enumerate(fields) if field != "label"]
  texts = [i for i in others if len(others) == 1 or fields[i] in _TEXTS]
  if fields.count("label") != 1 or len(texts) != 1:
    raise InputError(f"{place}: the fields are {', '.join(header)[:80]}; "
                     f"expected label and one of {', '.join(_TEXTS)}.")
  return fields.index("label"), texts[0]


def _detect(path, lines: Sequence[str]) -> str:
  lines = [line for _, line in _filled(lines)]
  if all(map(_FASTTEXT.search, lines)):
    return "fasttext"
  if all(re.fullmatch(r"\s*\{.*\}\s*", line) for line in lines):
    return "jsonl"
  for format, mark, around in (("csv", ",", '" '), ("tsv", "\t", " ")):
    header = [field.strip(around).lower() for field in lines[0][:1000].split(mark)]
    if "label" in header and len(header) > 1:
      return format
  places = {}
  if {line.count("\t") for line in lines} in ({1}, {2}):
    places["label_tab_text"] = [line.partition("\t")[0] for line in lines]
    places["text_tab_label"] = [line.rpartition("\t")[2] for line in lines]
  if all(" " in line and "\t" not in line.partition(" ")[0] for line in lines):
    places["label_text"] = [line.partition(" ")[0] for line in lines]
  fitting = [format for format, values in places.items() if _are_labels(values)]
  if not fitting:
    raise InputError(f"{path}: cannot tell the labels, the first line is {lines[0][:80]!r}; "
                     f"expected format= one of {', '.join(FORMATS)}.")
  if len(fitting) > 1:
    raise InputError(f"{path}: could be {' or '.join(fitting)}; expected format={' or format='.join(fitting)}.")
  return fitting[0]


def _are_labels(values: Sequence[str]) -> bool:
  counts = Counter(value.strip() for value in values)
  return all(map(_INTEGER.fullmatch, counts)) or ("" not in counts and min(counts.values()) > 1)


def _read_names(path, encoding: str, errors: str) -> tuple[str, ...]:
  names = {}
  for number, line in _filled(list(corpus.lines(path, encoding=encoding, errors=errors))):
    if names.setdefault(line.strip(), number) != number:
      raise InputError(f"{path}:{number}: {line.strip()!r} is already on line {names[line.strip()]}.")
  return tuple(names)


def _named(place: str, labels: tuple[str, ...], classes: tuple[str, ...]) -> tuple[str, ...]:
  def named(label: str) -> str:
    if label in classes:
      return label
    if _INTEGER.fullmatch(label) and 0 <= int(label) < len(classes):
      return classes[int(label)]
    raise InputError(f"{place}: label {label[:80]!r}, expected one of the {len(classes)} names, or 0 to "
                     f"{len(classes) - 1}.")
  return tuple(map(named, labels))


def _sorted(labels: set[str]) -> tuple[str, ...]:
  numbers = all(map(_INTEGER.fullmatch, labels))
  return tuple(sorted(labels, key=lambda label: (int(label) if numbers else 0, label)))
