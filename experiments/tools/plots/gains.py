"""What strategies gain over a baseline, with the standard error; their learning curves beside."""

import itertools
import math
import statistics
import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

from tools.plots import look
from tools.plots.curves import draw_curves
from tools.plots.look import End
from tools.tables import paired_gains

Row = dict[str, Any]
_CLEAR = 2.0  # standard errors from which a gain is drawn in colour
_LINE = 0.21  # inches for a strategy
_HEADING = 0.75  # inches for the title and the axis of an experiment
_CURVES = 1.5  # inches, the least height of curves


class Gain(NamedTuple):
  """The mean gain of a strategy over the baseline, in points of 100."""

  strategy: str
  mean: float
  error: float | None  # its standard error; None: of one seed
  seeds: list[float]

  @property
  def color(self) -> str:
    """Blue for a clear gain, orange for a clear loss, else grey."""
    if self.error is None or abs(self.mean) <= _CLEAR * self.error:
      return look.GREY
    return look.BLUE if self.mean > 0 else look.ORANGE


def draw_ablations(rows: Sequence[Row], path: str) -> None:
  """Draws the gains of each experiment, the largest on top, and beside them learning curves.

  Args:
    rows: of ablate.py; or with `gain` and `error` in points instead of scores and curves.
    path: the file to write.
  """
  experiments = []
  for _, group in itertools.groupby(rows, key=lambda row: row["experiment"]):
    experiments.append(list(group))
  heights = [_height(experiment) for experiment in experiments]
  with look.style():
    figure = look.figure(look.WIDTH, sum(heights))
    parts = figure.subfigures(len(experiments), 1, height_ratios=heights, squeeze=False)
    for part, experiment in zip(parts[:, 0], experiments, strict=True):
      draw_experiment(part, experiment)
    look.save(figure, path)


def _height(experiment: Sequence[Row]) -> float:
  lines = _LINE * (len(experiment) - 1)
  return _HEADING + max(lines, _CURVES if _has_curves(experiment) else 0.0)


def _has_curves(experiment: Sequence[Row]) -> bool:
  return all(row.get("dev") for row in experiment)


def gains(experiment: Sequence[Row]) -> list[Gain]:
  """Returns the gain of each strategy over the baseline, the first row, the largest first."""
  baseline, *strategies = experiment
  results = []
  for row in strategies:
    if "gain" in row:
      results.append(Gain(row["strategy"], row["gain"], row["error"], []))
      continue
    seeds = paired_gains(row["test"], baseline["test"])
    error = statistics.stdev(seeds) / math.sqrt(len(seeds)) if len(seeds) > 1 else None
    results.append(Gain(row["strategy"], statistics.mean(seeds), error, seeds))
  return sorted(results, key=lambda gain: -gain.mean)


def draw_experiment(figure: Any, rows: Sequence[Row]) -> None:
  """Draws the gains of an experiment, and the curves of its baseline, which is the first row."""
  baseline = rows[0]
  score = baseline["score"].replace("_", " ")
  title = f"{baseline['experiment']}: {baseline['about']}"
  figure.suptitle(title, fontsize=10, x=0.01, ha="left", weight="bold")
  ordered = gains(rows)
  if not _has_curves(rows):
    _draw_gains(figure.subplots(), ordered, score)
    return
  left, losses, scores = figure.subplots(1, 3, width_ratios=[2.1, 1, 1])
  _draw_gains(left, ordered, score)
  best = next(row for row in rows if row["strategy"] == ordered[0].strategy)
  _draw_curves(losses, rows, best, "loss")
  _draw_curves(scores, rows, best, "dev")
  losses.set_title("training loss", fontsize=9, weight="normal")
  scores.set_title(f"dev {score}", fontsize=9, weight="normal")


def _draw_gains(axis: Any, ordered: Sequence[Gain], score: str) -> None:
  """Draws the mean gain of each strategy with its error, the number behind it."""
  for line, gain in enumerate(ordered):
    error = gain.error or 0.0
    axis.plot(gain.seeds, [line] * len(gain.seeds), "o", color=gain.color, alpha=0.3, markersize=3)
    axis.errorbar(gain.mean, line, xerr=error, fmt="o", color=gain.color, markersize=5, capsize=2)
    text = f"{gain.mean:+.1f}" + (f" ± {error:.1f}" if gain.error is not None else "")
    right = max([gain.mean + error, *gain.seeds])
    axis.annotate(
      text, (right, line), (6, 0), textcoords="offset points", va="center", fontsize=look.SMALL,
      color=gain.color,
    )
  shown = [0.0]
  for gain in ordered:
    error = gain.error or 0.0
    shown += [gain.mean - error, gain.mean + error, *gain.seeds]
  low = min(shown)
  high = max(shown)
  axis.set_xlim(low - 0.05 * (high - low), high + 0.3 * (high - low))
  axis.set_ylim(len(ordered) - 0.4, -0.6)
  axis.axvline(0, color="#999999", linewidth=0.8)
  axis.set_yticks(range(len(ordered)), [gain.strategy for gain in ordered])
  axis.tick_params(axis="y", length=0)
  axis.set_xlabel(f"gain in test {score}, points of 100")


def _draw_curves(axis: Any, rows: Sequence[Row], best: Row, key: str) -> None:
  """Draws the mean curves of all strategies faintly, those of the best and the baseline clearly."""
  for row in rows[1:]:
    means = list(map(statistics.mean, zip(*row[key], strict=False)))
    axis.plot(range(1, len(means) + 1), means, color="#d0d0d0", linewidth=0.8)
  ends = []
  for row, color in ((rows[0], look.ORANGE), (best, look.BLUE)):
    means = draw_curves(axis, row[key], color)
    ends.append(End(len(means), means[-1], textwrap.shorten(row["strategy"], 22), color))
  axis.set_xlabel("epoch")
  look.whole_numbers(axis)
  if key == "dev":
    look.label_ends(axis, ends)
