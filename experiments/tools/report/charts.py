"""Charts as specifications of Vega (https://vega.github.io/vega/docs/), drawn in the page.

Colours are signals and ranges that the page fills in, so that they follow its theme.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tools.report.configurations import Configuration, Spread
from tools.report.run_files import Curve

MOST_POINTS = 300  # of a curve
_COLORS = ("ink", "muted", "surface")  # signals that the page sets
# Marks say nothing to screen readers: a chart has a label, and a table with its numbers.
_SILENT = {"aria": False}
# Beside the colours: they tell lines apart without them.
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
_SHAPES = ("circle", "square", "triangle-up", "diamond")


class Chart(NamedTuple):
  """A chart and what it says in words.

  Fields:
    title: of the chart.
    description: a sentence, for those who do not see it.
    spec: of Vega.
    header, rows: the same as a table.
  """

  title: str
  description: str
  spec: dict[str, Any]
  header: list[str]
  rows: list[list[str]]


def thin(curve: Curve, limit: int = MOST_POINTS) -> Curve:
  """Returns at most `limit` points of a curve, evenly spread, the first and the last among them."""
  if len(curve) <= limit:
    return list(curve)
  last = len(curve) - 1
  return [curve[round(number * last / (limit - 1))] for number in range(limit)]


def domain(values: Sequence[float], margin: float = 0.05) -> list[float]:
  """Returns the ends of an axis on which all values lie inside."""
  lowest, highest = min(values), max(values)
  space = margin * (highest - lowest) or margin * abs(highest) or 1.0
  return [lowest - space, highest + space]


def draw_curves(
  title: str, metric: str, configurations: Sequence[Configuration], labels: Sequence[str]
) -> Chart:
  """Returns the chart of a metric by step: a line for each run, a colour for each configuration.

  Args:
    title: of the chart.
    metric: its name in metrics.jsonl.
    configurations: those with runs that have it.
    labels: of all configurations of the page, whose colours are the same in all charts.
  """
  points = []
  rows = []
  for each in configurations:
    for run in each.runs:
      curve = run.curves.get(metric, [])
      for step, value in thin(curve):
        points.append({"run": run.name, "label": each.label, "step": step, "value": value})
      if curve:
        rows.append(_curve_row(each.label, run.name, curve))
  spec = {
    **frame(240),
    "data": [{"name": "points", "values": points}],
    "scales": [
      linear("x", "width", [0, max(point["step"] for point in points)]),
      linear("y", "height", domain([point["value"] for point in points])),
      *_label_scales(labels),
    ],
    "axes": _axes("step"),
    "legends": [_legend([each.label for each in configurations], stroke="color", dash="dash")],
    "marks": [_lines()],
  }
  description = f"Lines of {title} by step, one for each of {len(rows)} runs."
  header = ["Configuration", "Run", "First", "Lowest", "Highest", "Last", "Steps"]
  return Chart(title, description, spec, header, rows)


def _curve_row(label: str, name: str, curve: Curve) -> list[str]:
  values = [value for _, value in curve]
  numbers = [values[0], min(values), max(values), values[-1]]
  return [label, name, *(f"{number:.4g}" for number in numbers), f"{curve[-1][0]:,}"]


def draw_scores(
  title: str, spreads: Sequence[tuple[str, Spread]], labels: Sequence[str]
) -> Chart:
  """Returns the chart of a score: a row for each configuration, a point for each run.

  A line from the mean minus to the mean plus the standard deviation lies behind them.

  Args:
    title: part and metric.
    spreads: label of a configuration and its score.
    labels: of all configurations of the page.
  """
  points = []
  means = []
  for label, score in spreads:
    deviation = score.deviation or 0.0
    low, high = score.mean - deviation, score.mean + deviation
    means.append({"label": label, "mean": score.mean, "low": low, "high": high})
    points += [{"label": label, "value": value} for value in score.values]
  ends = [row[key] for row in means for key in ("low", "high")]
  values = [point["value"] for point in points]
  spec = {
    **frame(34 * len(spreads)),
    "data": [{"name": "points", "values": points}, {"name": "means", "values": means}],
    "scales": [
      linear("x", "width", domain([*ends, *values])),
      {"name": "y", "type": "band", "range": "height", "domain": [row[0] for row in spreads]},
      *_label_scales(labels),
    ],
    "axes": _axes("", y_grid=False),
    "marks": [_deviations(), _means(), _points()],
  }
  rows = [[label, format_spread(score), str(len(score.values))] for label, score in spreads]
  description = f"{title}, one row for each of {len(rows)} configurations."
  return Chart(title, description, spec, ["Configuration", "Mean ± s.d.", "Runs"], rows)


def format_spread(score: Spread) -> str:
  """Returns the mean, and the deviation where there are several seeds."""
  if score.deviation is None:
    return f"{score.mean:.4f}"
  return f"{score.mean:.4f} ± {score.deviation:.4f}"


def frame(height: int) -> dict[str, Any]:
  """Returns what all charts share; the page sets the width."""
  return {
    "$schema": "https://vega.github.io/schema/vega/v6.json",
    "width": 600,
    "height": height,
    "padding": 4,
    "autosize": {"type": "fit-x", "contains": "padding"},
    "signals": signals(),
  }


def signals() -> list[dict[str, Any]]:
  return [{"name": name, "value": "gray"} for name in _COLORS]


def linear(name: str, size: str, ends: Any) -> dict[str, Any]:
  return {"name": name, "type": "linear", "range": size, "domain": ends, "zero": False}


def _label_scales(labels: Sequence[str]) -> list[dict[str, Any]]:
  """Returns scales from configurations to colours, dashes and shapes."""
  ranges = {"color": "category", "dash": list(_DASHES), "shape": list(_SHAPES)}
  scales = []
  for name, values in ranges.items():
    scales.append({"name": name, "type": "ordinal", "domain": list(labels), "range": values})
  return scales


def _axes(x_title: str, *, y_grid: bool = True) -> list[dict[str, Any]]:
  bottom = {"orient": "bottom", "scale": "x", "grid": True, "tickCount": 5, "labelOverlap": True}
  if x_title:
    bottom["title"] = x_title
  left = {"orient": "left", "scale": "y", "grid": y_grid, "tickCount": 5, "labelLimit": 110}
  return [bottom, left]


def _legend(values: Sequence[str], *, stroke: str, dash: str) -> dict[str, Any]:
  return {
    "orient": "top", "direction": "vertical", "values": list(values), "stroke": stroke,
    "strokeDash": dash, "symbolType": "stroke", "symbolSize": 400, "labelLimit": 240,
  }  # fmt: skip


def _lines() -> dict[str, Any]:
  """Returns a line for each run."""
  line = {
    "x": {"scale": "x", "field": "step"},
    "y": {"scale": "y", "field": "value"},
    "stroke": {"scale": "color", "field": "label"},
    "strokeDash": {"scale": "dash", "field": "label"},
    "strokeWidth": {"value": 1.75},
  }
  return {
    "type": "group",
    **_SILENT,
    "from": {"facet": {"name": "runs", "data": "points", "groupby": ["label", "run"]}},
    "marks": [{"type": "line", **_SILENT, "from": {"data": "runs"}, "encode": {"update": line}}],
  }


def _row(offset: str = "0") -> dict[str, Any]:
  """Returns the middle of the band of a configuration."""
  return {"signal": f"scale('y', datum.label) + bandwidth('y') / 2 + {offset}"}


def _deviations() -> dict[str, Any]:
  rule = {
    "x": {"scale": "x", "field": "low"},
    "x2": {"scale": "x", "field": "high"},
    "y": _row(),
    "stroke": {"scale": "color", "field": "label"},
    "strokeWidth": {"value": 8},
    "strokeOpacity": {"value": 0.35},
  }
  return {"type": "rule", **_SILENT, "from": {"data": "means"}, "encode": {"update": rule}}


def _means() -> dict[str, Any]:
  tick = {
    "x": {"scale": "x", "field": "mean"},
    "y": _row("-9"),
    "y2": _row("9"),
    "stroke": {"signal": "ink"},
    "strokeWidth": {"value": 2},
  }
  return {"type": "rule", **_SILENT, "from": {"data": "means"}, "encode": {"update": tick}}


def _points() -> dict[str, Any]:
  point = {
    "x": {"scale": "x", "field": "value"},
    "y": _row(),
    "fill": {"scale": "color", "field": "label"},
    "shape": {"scale": "shape", "field": "label"},
    "stroke": {"signal": "surface"},
    "size": {"value": 60},
  }
  return {"type": "symbol", **_SILENT, "from": {"data": "points"}, "encode": {"update": point}}
