"""Curves: the records of runs by step, and scores by the number of labels."""

import itertools
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from tools.plots import look
from tools.plots.look import End

Row = dict[str, Any]
_NO_METRICS = ("step", "time_s")
_MOST_PANELS = 4
_MOST_POINTS = 150  # of a line; a longer one is averaged over parts


def draw_runs(records_by_run: Mapping[str, Sequence[Row]], path: str) -> None:
  """Draws a panel for each metric of metrics.jsonl, the losses together, a line for each run.

  Args:
    records_by_run: name of a run -> its records.
    path: the file to write.
  """
  panels = _panels(records_by_run)
  columns = min(2, len(panels))
  lines = -(-len(panels) // columns)
  with look.style(records_by_run):
    figure = look.figure(look.WIDTH, 2.7 * lines)
    axes = figure.subplots(lines, columns, squeeze=False)
    for axis, metrics in itertools.zip_longest(axes.flat, panels):
      if metrics is None:
        axis.set_axis_off()
      else:
        _draw_panel(axis, records_by_run, metrics)
    look.save(figure, path)


def _panels(records_by_run: Mapping[str, Sequence[Row]]) -> list[list[str]]:
  """Returns the metrics of each panel: all losses first, then one by one, those on dev first."""
  names: dict[str, None] = {}
  for record in itertools.chain(*records_by_run.values()):
    names.update(dict.fromkeys(name for name in record if name not in _NO_METRICS))
  losses = [name for name in names if name.endswith("loss")]
  others = [[name] for name in names if name not in losses]
  others.sort(key=lambda name: not name[0].startswith("dev_"))
  return ([losses] if losses else []) + others[: _MOST_PANELS - 1]


def _draw_panel(
  axis: Any, records_by_run: Mapping[str, Sequence[Row]], metrics: Sequence[str]
) -> None:
  """Draws the curves of some metrics, those after the first dashed, with names at their ends."""
  ends = []
  for (run, records), color in zip(
    records_by_run.items(), itertools.cycle(look.COLORS), strict=False
  ):
    for i, metric in enumerate(metrics):
      points = [(record["step"], record[metric]) for record in records if metric in record]
      if not points:
        continue
      x, y = averaged(points)
      axis.plot(x, y, "--" if i else "-", color=color, linewidth=1.4, marker="." * (len(x) < 20))
      parts = [run] * (len(records_by_run) > 1) + [metric.replace("_", " ")] * (len(metrics) > 1)
      ends.append(End(x[-1], y[-1], " ".join(parts), color))
  axis.set(title=" and ".join(metrics).replace("_", " "), xlabel="step")
  axis.grid(axis="y")
  look.label_ends(axis, [end for end in ends if end.text])


def averaged(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
  """Returns x and y of points; of very many, the means over parts of equal size."""
  size = -(-len(points) // _MOST_POINTS)
  x = []
  y = []
  for start in range(0, len(points), size):
    part = points[start : start + size]
    x.append(statistics.mean(point[0] for point in part))
    y.append(statistics.mean(point[1] for point in part))
  return x, y


def draw_label_efficiency(rows: Sequence[Row], path: str) -> None:
  """Draws test scores by number of labels, and scores on `dev` by epoch with the last number.

  Args:
    rows: of label_efficiency.py; without `dev` there is the first panel only.
    path: the file to write.
  """
  numbers = list(dict.fromkeys(row["labels"] for row in rows))
  inits = list(dict.fromkeys(row["init"] for row in rows))
  names = [f"{number:,}" if number else "all" for number in numbers]
  has_curves = any(row.get("dev") for row in rows)
  with look.style(inits):
    figure = look.figure(look.WIDTH, 3.3)
    ratios = [1.6, 1] if has_curves else [1]
    axes = figure.subplots(1, len(ratios), squeeze=False, width_ratios=ratios)
    ends = []
    for init, color in zip(inits, itertools.cycle(look.COLORS), strict=False):
      init_rows = [row for row in rows if row["init"] == init]
      ends.append(_draw_init(axes[0, 0], init_rows, numbers, color))
      if has_curves:
        draw_curves(axes[0, 1], init_rows[-1]["dev"], color)
    axes[0, 0].set_xticks(range(len(names)), names)
    axes[0, 0].set(xlabel="labels", title="test score")
    look.label_ends(axes[0, 0], ends)
    if has_curves:
      axes[0, 1].set(xlabel="epoch", title=f"dev score, {names[-1]} labels")
      look.whole_numbers(axes[0, 1])
    look.save(figure, path)


def _draw_init(axis: Any, rows: Sequence[Row], numbers: Sequence[int], color: str) -> End:
  """Draws the mean score of each row of one init, and a faint dot for each seed."""
  positions = []
  means = []
  for row in rows:
    position = numbers.index(row["labels"])
    scores = row["scores"]
    if len(scores) > 1:
      axis.plot([position] * len(scores), scores, "o", color=color, alpha=0.3, markersize=3.5)
    positions.append(position)
    means.append(statistics.mean(scores))
  axis.plot(positions, means, "o-", color=color, markersize=3.5, linewidth=1.6)
  axis.grid(axis="y", visible=True)
  return End(positions[-1], means[-1], rows[0]["init"], color)


def draw_curves(
  axis: Any, curves: Sequence[Sequence[float]], color: str, *, linewidth: float = 1.6
) -> list[float]:
  """Draws a thin line for each seed, and their mean, which it returns, for as long as all go."""
  for curve in curves:
    axis.plot(range(1, len(curve) + 1), curve, color=color, linewidth=0.5, alpha=0.4)
  means = list(map(statistics.mean, zip(*curves, strict=False)))
  axis.plot(range(1, len(means) + 1), means, color=color, linewidth=linewidth)
  return means
