"""How a file holds labelled texts: what the user asks for, and what is detected."""

from typing import Any, NamedTuple

FORMATS = (
  "fasttext", "json", "jsonl", "parquet", "csv", "tsv",
  "label_tab_text", "text_tab_label", "label_text",
)  # fmt: skip
RECORDS = ("json", "jsonl", "parquet")

# number of the line, text (a tab between the two of a pair), labels
Row = tuple[int, str, tuple[str, ...]]


class Options(NamedTuple):
  """What the user says about a file; empty values are detected."""

  format: str = "auto"  # or one of FORMATS
  label_column: str = ""  # a name, or a number from 0
  text_column: str = ""  # the same; two, separated by a comma, are a pair of texts
  header: bool | None = None  # whether the first line names the columns
  delimiter: str = ""  # a character, or `tab`


DETECT = Options()


class Layout(NamedTuple):
  """How the texts of a file are read; a folder of texts has the format `folder`."""

  format: str
  delimiter: str = ""
  quoting: str = "none"  # as in `tables.Dialect`
  header: bool = False
  # Names of the columns, or numbers from 0 where there are no names.
  label: str = ""
  texts: tuple[str, ...] = ()
  # Of a table: its columns, and which of them are the label and the texts.
  width: int = 0
  indices: tuple[int, ...] = ()
  unused: tuple[str, ...] = ()  # other columns

  def describe(self) -> str:
    """Returns the layout in a few words."""
    if not self.texts:
      return self.format
    kind = self.format
    if self.delimiter and self.format == "csv" and self.delimiter != ",":
      kind = f"csv with {self.delimiter!r}"
    columns = f"label in column {self.label}, text in {' + '.join(self.texts)}"
    if self.unused:
      columns += f"; not read: {', '.join(self.unused)}"
    return f"{kind}: {columns}"


_ITEMS = {"texts": str, "indices": int, "unused": str}  # of the lists in JSON


def from_json(values: Any) -> Layout | None:
  """Returns the layout of a value of JSON; None if it is none."""
  if not isinstance(values, dict) or not {"format"} <= set(values) <= set(Layout._fields):
    return None
  pattern = Layout("")._asdict()
  converted = {}
  for key, value in values.items():
    if key in _ITEMS and isinstance(value, list):
      if not all(type(item) is _ITEMS[key] for item in value):
        return None
      value = tuple(value)
    if type(value) is not type(pattern[key]):
      return None
    converted[key] = value
  return Layout(**converted)
