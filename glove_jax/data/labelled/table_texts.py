"""Labelled texts in tables of delimited text: their detection, and their rows."""

import itertools
import statistics
from collections.abc import Iterator, Sequence

from glove_jax.data.labelled import columns, tables
from glove_jax.data.labelled.columns import Columns
from glove_jax.data.labelled.layouts import Layout, Options, Row
from glove_jax.data.labelled.tables import Dialect
from glove_jax.errors import InputError

_NAMED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "bar": "|", "pipe": "|"}
_EVEN = 0.75  # of the rows of a table have the same number of fields


def detect(path, lines: Sequence[str], options: Options) -> Layout | None:
  """Returns the layout of a table whose first line names its columns; None if it is none.

  Raises:
    InputError: it is a table, but its names leave a choice of columns.
  """
  for dialect, rows in _even_tables(lines, options):
    if _has_header(rows, options):
      return _named_layout(path, dialect, rows[0], options)
  return None


def candidates(path, lines: Sequence[str], options: Options) -> list[tuple[Layout, list[str]]]:
  """Returns the layouts of a table without names that its values allow, and their labels.

  Tables separated by tabs come first; if any fit, others are not looked at.
  """
  layouts = []
  for dialect, rows in _even_tables(lines, options):
    if dialect.delimiter != "\t" and layouts:
      break
    _check_names(path, rows[0], options)
    layouts += _unnamed_layouts(path, dialect, rows, options)
  return layouts


def make_layout(path, lines: Sequence[str], options: Options) -> Layout:
  """Returns the layout of a file that is said to be a table (`format=csv` or `tsv`).

  Raises:
    InputError: the columns cannot be told.
  """
  dialect = _best_dialect(lines, options)
  rows = tables.sample_rows(lines, dialect)
  if not rows or _has_header(rows, options):
    first = rows[0] if rows else (1, [])
    return _named_layout(path, dialect, first, options)
  _check_names(path, rows[0], options)
  layouts = _unnamed_layouts(path, dialect, rows, options)
  if len(layouts) != 1:
    number, first = rows[0]
    raise InputError(
      f"{path}:{number}: cannot tell the label and the text of the columns "
      f"{columns.describe(first)}; expected --config.label_column= and --config.text_column= with "
      "names or numbers."
    )
  return layouts[0][0]


def parse(path, lines: Sequence[str], layout: Layout) -> Iterator[Row]:
  """Yields the rows of a table.

  Raises:
    InputError: a row has another number of fields, or no label.
  """
  rows = tables.read_rows(path, _without_hint(lines), Dialect(layout.delimiter, layout.quoting))
  if layout.header:
    next(rows, None)
  label, *texts = layout.indices
  for number, fields in rows:
    if len(fields) != layout.width and any(map(str.strip, fields[layout.width :])):
      raise _wrong_width(path, number, fields, layout)
    if len(fields) < layout.width:
      raise _wrong_width(path, number, fields, layout)
    if not fields[label].strip():
      raise InputError(f"{path}:{number}: found no label, expected one in column {layout.label}.")
    yield number, join_texts([fields[i] for i in texts]), (fields[label].strip(),)


def read_texts(path, lines: Sequence[str], layout: Layout) -> list[tuple[int, str]]:
  """Returns the texts of a table, whose labels may be missing, with their line numbers."""
  rows = tables.read_rows(path, _without_hint(lines), Dialect(layout.delimiter, layout.quoting))
  if layout.header:
    next(rows, None)
  texts = []
  for number, fields in rows:
    if len(fields) <= max(layout.indices):
      raise _wrong_width(path, number, fields, layout)
    texts.append((number, join_texts([fields[i] for i in layout.indices])))
  return texts


def adapt(path, lines: Sequence[str], layout: Layout, options: Options) -> Layout | None:
  """Returns the layout of a file that has the columns of another one; None if it has not.

  Args:
    path: for error messages.
    lines: of the file.
    layout: of the training texts.
    options: what the user says.
  """
  dialect = tables.detect_dialect(_without_hint(lines), layout.delimiter)
  rows = tables.sample_rows(_without_hint(lines), dialect)
  if not rows:
    return None
  adapted = layout._replace(quoting=dialect.quoting)
  if layout.header:
    names = list(map(columns.normalize, rows[0][1]))
    required = [columns.normalize(name) for name in (layout.label, *layout.texts)]
    if all(names.count(name) == 1 for name in required):
      indices = tuple(map(names.index, required))
      return adapted._replace(width=len(names), indices=indices)
  width, share = tables.most_common_width(rows)
  if width != layout.width or share < _EVEN:
    return None
  return adapted._replace(header=_has_header(rows, options))


def text_only(path, lines: Sequence[str], layout: Layout) -> Layout | None:
  """Returns how the texts of a table without labels are read; None if it has other columns."""
  dialect = tables.detect_dialect(_without_hint(lines), layout.delimiter)
  rows = tables.sample_rows(_without_hint(lines), dialect)
  if not rows or not layout.texts:
    return None
  adapted = layout._replace(quoting=dialect.quoting, label="")
  if layout.header:
    names = list(map(columns.normalize, rows[0][1]))
    required = list(map(columns.normalize, layout.texts))
    if all(names.count(name) == 1 for name in required):
      indices = tuple(map(names.index, required))
      return adapted._replace(width=len(names), indices=indices)
  width, share = tables.most_common_width(rows)
  if width != layout.width or share < _EVEN:
    return None
  return adapted._replace(header=False, indices=layout.indices[1:])


def is_plain(labels: Sequence[str]) -> bool:
  """Returns whether no label has a space."""
  return not any(" " in label.strip() for label in labels)


def join_texts(texts: Sequence[str]) -> str:
  """Returns a text, or two with a tab between; other tabs become spaces."""
  return "\t".join(" ".join(text.split("\t")).strip() for text in texts)


def _wrong_width(path, number: int, fields: Sequence[str], layout: Layout) -> InputError:
  where = "in the first line" if layout.header else "in most lines"
  return InputError(
    f"{path}:{number}: found {len(fields)} fields, expected {layout.width} as {where}.")


def _without_hint(lines: Sequence[str]) -> Sequence[str]:
  """Returns the lines; a first line `sep=;` becomes an empty one."""
  if tables.separator_hint(lines):
    return ["", *lines[1:]]
  return lines


def _delimiters(lines: Sequence[str], options: Options) -> tuple[str, ...]:
  delimiter = _NAMED.get(options.delimiter.strip().lower(), options.delimiter)
  if len(delimiter) > 1:
    raise InputError(f"delimiter={delimiter!r}, expected one character, or tab.")
  delimiter = delimiter or tables.separator_hint(lines)
  if delimiter:
    return (delimiter,)
  if options.format == "tsv":
    return ("\t",)
  if options.format == "csv":
    return (",", ";", "|", "\t")
  return tables.DELIMITERS


def _even_tables(
  lines: Sequence[str], options: Options
) -> Iterator[tuple[Dialect, list[tables.Row]]]:
  """Yields the delimiters by which most lines have the same number of fields, and the rows."""
  lines = _without_hint(lines)
  for delimiter in _delimiters(lines, options):
    if not any(delimiter in line for line in itertools.islice(lines, 100)):
      continue
    dialect = tables.detect_dialect(lines, delimiter)
    rows = tables.sample_rows(lines, dialect)
    width, share = tables.most_common_width(rows[1:] or rows)
    if width > 1 and share >= _EVEN and rows:
      yield dialect, rows


def _best_dialect(lines: Sequence[str], options: Options) -> Dialect:
  """Returns the first dialect in which the lines are a table."""
  for dialect, _ in _even_tables(lines, options):
    return dialect
  first, *others = _delimiters(lines, options)
  header = next(filter(str.strip, _without_hint(lines)), "")
  for delimiter in (first, *others):
    if delimiter in header:
      return tables.detect_dialect(_without_hint(lines), delimiter)
  return tables.detect_dialect(_without_hint(lines), first)


def _has_header(rows: Sequence[tables.Row], options: Options) -> bool:
  """Returns whether the first row holds names: those of the settings, or usual ones."""
  if options.header is not None:
    return options.header
  names = list(map(columns.normalize, rows[0][1]))
  width, _ = tables.most_common_width(rows[1:])
  if len(rows) > 1 and len(names) != width and not columns.has_all_names(names):
    return False
  asked = [options.label_column, *options.text_column.split(",")]
  if any(name and columns.normalize(name) in names for name in asked):
    return True
  if any(columns.INTEGER.fullmatch(name) for name in names):
    return False
  return columns.has_usual_names(names)


def _named_layout(path, dialect: Dialect, first: tables.Row, options: Options) -> Layout:
  number, names = first
  chosen = columns.by_name(
    names, f"{path}:{number}",
    label_column=options.label_column, text_column=options.text_column,
  )  # fmt: skip
  label, texts = chosen.names([name.strip() for name in names])
  return Layout(
    format="tsv" if dialect.delimiter == "\t" else "csv",
    delimiter=dialect.delimiter,
    quoting=dialect.quoting,
    header=True,
    label=label,
    texts=texts,
    width=len(names),
    indices=(chosen.label, *chosen.texts),
    unused=chosen.unused(names),
  )


def _unnamed_layouts(
  path, dialect: Dialect, rows: Sequence[tables.Row], options: Options
) -> list[tuple[Layout, list[str]]]:
  """Returns the layouts that the values of a table allow, and their labels."""
  width, _ = tables.most_common_width(rows)
  values = [fields for _, fields in rows if len(fields) == width]
  first_is_row = len(rows[0][1]) == width
  header = options.header is None and first_is_row and _first_is_name(values, options)
  if header:
    values = values[1:]
  layouts = []
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
    layouts.append((layout, labels))
  # Titles may repeat as labels do, but labels of classes are rarely of several words.
  plain = [(layout, labels) for layout, labels in layouts if is_plain(labels)]
  return plain or layouts


def _check_names(path, first: tables.Row, options: Options) -> None:
  """Raises InputError if a setting names a column that the first row does not have."""
  number, names = first
  for column in (options.label_column, *options.text_column.split(",")):
    if column and not columns.INTEGER.fullmatch(column.strip()):
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
  if len(values) < 3 or columns.by_value(values[1:]) == []:
    return False
  for chosen in columns.by_value(values[1:]):
    labels = [fields[chosen.label].strip() for fields in values]
    if all(map(columns.INTEGER.fullmatch, labels[1:])):
      return not columns.INTEGER.fullmatch(labels[0])
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
  if len(first[chosen.texts[0]].split()) <= 2 and statistics.median(lengths or [0]) >= 4:
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
