"""Columns of a line: separated by tabs, or by any white space."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

_SPACE = re.compile(r"[ \t\f\v\r]+")  # a token may be another space, such as U+3000
_TABS = re.compile(r"\t+")


def _split_tabs(line: str) -> list[str]:
  line = line.rstrip(" \t\r")
  if " " not in line:
    return line.split("\t")
  return [_strip(column) for column in line.split("\t")]


def _split_runs_of_tabs(line: str) -> list[str]:
  return [_strip(column) for column in _TABS.split(line.strip(" \t\r"))]


def _split_spaces(line: str) -> list[str]:
  columns = line.split()
  if columns and " ".join(columns) == line:  # single spaces and no other ones: most lines
    return columns
  return _SPACE.split(line.strip(" \t\f\v\r"))


def _split_tabs_or_spaces(line: str) -> list[str]:
  return _split_tabs(line) if "\t" in line else _split_spaces(line)


def _strip(column: str) -> str:
  """Returns a column without outer spaces, unless it is nothing else."""
  return column.strip(" \r") or column


# In files separated by tabs a token may have spaces.
SPLITTERS: dict[str, Callable[[str], list[str]]] = {
  "tab": _split_tabs,
  "tabs": _split_runs_of_tabs,
  "space": _split_spaces,
  "mixed": _split_tabs_or_spaces,
}


def best(lines: Sequence[str]) -> str:
  """Returns the splitter by which most lines have the same number of columns, 2 or more."""
  best = "mixed"
  best_share = 0.0
  for name in ("tab", "tabs", "space"):
    widths = Counter(len(SPLITTERS[name](line)) for line in lines)
    width, count = widths.most_common(1)[0]
    if width > 1 and count / len(lines) > best_share:
      best = name
      best_share = count / len(lines)
  if best_share < 1 and all("\t" in line or " " not in line.strip() for line in lines):
    return "tab" if best == "space" else best
  return best
