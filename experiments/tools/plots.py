"""The figures of the programs, in one style. Matplotlib is imported when one is drawn."""

import importlib.util
import itertools
import math
import pathlib
import statistics
import textwrap
from collections.abc import Sequence
from typing import Any

from glove_jax.errors import InputError
from glove_jax.files import atomic_write

# Of Okabe and Ito, whose colours people with any colour vision tell apart.
BLUE = "#0072B2"
ORANGE = "#D98200"
COLORS = (BLUE, ORANGE, "#009E73", "#CC79A7")

STYLE = {
  "axes.spines.top": False,
  "axes.spines.right": False,
  "figure.constrained_layout.use": True,
  "grid.color": "#dddddd",
  "legend.frameon": False,
  "savefig.dpi": 110,
}
COLUMNS = 7  # strategies beside each other

Row = dict[str, Any]


def check(path: str | None) -> None:
  """Raises InputError for a file that could not be drawn in the end."""
  if not path:
    return
  if importlib.util.find_spec("matplotlib") is None:
    raise InputError(f"--plot={path} needs matplotlib: pip install -e '.[notebooks]'")
  from matplotlib.backend_bases import FigureCanvasBase
  endings = sorted(FigureCanvasBase.filetypes)
  if _ending(path) not in endings:
    raise InputError(f"--plot={path}: expected a name that ends in one of {', '.join(endings)}.")


def _ending(path: str) -> str:
  return pathlib.Path(path).suffix.removeprefix(".")


def _figure(width: float, height: float) -> Any:
  """Returns an empty figure of a size in inches."""
  from matplotlib.figure import Figure
  return Figure(figsize=(width, height))


def _style() -> Any:
  """Returns the context in which figures are drawn."""
  import matplotlib
  return matplotlib.rc_context(STYLE)


def _save(figure: Any, path: str, **options: Any) -> None:
  with atomic_write(path, "wb") as file:
    figure.savefig(file, format=_ending(path), **options)


def _column(rows: Sequence[Row], key: str) -> list[Any]:
  return [row[key] for row in rows]


def draw_comparison(rows: Sequence[Row], path: str) -> None:
  """Draws a panel for each score, and one for the time; a line for each method, a dot for a seed.

  Args:
    rows: of compare.py.
    path: the file to write.
  """
  scores = list(rows[0]["scores"])
  seconds = _column(rows, "wall")
  with _style():
    figure = _figure(3 * len(scores) + 3, 0.35 * len(rows) + 1.2)
    axes = figure.subplots(1, len(scores) + 1, sharey=True, squeeze=False)[0]
    for axis, score in zip(axes, scores, strict=False):
      axis.set_xlabel(score)
      _draw_dots(axis, [row["scores"][score] for row in rows])
    time = axes[-1]
    time.set(xlabel="raw text to vectors (s)", xlim=(0, 1.1 * max(seconds)))
    _draw_dots(time, [[value] for value in seconds])
    axes[0].set_yticks(range(len(rows)), _column(rows, "method"))
    axes[0].invert_yaxis()
    _save(figure, path)


def _draw_dots(axis: Any, lines: Sequence[Sequence[float]]) -> None:
  """Draws the values of each line."""
  axis.grid(axis="y")
  for line, values in enumerate(lines):
    axis.plot(values, [line] * len(values), "o", color=BLUE, alpha=0.6)


def draw_label_efficiency(rows: Sequence[Row], path: str) -> None:
  """Draws test scores by number of labels, and scores on `dev` by epoch with the last number.

  Args:
    rows: of label_efficiency.py.
    path: the file to write.
  """
  numbers = list(dict.fromkeys(_column(rows, "labels")))
  inits = list(dict.fromkeys(_column(rows, "init")))
  names = [str(number or "all") for number in numbers]
  with _style():
    figure = _figure(9, 3.2)
    by_labels, by_epoch = figure.subplots(1, 2)
    for init, color in zip(inits, itertools.cycle(COLORS), strict=False):
      init_rows = [row for row in rows if row["init"] == init]
      _draw_scores(by_labels, init_rows, numbers, color)
      draw_curves(by_epoch, init_rows[-1]["dev"], color)
    by_labels.set_xticks(range(len(names)), names)
    by_labels.set(xlabel="labels", ylabel="test score")
    by_labels.legend()
    by_epoch.set(xlabel=f"epoch, {names[-1]} labels", ylabel="dev score")
    _save(figure, path)


def _draw_scores(axis: Any, rows: Sequence[Row], numbers: Sequence[int], color: str) -> None:
  """Draws the mean score of each row of one init, and a dot for each seed."""
  positions = []
  means = []
  for row in rows:
    position = numbers.index(row["labels"])
    scores = row["scores"]
    axis.plot([position] * len(scores), scores, "o", color=color, alpha=0.4, markersize=4)
    positions.append(position)
    means.append(statistics.mean(scores))
  axis.plot(positions, means, color=color, label=rows[0]["init"])


def draw_curves(axis: Any, curves: Sequence[Sequence[float]], color: str) -> None:
  """Draws a thin line for each seed, and their mean for as many epochs as all have."""
  for curve in curves:
    axis.plot(range(1, len(curve) + 1), curve, color=color, linewidth=0.5, alpha=0.5)
  means = list(map(statistics.mean, zip(*curves, strict=False)))
  axis.plot(range(1, len(means) + 1), means, color=color, linewidth=1.6)


def draw_ablations(rows: Sequence[Row], path: str) -> None:
  """Draws two panels for each strategy: the training loss, and below it the score on `dev`.

  Args:
    rows: of ablate.py.
    path: the file to write.
  """
  experiments = []
  for _, group in itertools.groupby(rows, key=lambda row: row["experiment"]):
    experiments.append(list(group))
  heights = [2.3 * _panel_rows(experiment) + 0.6 for experiment in experiments]
  with _style():
    figure = _figure(1.75 * COLUMNS, sum(heights))
    parts = figure.subfigures(len(experiments), 1, height_ratios=heights, squeeze=False)
    for part, experiment in zip(parts[:, 0], experiments, strict=True):
      draw_experiment(part, experiment)
    legend = {"ha": "right", "va": "top", "fontsize": 9, "weight": "bold"}
    figure.text(0.985, 0.998, "with the strategy", color=BLUE, **legend)
    figure.text(0.88, 0.998, "as it is", color=ORANGE, **legend)
    _save(figure, path, dpi=80)


def _panel_rows(experiment: Sequence[Row]) -> int:
  """Returns how many rows of strategies an experiment takes."""
  return math.ceil((len(experiment) - 1) / COLUMNS)


def draw_experiment(figure: Any, rows: Sequence[Row]) -> None:
  """Draws the panels of an experiment; its baseline, which is the first row, is in all of them."""
  baseline = rows[0]
  axes = figure.subplots(2 * _panel_rows(rows), COLUMNS, squeeze=False)
  title = f"{baseline['experiment']}: {baseline['about']}"
  figure.suptitle(title, fontsize=11, x=0.005, ha="left", weight="bold")
  losses = axes[::2]
  scores = axes[1::2]
  _draw_panels(losses, rows, "loss", "training loss")
  _draw_panels(scores, rows, "dev", f"dev {baseline['score'].replace('_', ' ')}")
  for axis, row in zip(losses.flat, rows[1:], strict=False):
    axis.set_title(textwrap.fill(row["strategy"], 20), fontsize=8.5, color=BLUE)
    axis.tick_params(labelbottom=False)
  axes[-1, 0].set_xlabel("epoch", fontsize=8)


def _draw_panels(panels: Any, rows: Sequence[Row], key: str, label: str) -> None:
  """Draws the curves `key` of each strategy over those of the baseline, all on one scale."""
  baseline, *strategies = rows
  curves = itertools.chain.from_iterable(_column(rows, key))
  values = list(itertools.chain.from_iterable(curves))
  lowest = min(values)
  highest = max(values)
  margin = 0.06 * (highest - lowest or 1)
  for axis, row in itertools.zip_longest(panels.flat, strategies):
    if row is None:
      axis.set_axis_off()
      continue
    draw_curves(axis, baseline[key], ORANGE)
    draw_curves(axis, row[key], BLUE)
    axis.set_xlim(1, max(map(len, baseline[key])))
    axis.set_ylim(lowest - margin, highest + margin)
    axis.tick_params(labelsize=7)
  for axis in panels[:, 0]:
    axis.set_ylabel(label, fontsize=8)
  for axis in panels[:, 1:].flat:
    axis.tick_params(labelleft=False)


def draw_scaling(rows: Sequence[Row], path: str) -> None:
  """Draws time and memory by number of tokens, and time by dimension.

  Args:
    rows: of benchmark.py with --tokens.
    path: the file to write.
  """
  by_tokens = [row for row in rows if row["dim"] == rows[0]["dim"]]
  by_dim = [row for row in rows if row["tokens"] == rows[-1]["tokens"]]
  by_dim.sort(key=lambda row: row["dim"])
  millions = [tokens / 1e6 for tokens in _column(by_tokens, "tokens")]
  dims = _column(by_dim, "dim")
  with _style():
    figure = _figure(11, 3.2)
    time, memory, half_sweep = figure.subplots(1, 3)
    _draw_line(time, millions, _column(by_tokens, "ours"))
    time.set(xlabel="tokens (M)", ylabel="raw text to vectors (s)")
    _draw_line(memory, millions, _column(by_tokens, "peak_gb"))
    memory.set(xlabel="tokens (M)", ylabel="peak memory (GB)")
    _draw_line(half_sweep, dims, _column(by_dim, "half_sweep"))
    half_sweep.set(xlabel="dimension", ylabel="half a sweep (s)")
    _save(figure, path)


def _draw_line(axis: Any, x: Sequence[float], y: Sequence[float]) -> None:
  """Draws a line on axes that begin at 0."""
  axis.plot(x, y, "o-", color=BLUE)
  axis.set(xlim=(0, None), ylim=(0, None))
