"""The file formats of labelled texts: their detection, and their parsers.

| format           | a text                       | detected if                                |
|------------------|------------------------------|--------------------------------------------|
| `fasttext`       | `__label__a __label__b text` | most lines have a word `__label__…`         |
| `json`, `jsonl`  | `{"label": 1, "text": "…"}`  | the file begins as JSON does               |
| `csv`, `tsv`     | `label,review`, then rows    | the first row has usual names of columns   |
| `csv`, `tsv`     | rows alone                   | one choice of columns fits their values    |
| `label_tab_text` | the label, a tab, the text   | one choice of columns fits their values    |
| `text_tab_label` | the text, a tab, the label   | one choice of columns fits their values    |
| `label_text`     | the label, a space, the text | first words look like labels               |

Detection takes the first of these that fits. Delimiters are tabs, commas, semicolons and bars.
Values look like labels if they repeat (`columns.look_like_labels`). In tables of two texts and a
label the texts are a pair, which a tab separates in the result.
"""

import functools
import itertools
import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence

from glove_jax.data.labelled import columns, table_layouts, table_texts, table_values
from glove_jax.data.labelled.layouts import DETECT, FORMATS, Layout, Options, Row
from glove_jax.errors import InputError, quote

_FASTTEXT = re.compile(r"(?:^|(?<=\s))__label__(\S+)\s*", re.ASCII)
_MARK = "__label__"
_REST_OF_WORD = re.compile(r"\S*\s*", re.ASCII)
_SEPARATORS = {
  "label_text": (" ", True),
  "label_tab_text": ("\t", True),
  "text_tab_label": ("\t", False),
}
_SAMPLE = 20_000  # lines that detection looks at
_EVEN = 0.75  # of the lines have a space


def numbered_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
  """Yields (line number from 1, line) of the lines that are not blank."""
  for number, line in enumerate(lines, 1):
    if line.strip():
      yield number, line


def parse(path, lines: Sequence[str], layout: Layout) -> Iterator[Row]:
  """Yields (line number, text, labels) of each text of a file of lines.

  Raises:
    InputError: a line is not of its format; the message names it.
  """
  if layout.format == "fasttext":
    return _parse_fasttext(path, lines)
  if layout.texts:
    return table_texts.parse(path, lines, layout)
  separator, label_first = _SEPARATORS[layout.format]
  return _parse_separated(path, lines, separator=separator, label_first=label_first)


def make_layout(path, lines: Sequence[str], options: Options) -> Layout:
  """Returns the layout of a file of a format that the user names, or detects it.

  Raises:
    InputError: no format fits, or several do, or the columns cannot be told.
  """
  if options.format == "auto":
    return detect(path, lines, options)
  if options.format in ("csv", "tsv"):
    return table_layouts.make_layout(path, lines, options)
  return Layout(options.format)


def detect(path, lines: Sequence[str], options: Options = DETECT) -> Layout:
  """Returns the layout of a file of lines.

  Raises:
    InputError: no format fits, or several do.
  """
  sample = [line for _, line in numbered_lines(lines[:_SAMPLE])]
  marked = sum(map(_is_marked, sample))
  if marked > len(sample) / 2:
    return Layout("fasttext")
  # Both look at the same tables, which are read once.
  tables, same_tables = itertools.tee(table_layouts.even_tables(lines, options))
  named = table_layouts.detect(path, tables, options)
  if named:
    return named
  fitting = []
  is_quoted = False
  for layout, labels in table_layouts.candidates(path, same_tables, options):
    # In prose the part before a comma may repeat too.
    if layout.delimiter == "\t" or options.label_column or table_values.is_plain(labels):
      fitting.append((layout, labels))
      is_quoted |= layout.delimiter == "\t" or layout.quoting != "none"
  if not is_quoted and not (fitting and ".csv" in os.path.basename(path).lower()):
    fitting += _label_text(sample, fitting)
  various = [(layout, labels) for layout, labels in fitting if len(set(labels)) > 1]
  fitting = [layout for layout, _ in various or fitting]
  if not fitting:
    raise _no_labels(path, sample, table_layouts.first_row(lines, options))
  return _only(path, sample, fitting)


def adapt(path, lines: Sequence[str], layout: Layout, options: Options) -> Layout | None:
  """Returns how a file is read that has the layout of the training texts; None if it has not."""
  sample = [line for _, line in numbered_lines(lines[:_SAMPLE])]
  if layout.texts:
    return table_layouts.adapt(path, lines, layout, options)
  if layout.format == "fasttext":
    fits: Callable = _is_marked
  else:
    fits = functools.partial(_has_separator, _SEPARATORS[layout.format][0])
  matching = sum(map(fits, sample))
  return layout if sample and matching >= _EVEN * len(sample) else None


def by_labels(
  lines: Sequence[str], train: Layout, options: Options, classes: Collection[str]
) -> Layout | None:
  """Returns the layout by which the labels of a part are those of the training texts.

  For parts that are too short for detection.

  Args:
    lines: of the file.
    train: layout of the training texts.
    options: what the user says; where columns are named, nothing is guessed.
    classes: labels of the training texts.

  Returns:
    None if no layout fits, or several do.
  """
  if not classes or options.label_column or options.text_column:
    return None
  if options.format not in ("auto", "csv", "tsv"):
    return None
  fitting = table_layouts.by_labels(lines, max(1, len(train.texts)), options, classes)
  if fitting:
    return fitting[0] if len(fitting) == 1 else None
  sample = [line for _, line in numbered_lines(lines[:_SAMPLE])]
  first_words = [line.partition(" ")[0] for line in sample if " " in line.strip()]
  matching = sum(word in classes for word in first_words)
  if options.format == "auto" and matching > len(sample) / 2:
    return Layout("label_text")
  return None


def _is_marked(line: str) -> bool:
  return _MARK in line and bool(_FASTTEXT.search(line))


def _has_separator(separator: str, line: str) -> bool:
  return separator in line.strip()


def _parse_fasttext(path, lines: Sequence[str]) -> Iterator[Row]:
  for number, line in numbered_lines(lines):
    # Labels end with the last mark: the rest of a long text need not be searched.
    end = _REST_OF_WORD.match(line, max(0, line.rfind(_MARK))).end()
    head = line[:end]
    labels = tuple(dict.fromkeys(_FASTTEXT.findall(head)))
    if not labels:
      raise InputError(
        f"{path}:{number}: found no label in {quote(line)}, expected __label__LABEL."
      )
    text = _FASTTEXT.sub("", head) + line[end:]
    yield number, text.strip(), labels


def _parse_separated(
  path, lines: Sequence[str], *, separator: str, label_first: bool
) -> Iterator[Row]:
  name = {" ": "a space", "\t": "a tab"}[separator]
  shared: dict[str, tuple[str]] = {}  # labels
  for number, line in numbered_lines(lines):
    if label_first:
      label, separated, text = line.partition(separator)
      expected = f"a label, {name} and a text"
    else:
      text, separated, label = line.rpartition(separator)
      expected = f"a text, {name} and a label"
    label = label.strip()
    if not separated or not label:
      raise InputError(f"{path}:{number}: found {quote(line)}, expected {expected}.")
    yield number, text.strip(), shared.setdefault(label, (label,))


def _label_text(
  sample: Sequence[str], tables: Sequence[tuple[Layout, list[str]]]
) -> list[tuple[Layout, list[str]]]:
  """Returns the layout of lines that begin with a label and a space, if they do."""
  first_words = []
  for line in sample:
    word, space, _ = line.partition(" ")
    if space and "\t" not in word:
      first_words.append(word)
  if len(first_words) < _EVEN * len(sample) or not columns.look_like_labels(first_words):
    return []
  for table, _ in tables:
    if all(table.delimiter in word for word in first_words):
      return []
  return [(Layout("label_text"), first_words)]


def _no_labels(path, sample: Sequence[str], first_row: Sequence[str]) -> InputError:
  message = f"{path}: cannot tell the labels"
  if first_row:
    shown = columns.describe(first_row, 6)
    return InputError(
      f"{message} in the columns {shown}; expected --config.label_column= and "
      "--config.text_column=, or --config.format=.")
  return InputError(
    f"{message}, the first line is {quote(sample[0])}, expected --config.format= one of "
    f"{', '.join(FORMATS)}.")


def _only(path, sample: Sequence[str], fitting: Sequence[Layout]) -> Layout:
  """Returns the only layout that fits; raises InputError if there are more."""
  if len(fitting) == 1:
    return fitting[0]
  names = [layout.format for layout in fitting]
  if len(set(names)) == len(names):
    raise InputError(
      f"{path}: could be {' or '.join(names)}, expected format={' or format='.join(names)}.")
  raise InputError(
    f"{path}: several columns look like labels in {quote(sample[0])}; expected "
    f"--config.label_column= {' or '.join(layout.label for layout in fitting)}."
  )
