"""Scores beside each other: a line for each method or run, a panel for each score."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from tools.plots import look

Row = dict[str, Any]
Scores = dict[str, list[float]]  # name of a score -> its values, of seeds or folds
_SECONDS = "raw text to vectors (s)"


def draw_comparison(rows: Sequence[Row], path: str) -> None:
  """Draws a panel for each score and one for the time, the method with the best first score on top.

  Args:
    rows: of compare.py.
    path: the file to write.
  """
  table = {}
  for row in rows:
    table[row["method"]] = {**row["scores"], _SECONDS: [row["wall"]]}
  first = next(iter(table[rows[0]["method"]]))
  draw_scores(table, path, best_first=first != _SECONDS, from_zero=(_SECONDS,))


def draw_repeats(rows: Sequence[Row], path: str) -> None:
  """Draws the first score of each part, a dot for each seed and fold.

  Args:
    rows: of repeat.py.
    path: the file to write.
  """
  table = {}
  for part in ("dev", "test"):
    if all(part in row for row in rows):
      name = next(iter(rows[0][part]))
      table[part] = {name: [row[part][name] for row in rows]}
  draw_scores(table, path)


def draw_scores(
  table: Mapping[str, Scores], path: str, *, best_first: bool = False, from_zero: Sequence[str] = ()
) -> None:
  """Draws means as numbers beside dots, with the range over seeds, and a faint dot for each seed.

  Args:
    table: name of a line -> its scores; a panel for each score of the first line.
    path: the file to write.
    best_first: sort the lines by the mean of the first score; else they stay in their order.
    from_zero: scores whose axis begins at 0.
  """
  panels = list(next(iter(table.values())))
  names = list(table)
  if best_first:
    names.sort(key=lambda name: -statistics.mean(table[name][panels[0]]))
  labels = [look.plain(name) for name in names]
  with look.style(labels):
    figure = look.figure(look.WIDTH, 0.3 * len(names) + 1.0)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axis, panel in zip(axes, panels, strict=True):
      values = [table[name].get(panel, []) for name in names]
      _draw_lines(axis, values, from_zero=panel in from_zero)
      axis.set_title(look.plain(panel.replace("_", " ")), fontsize=9)
    axes[0].set_yticks(range(len(names)), labels)
    axes[0].set_ylim(len(names) - 0.4, -0.6)
    look.save(figure, path)


def _draw_lines(axis: Any, lines: Sequence[Sequence[float]], *, from_zero: bool) -> None:
  """Draws the values of each line, and their mean; the best mean is in bold."""
  everything = [value for values in lines for value in values]
  if not everything:
    return
  means = [statistics.mean(values) if values else None for values in lines]
  best = (min if from_zero else max)(mean for mean in means if mean is not None)
  decimals = _decimals(max(map(abs, everything)))
  lowest = 0.0 if from_zero else min(everything)
  margin = max(everything) - lowest or abs(lowest) or 1.0
  axis.set_xlim(lowest - (0 if from_zero else 0.12 * margin), max(everything) + 0.4 * margin)
  axis.grid(axis="y")
  axis.set_axisbelow(True)
  axis.tick_params(axis="y", length=0)
  axis.locator_params(axis="x", nbins=4)
  for line, (values, mean) in enumerate(zip(lines, means, strict=True)):
    if mean is None:
      continue
    axis.plot(values, [line] * len(values), "o", color=look.BLUE, alpha=0.3, markersize=4)
    axis.plot([min(values), max(values)], [line, line], color=look.BLUE, linewidth=1.5)
    axis.plot(mean, line, "o", color=look.BLUE, markersize=5)
    weight = "bold" if mean == best and len(lines) > 1 else "normal"
    axis.annotate(
      f"{mean:,.{decimals}f}", (max(values), line), (7, 0), textcoords="offset points",
      va="center", fontsize=look.SMALL, weight=weight,
    )


def _decimals(largest: float) -> int:
  """Returns the decimals with which numbers are shown of which this is the largest."""
  if largest <= 1:
    return 3
  return 1 if largest < 100 else 0
