"""How tables of delimited text hold labelled texts: detection of delimiters, names and columns."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence

from glove_jax.data.labelled import columns, table_values, tables
from glove_jax.data.labelled.layouts import Layout, Options
from glove_jax.data.labelled.tables import Dialect
from glove_jax.errors import InputError

Table = tuple[Dialect, list[tables.Row]]  # its first rows

_NAMED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "bar": "|", "pipe": "|"}
_EVEN = 0.75  # of the rows of a table have the same number of fields


def detect(path, even: Iterable[Table], options: Options) -> Layout | None:
  """Returns the layout of a table whose first line names its columns; None if it is none.

  Args:
    path: for error messages.
    even: as `even_tables` yields them.
    options: what the user says.

  Raises:
    InputError: it is a table, but its names leave a choice of columns.
  """
  for dialect, rows in even:
    if _has_header(rows, options):
      return _named_layout(path, dialect, rows[0], options)
  return None


def candidates(
  path, even: Iterable[Table], options: Options
) -> list[tuple[Layout, list[str]]]:
  """Returns the layouts of a table without names that its values allow, and their labels.

  Tables separated by tabs come first; if any fit, others are not looked at.
  """
  layouts = []
  for dialect, rows in even:
    if dialect.delimiter != "\t" and layouts:
      break
    table_values.check_names(path, rows[0], options)
    layouts += table_values.layouts(path, dialect, rows, options)
  return layouts


def first_row(lines: Sequence[str], options: Options) -> list[str]:
  """Returns the fields of the first row of a table; none if the lines are no table."""
  for _, rows in even_tables(lines, options):
    return rows[0][1]
  return []


def make_layout(path, lines: Sequence[str], options: Options) -> Layout:
  """Returns the layout of a file that is said to be a table (`format=csv` or `tsv`).

  Raises:
    InputError: the columns cannot be told.
  """
  dialect = _best_dialect(lines, options)
  rows = tables.sample_rows(tables.without_hint(lines), dialect)
  if not rows or _has_header(rows, options):
    first = rows[0] if rows else (1, [])
    return _named_layout(path, dialect, first, options)
  table_values.check_names(path, rows[0], options)
  layouts = table_values.layouts(path, dialect, rows, options)
  if len(layouts) != 1:
    number, first = rows[0]
    raise InputError(
      f"{path}:{number}: cannot tell the label and the text of the columns "
      f"{columns.describe(first)}; expected --config.label_column= and --config.text_column= with "
      "names or numbers."
    )
  return layouts[0][0]


def adapt(path, lines: Sequence[str], layout: Layout, options: Options) -> Layout | None:
  """Returns the layout of a file that has the columns of another one; None if it has not.

  Args:
    path: for error messages.
    lines: of the file.
    layout: of the training texts.
    options: what the user says.
  """
  named = _with_names(lines, layout, (layout.label, *layout.texts))
  if named or not layout.delimiter:
    return named
  same_width = _rows_of_width(lines, layout)
  if same_width is None:
    return None
  dialect, rows = same_width
  return layout._replace(quoting=dialect.quoting, header=_has_header(rows, options))


def by_labels(
  lines: Sequence[str], num_texts: int, options: Options, classes: Collection[str]
) -> list[Layout]:
  """Returns the layouts of a table by which most rows have one of these labels.

  Args:
    lines: of the file.
    num_texts: columns beside the label: one, or two of a pair.
    options: what the user says.
    classes: labels of the training texts.
  """
  fitting = []
  for dialect, rows in even_tables(lines, options):
    width, _ = tables.most_common_width(rows)
    values = [fields for _, fields in rows if len(fields) == width]
    if width != num_texts + 1:
      continue
    for label in range(width):
      matching = sum(fields[label].strip() in classes for fields in values)
      if matching > len(values) / 2:
        fitting.append(_numbered_layout(dialect, label, width, options))
  return fitting


def _numbered_layout(dialect: Dialect, label: int, width: int, options: Options) -> Layout:
  texts = tuple(i for i in range(width) if i != label)
  return Layout(
    format="tsv" if dialect.delimiter == "\t" else "csv",
    delimiter=dialect.delimiter,
    quoting=dialect.quoting,
    header=bool(options.header),
    label=str(label),
    texts=tuple(map(str, texts)),
    width=width,
    indices=(label, *texts),
  )


def text_only(lines: Sequence[str], layout: Layout) -> Layout | None:
  """Returns how the texts of a table without labels are read; None if it has other columns.

  Args:
    lines: of the file.
    layout: of the training texts; `indices` of the result are those of the texts.
  """
  named = _with_names(lines, layout, layout.texts)
  if named or not layout.delimiter:
    return named
  same_width = _rows_of_width(lines, layout)
  if same_width is None:
    return None
  dialect, _ = same_width
  return layout._replace(quoting=dialect.quoting, header=False, indices=layout.indices[1:])


def _with_names(lines: Sequence[str], layout: Layout, names: Sequence[str]) -> Layout | None:
  """Returns the layout of a table whose first row has these names, in any order."""
  if not layout.header:
    return None
  required = list(map(columns.normalize, names))
  for delimiter in dict.fromkeys((layout.delimiter or ",", *tables.DELIMITERS)):
    dialect, rows = _rows(lines, delimiter)
    header = list(map(columns.normalize, rows[0][1])) if rows else []
    if all(header.count(name) == 1 for name in required):
      return layout._replace(
        format="tsv" if delimiter == "\t" else "csv",
        delimiter=delimiter,
        quoting=dialect.quoting,
        width=len(header),
        indices=tuple(map(header.index, required)),
      )
  return None


def _rows_of_width(
  lines: Sequence[str], layout: Layout
) -> tuple[Dialect, list[tables.Row]] | None:
  """Returns the first rows if most have the columns of a layout, as `_rows`; else None."""
  dialect, rows = _rows(lines, layout.delimiter)
  width, share = tables.most_common_width(rows)
  is_even = width == layout.width and share >= _EVEN
  return (dialect, rows) if is_even else None


def _rows(lines: Sequence[str], delimiter: str) -> tuple[Dialect, list[tables.Row]]:
  """Returns the first rows of a table, and how their fields are quoted."""
  lines = tables.without_hint(lines)
  dialect = tables.detect_dialect(lines, delimiter)
  return dialect, tables.sample_rows(lines, dialect)


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


def even_tables(lines: Sequence[str], options: Options) -> Iterator[Table]:
  """Yields the delimiters by which most lines have the same number of fields, and the rows."""
  lines = tables.without_hint(lines)
  for delimiter in _delimiters(lines, options):
    if not any(delimiter in line for line in itertools.islice(lines, 100)):
      continue
    dialect, rows = _rows(lines, delimiter)
    width, share = tables.most_common_width(rows[1:] or rows)
    # Quotes that are not closed make one row of all lines: reading then names the first.
    is_named = '"' in "".join(lines[:100]) and bool(rows) and columns.has_all_names(rows[0][1])
    if (width > 1 and share >= _EVEN and rows) or is_named:
      yield dialect, rows


def _best_dialect(lines: Sequence[str], options: Options) -> Dialect:
  """Returns the first dialect in which the lines are a table."""
  for dialect, _ in even_tables(lines, options):
    return dialect
  first, *others = _delimiters(lines, options)
  header = next(filter(str.strip, tables.without_hint(lines)), "")
  for delimiter in (first, *others):
    if delimiter in header:
      return tables.detect_dialect(tables.without_hint(lines), delimiter)
  return tables.detect_dialect(tables.without_hint(lines), first)


def _has_header(rows: Sequence[tables.Row], options: Options) -> bool:
  """Returns whether the first row holds names: those of the settings, or usual ones."""
  if options.header is not None:
    return options.header
  names = list(map(columns.normalize, rows[0][1]))
  width, _ = tables.most_common_width(rows[1:])
  if len(rows) > 1 and len(names) != width and not columns.has_all_names(names):
    return False
  asked = [options.label_column, *options.text_column.split(",")]
  if any(columns.INTEGER.fullmatch(name) for name in names):
    # pandas numbers columns without names.
    return any(asked) and names == list(map(str, range(len(names))))
  if any(name and columns.normalize(name) in names for name in asked):
    return True
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
