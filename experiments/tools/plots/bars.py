"""Bars with their numbers: the scores of evaluate.py, and benchmarks beside their peers."""

from collections.abc import Sequence
from typing import Any

from glove_jax.errors import InputError
from tools.plots import look

Row = dict[str, Any]
_FADED = "#b9d3e6"


def draw_evaluation(scores: dict, path: str) -> None:
  """Draws Spearman's correlations and accuracies, each with its coverage.

  Args:
    scores: of `intrinsic.evaluate`.
    path: the file to write.
  """
  similarity = []
  for name, result in scores["similarity"].items():
    coverage = f"{result['pairs']:,} of {result['of']:,} pairs"
    similarity.append((name, result["spearman"], coverage))
  analogies = []
  for name, result in scores["analogy"].items():
    coverage = f"{result['questions']:,} of {result['of']:,}"
    analogies.append((name, result["accuracy"], coverage))
  panels = []
  if similarity:
    panels.append(("similarity: Spearman", similarity, "{:.3f}"))
  if analogies:
    panels.append(("analogies: accuracy", analogies, "{:.1%}"))
  if not panels:
    raise InputError("there are no scores to draw: no evaluation set was read.")
  longest = max(len(bars) for _, bars, _ in panels)
  names = [name for _, bars, _ in panels for name, _, _ in bars]
  with look.style(names):
    figure = look.figure(look.WIDTH, 0.24 * longest + 0.8)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (title, bars, form) in zip(axes, panels, strict=True):
      _draw_bars(axis, bars, form)
      axis.set_title(title)
    look.save(figure, path)


def _draw_bars(axis: Any, bars: Sequence[tuple[str, float | None, str]], form: str) -> None:
  """Draws bars from 0, with number and coverage behind each."""
  values = [value or 0.0 for _, value, _ in bars]
  axis.barh(range(len(bars)), values, height=0.6, color=look.BLUE)
  axis.set_yticks(range(len(bars)), [look.plain(name) for name, _, _ in bars])
  axis.set_ylim(len(bars) - 0.4, -0.6)
  axis.set_xlim(min(0.0, *values), 1.9 * max(0.01, *values))
  axis.tick_params(axis="y", length=0)
  axis.xaxis.set_visible(False)
  axis.spines["bottom"].set_visible(False)
  for line, (_, value, coverage) in enumerate(bars):
    number = "-" if value is None else form.format(value)
    axis.annotate(
      f"{number}  ({coverage})", (max(0.0, value or 0.0), line), (4, 0),
      textcoords="offset points", va="center", fontsize=look.SMALL,
    )


def draw_benchmark(rows: Sequence[Row], path: str) -> None:
  """Draws a bar for ours and one for the peer in each row, in the unit of the row.

  Args:
    rows: of benchmark.py.
    path: the file to write.
  """
  with look.style(row["work"] for row in rows):
    figure = look.figure(look.WIDTH, 0.55 * len(rows) + 0.4)
    axes = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axis, row in zip(axes, rows, strict=True):
      _draw_pair(axis, row)
    look.save(figure, path)


def _draw_pair(axis: Any, row: Row) -> None:
  """Draws ours and the peer's, which has the fainter colour, with their numbers."""
  bars = [("ours", row["ours"], look.BLUE)]
  if row["peer"] is not None:
    bars.append((row["name"] or "peer", row["peer"], _FADED))
  for line, (name, value, color) in enumerate(bars):
    axis.barh(line, value, height=0.8, color=color)
    text = f"{look.plain(name)} {value:,.4g} {look.plain(row['unit'])}"
    axis.annotate(
      text, (value, line), (4, 0), textcoords="offset points", va="center", fontsize=look.SMALL
    )
  axis.set_xlim(0, 1.5 * max(value for _, value, _ in bars))
  axis.set_ylim(len(bars) - 0.5, -0.5)
  axis.set_yticks([(len(bars) - 1) / 2], [look.plain(row["work"])])
  axis.tick_params(axis="y", length=0)
  axis.xaxis.set_visible(False)
  axis.spines["bottom"].set_visible(False)
