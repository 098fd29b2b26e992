"""Draws what `ablate.py` measured: for each strategy the loss and the score by epoch, beside those of the start."""

import itertools
import math
import statistics
import textwrap

COLUMNS = 7
START, OTHER = "#D98200", "#0072B2"  # orange and blue: told apart by all eyes, and by brightness


def plot(rows: list[dict], path: str) -> None:
  """Small multiples: of each strategy a panel with the training loss, and below it one with the score on `dev`."""
  import matplotlib.pyplot as plt
  groups = [list(group) for _, group in itertools.groupby(rows, key=lambda row: row["experiment"])]
  inches = [2.3 * height(group) + 0.6 for group in groups]
  figure = plt.figure(figsize=(1.75 * COLUMNS, sum(inches)), layout="constrained")
  parts = figure.subfigures(len(groups), 1, height_ratios=inches, squeeze=False)
  for part, group in zip(parts[:, 0], groups, strict=True):
    draw(part, group)
  for place, name, color in ((0.985, "with the strategy", OTHER), (0.88, "as it is", START)):
    figure.text(place, 0.998, name, ha="right", va="top", fontsize=9, color=color, weight="bold")
  figure.savefig(path, dpi=80)
  plt.close(figure)


def height(rows: list[dict]) -> int:
  """How many rows of strategies an experiment takes."""
  return math.ceil((len(rows) - 1) / COLUMNS)


def draw(figure, rows: list[dict]) -> None:
  """The panels of an experiment; its start, which comes first, is in all of them."""
  start, *others = rows
  axes = figure.subplots(2 * height(rows), COLUMNS, squeeze=False)
  figure.suptitle(f"{start['experiment']}: {start['about']}", fontsize=11, x=0.005, ha="left", weight="bold")
  score = f"dev {start['score'].replace('_', ' ')}"
  for key, name, panels in (("loss", "training loss", axes[::2]), ("dev", score, axes[1::2])):
    values = [value for row in rows for curve in row[key] for value in curve]
    margin = 0.06 * (max(values) - min(values) or 1)
    for axis, row in itertools.zip_longest(panels.flat, others):
      if row is None:
        axis.set_axis_off()
        continue
      draw_curves(axis, start[key], START)
      draw_curves(axis, row[key], OTHER)
      axis.set_xlim(1, max(map(len, start[key])))
      axis.set_ylim(min(values) - margin, max(values) + margin)
      axis.tick_params(labelsize=7)
      axis.spines[["top", "right"]].set_visible(False)
      if key == "loss":
        axis.set_title(textwrap.fill(row["strategy"], 20), fontsize=8.5, color=OTHER)
        axis.tick_params(labelbottom=False)
    for axis in panels[:, 0]:
      axis.set_ylabel(name, fontsize=8)
    for axis in panels[:, 1:].flat:
      axis.tick_params(labelleft=False)
  axes[-1, 0].set_xlabel("epoch", fontsize=8)


def draw_curves(axis, curves: list[list[float]], color: str) -> None:
  """A thin line a seed, and the mean of all for as long as they last."""
  for curve in curves:
    axis.plot(range(1, len(curve) + 1), curve, color=color, linewidth=0.5, alpha=0.5)
  mean = [statistics.mean(values) for values in zip(*curves, strict=False)]
  axis.plot(range(1, len(mean) + 1), mean, color=color, linewidth=1.6)
