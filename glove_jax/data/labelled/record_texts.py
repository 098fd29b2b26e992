"""Labelled texts in records: objects of JSON, rows of Parquet."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from glove_jax.data.labelled import columns, json_records, table_texts
from glove_jax.data.labelled.json_records import Record
from glove_jax.data.labelled.layouts import Layout, Options, Row
from glove_jax.errors import InputError, quote
from glove_jax.progress import log_stage

_LARGEST_EXACT = 2**53  # beyond, a float stands for several integers


def prepare(path, records: Collection[Record]) -> list[Record]:
  """Returns records as objects with keys in lower case; arrays have the keys 0, 1, ….

  Raises:
    InputError: a record is neither an object nor an array.
  """
  return list(normalized(path, select(path, records)))


def select(path, records: Collection[Record]) -> Collection[Record]:
  """Returns the records themselves, without envelopes, that no annotator has rejected."""
  unwrapped = json_records.unwrap(records)
  selected = json_records.accepted(unwrapped)
  if selected is not unwrapped and len(selected) < len(unwrapped):
    left_out = len(unwrapped) - len(selected)
    log_stage("records", f"{left_out:,} of {path} that are not accepted left out")
  return selected


def normalized(path, records: Iterable[Record]) -> Iterator[Record]:
  """Yields records as `prepare` returns them."""
  lower_case: dict[tuple[str, ...], tuple[str, ...]] = {}
  for item in records:
    line, record = item
    if isinstance(record, list):
      record = {str(number): value for number, value in enumerate(record)}
    if not isinstance(record, dict):
      raise InputError(f"{path}:{line}: found {quote(record)}, expected an object.")
    if isinstance(record.get("data"), dict):
      record = _label_studio_choice(record)
    names = tuple(record)
    keys = lower_case.get(names)
    if keys is None:
      keys = lower_case[names] = tuple(map(columns.normalize, names))
    if keys != names:
      record = dict(zip(keys, record.values(), strict=True))
    yield item if record is item[1] else (line, record)


def detect(path, records: Collection[Record], format: str, options: Options) -> Layout:
  """Returns the keys of label and text.

  Raises:
    InputError: the keys leave a choice.
  """
  if not records:
    raise InputError(f"{path}: no records, expected labelled texts.")
  names = json_records.keys(records)
  first_line, _ = next(iter(records))
  location = f"{path}:{first_line}"
  numbered = names == list(map(str, range(len(names))))
  if numbered and not (options.label_column and options.text_column):
    chosen = _by_value(location, records, names)
  else:
    chosen = columns.by_name(
      names, location, label_column=options.label_column, text_column=options.text_column
    )
  label, texts = chosen.names(names)
  unused = chosen.unused(names)
  return Layout(format=format, header=True, label=label, texts=texts, unused=unused)


def parse(path, records: Iterable[Record], layout: Layout) -> Iterator[Row]:
  """Yields the rows of records.

  Raises:
    InputError: a record has no label or no text.
  """
  label = columns.normalize(layout.label)
  shared: dict[str, tuple[str]] = {}  # labels
  for line, record in records:
    text = _text(path, line, record, layout)
    value = record.get(label)
    stripped = value.strip() if isinstance(value, str) else ""
    if stripped:
      yield line, text, shared.setdefault(stripped, (stripped,))
    else:
      yield line, text, _labels(f"{path}:{line}", value, record, layout)


def read_texts(path, records: Iterable[Record], layout: Layout) -> Iterator[tuple[int, str]]:
  """Yields the texts of records, whose labels may be missing, with their lines."""
  for line, record in records:
    yield line, _text(path, line, record, layout)


def fits(records: Collection[Record], layout: Layout, *, label: bool = True) -> bool:
  """Returns whether all keys of a layout are in records."""
  names = json_records.keys(records)
  required = [*layout.texts, layout.label] if label else layout.texts
  return all(columns.normalize(name) in names for name in required)


def _text(path, line: int, record: dict, layout: Layout) -> str:
  texts = []
  for name in layout.texts:
    value = record.get(columns.normalize(name))
    if not isinstance(value, str):
      raise InputError(
        f"{path}:{line}: found {quote(value)} in {quote(name)}, expected a text (the columns are "
        f"{columns.describe(list(record))})."
      )
    texts.append(value)
  return table_texts.join_texts(texts)


def _labels(location: str, value: Any, record: dict, layout: Layout) -> tuple[str, ...]:
  values = value if isinstance(value, list) else [value]
  labels = []
  for item in values:
    is_number = isinstance(item, (int, float)) and item == item  # NaN is none
    if not (is_number or isinstance(item, str)) or not str(item).strip():
      break
    is_whole = isinstance(item, float) and item.is_integer()  # pandas: a column that had gaps
    if is_whole and abs(item) <= _LARGEST_EXACT:
      item = int(item)
    labels.append(str(item).strip())
  if len(labels) != len(values) or not labels:
    raise InputError(
      f"{location}: found the label {quote(value)} in {quote(layout.label)}, expected a string or "
      f"a number (the columns are {columns.describe(list(record))})."
    )
  return tuple(dict.fromkeys(labels))


def _by_value(location: str, records: Iterable[Record], names: Sequence[str]) -> columns.Columns:
  rows = [[str(record.get(name, "")) for name in names] for _, record in records]
  choices = columns.by_value(rows)
  if len(choices) != 1:
    raise InputError(
      f"{location}: cannot tell the label and the text of the columns {columns.describe(rows[0])}; "
      "expected --config.label_column= and --config.text_column= with numbers from 0."
    )
  return choices[0]


def _label_studio_choice(record: dict[str, Any]) -> dict[str, Any]:
  """Returns the texts of a task of Label Studio with the choice of its first annotation.

  Without annotations, a label beside the texts stays.
  """
  choices = []
  annotations = record.get("annotations") or record.get("completions") or []
  for annotation in annotations[:1] if isinstance(annotations, list) else []:
    results = annotation.get("result") if isinstance(annotation, dict) else None
    for result in results if isinstance(results, list) else []:
      value = result.get("value") if isinstance(result, dict) else None
      if isinstance(value, dict) and isinstance(value.get("choices"), list):
        choices += value["choices"]
  others = {key: value for key, value in record.items() if columns.normalize(key) in columns.LABELS}
  if choices or not others:
    others = {"label": choices}
  return {**record["data"], **others}
