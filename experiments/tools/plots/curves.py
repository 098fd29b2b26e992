"""Curves: the records of runs by step, and scores by the number of labels."""

import itertools
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tools import metric_names
from tools.plots import look
from tools.plots.look import End

Row = dict[str, Any]
_NO_METRICS = ("step", "time_s")
_MOST_PANELS = 4
_MOST_POINTS = 150  # of a line; a longer one is averaged over parts


class _Panel(NamedTuple):
  """A panel of `draw_runs`.

  Fields:
    title: of the panel.
    metrics: names in metrics.jsonl.
    runs: names of the runs that it shows.
  """

  title: str
  metrics: list[str]
  runs: list[str]


def draw_runs(
  records_by_run: Mapping[str, Sequence[Row]], methods: Mapping[str, str], path: str
) -> None:
  """Draws a panel for each metric of metrics.jsonl, a line for each run.

  The losses of a method are together; those of other methods have other scales, and a panel each.

  Args:
    records_by_run: name of a run -> its records.
    methods: name of a run -> its method; "" if that is not known.
    path: the file to write.
  """
  panels = _panels(records_by_run, methods)
  columns = min(2, len(panels))
  lines = -(-len(panels) // columns)
  colors = dict(zip(records_by_run, itertools.cycle(look.COLORS), strict=False))
  with look.style(records_by_run):
    figure = look.figure(look.WIDTH, 2.7 * lines)
    axes = figure.subplots(lines, columns, squeeze=False)
    for axis, panel in itertools.zip_longest(axes.flat, panels):
      if panel is None:
        axis.set_axis_off()
      else:
        _draw_panel(axis, panel, records_by_run, colors)
    look.save(figure, path)


def _panels(
  records_by_run: Mapping[str, Sequence[Row]], methods: Mapping[str, str]
) -> list[_Panel]:
  """Returns the losses of each method first, then other metrics one by one, those on dev first."""
  panels = []
  kinds = dict.fromkeys(methods.values())
  for method in kinds:
    runs = [run for run in records_by_run if methods[run] == method]
    losses = [name for name in _metrics(records_by_run, runs) if name.endswith("loss")]
    if losses:
      title = " and ".join(map(metric_names.readable, losses))
      panels.append(_Panel(f"{title} of {method}" if len(kinds) > 1 else title, losses, runs))
  runs = list(records_by_run)
  others = [name for name in _metrics(records_by_run, runs) if not name.endswith("loss")]
  others.sort(key=lambda name: not name.startswith("dev_"))
  for name in others[: _MOST_PANELS - 1]:
    panels.append(_Panel(metric_names.readable(name), [name], runs))
  return panels


def _metrics(records_by_run: Mapping[str, Sequence[Row]], runs: Sequence[str]) -> list[str]:
  """Returns the names of the metrics of some runs, in the order of their records."""
  names: dict[str, None] = {}
  for record in itertools.chain.from_iterable(records_by_run[run] for run in runs):
    names.update(dict.fromkeys(name for name in record if name not in _NO_METRICS))
  return list(names)


def _draw_panel(
  axis: Any,
  panel: _Panel,
  records_by_run: Mapping[str, Sequence[Row]],
  colors: Mapping[str, str],
) -> None:
  """Draws the curves of some metrics, those after the first dashed, with names at their ends."""
  ends = []
  for run in panel.runs:
    for i, metric in enumerate(panel.metrics):
      points = [(row["step"], row[metric]) for row in records_by_run[run] if metric in row]
      if not points:
        continue
      x, y = averaged(points)
      color = colors[run]
      axis.plot(x, y, "--" if i else "-", color=color, linewidth=1.4, marker="." * (len(x) < 20))
      parts = [run] if len(records_by_run) > 1 else []
      if len(panel.metrics) > 1:
        parts.append(metric_names.readable(metric))
      ends.append(End(x[-1], y[-1], " ".join(parts), color))
  axis.set(title=panel.title, xlabel="step")
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
