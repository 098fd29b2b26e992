"""The columns of tables without names, by the values of their rows."""

import statistics
from collections.abc import Sequence

from glove_jax.data.labelled import columns, tables
from glove_jax.data.labelled.columns import Columns
from glove_jax.data.labelled.layouts import Layout, Options
from glove_jax.data.labelled.tables import Dialect
from glove_jax.errors import InputError


def layouts(
  path, dialect: Dialect, rows: Sequence[tables.Row], options: Options
) -> list[tuple[Layout, list[str]]]:
  """Returns the layouts that the values of a table allow, and their labels."""
  width, _ = tables.most_common_width(rows)
  values = [fields for _, fields in rows if len(fields) == width]
  first_is_row = len(rows[0][1]) == width
  header = options.header is None and first_is_row and _first_is_name(values, options)
  if header:
    values = values[1:]
  fitting = []
  for chosen in _choices(path, values, options, width):
    if not header and options.header is None and first_is_row:
      _check_first(path, rows[0][0], values, chosen)
    labels = [fields[chosen.label] for fields in values]
    names = rows[0][1] if header else list(map(str, range(width)))
    label, texts = chosen.names([name.strip() for name in names])
    layout = Layout(
      format=_unnamed_format(dialect, chosen, width, header=header),
      delimiter=dialect.delimiter,
      quoting=dialect.quoting,
      header=header,
      label=label,
      texts=texts,
      width=width,
      indices=(chosen.label, *chosen.texts),
      unused=chosen.unused(names),
    )
    fitting.append((layout, labels))
  # Titles may repeat as labels do, but labels of classes are rarely of several words.
  plain = [(layout, labels) for layout, labels in fitting if is_plain(labels)]
  return plain or fitting


def is_plain(labels: Sequence[str]) -> bool:
  """Returns whether no label has a space."""
  return not any(" " in label.strip() for label in labels)


def check_names(path, first: tables.Row, options: Options) -> None:
  """Raises InputError if a setting names a column that the first row does not have."""
  number, names = first
  for column in (options.label_column, *options.text_column.split(",")):
    is_number = bool(columns.INTEGER.fullmatch(column.strip()))
    if column and not (is_number and -len(names) <= int(column) < len(names)):
      columns.find(names, column, f"{path}:{number}")


def _choices(
  path, values: Sequence[Sequence[str]], options: Options, width: int
) -> list[Columns]:
  """Returns the columns that the settings name by number, or those that the values allow."""
  names = list(map(str, range(width)))
  choices = columns.by_value(values)
  if options.label_column:
    label = columns.find(names, options.label_column, str(path))
    choices = [chosen for chosen in choices if chosen.label == label]
  if options.text_column:
    texts = columns.find_texts(names, options.text_column, str(path))
    labels = [chosen.label for chosen in choices]
    if options.label_column:
      labels = [label]
    elif not labels and width == 2:
      labels = [1 - texts[0]]
    choices = [Columns(label, texts) for label in labels if label not in texts]
  if options.label_column and not choices and width == 2:
    choices = [Columns(label, (1 - label,))]
  return choices


def _first_is_name(values: Sequence[Sequence[str]], options: Options) -> bool:
  """Returns whether the labels are integers, but for the first."""
  label_columns = [chosen.label for chosen in columns.by_value(values[1:])]
  if columns.INTEGER.fullmatch(options.label_column):
    label_columns = [int(options.label_column)]
  for column in label_columns:
    first, *others = (fields[column].strip() for fields in values)
    if len(others) > 1 and all(map(columns.INTEGER.fullmatch, others)):
      return not columns.INTEGER.fullmatch(first)
  return False


def _check_first(
  path, number: int, values: Sequence[Sequence[str]], chosen: Columns
) -> None:
  """Raises InputError if the first row may be names: no other has its label, its text is short."""
  first, *others = values
  if len(others) < 2 or columns.INTEGER.fullmatch(first[chosen.label].strip()):
    return
  if any(fields[chosen.label] == first[chosen.label] for fields in others):
    return
  lengths = [len(fields[chosen.texts[0]].split()) for fields in others]
  if len(first[chosen.texts[0]].split()) <= min(3, statistics.median(lengths) - 1):
    raise InputError(
      f"{path}:{number}: found {columns.describe(first)}, which may be a text and its label or the "
      "names of the columns; expected --config.header=True or --config.header=False."
    )


def _unnamed_format(dialect: Dialect, chosen: Columns, width: int, *, header: bool) -> str:
  """Returns the name of the format of a table, for messages."""
  if dialect.delimiter != "\t":
    return "csv"
  if dialect.quoting == "none" and not header and width - len(chosen.texts) == 1:
    if chosen.label == 0:
      return "label_tab_text"
    if chosen.label == width - 1:
      return "text_tab_label"
  return "tsv"
