"""Pictures that several notebooks draw, in the look of those of the programs.

A notebook imports this file from its own folder: `import pictures`.
"""

import functools
import pathlib
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image
from matplotlib.axes import Axes

from glove_jax.word_vectors import WordVectors

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "experiments"))
from tools import plots
from tools.plots import fonts, look
from tools.plots.look import BLUE, COLORS, GREEN, GREY, ORANGE, PURPLE

__all__ = [
  "BLUE", "COLORS", "GREEN", "GREY", "ORANGE", "PURPLE",
  "curves", "heat_map", "intervals", "label_efficiency", "scores", "set_style", "word_map",
]
_SHOWN_WIDTH = 830  # dots, of a picture that a program would write to a file


def set_style(characters: str = "") -> None:
  """Sets the look of all figures to come, with a font that has these characters."""
  plt.rcParams.update({**look.STYLE, "font.family": fonts.families([characters])})


def curves(
  lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
  *,
  title: str,
  xlabel: str,
  axis: Axes | None = None,
) -> None:
  """Draws lines, each with its name at its end.

  Args:
    lines: name -> x and y.
    title: what y is.
    xlabel: what x is.
    axis: where to draw; a new figure by default.
  """
  if axis is None:
    _, axis = plt.subplots(figsize=(6.5, 3))
  ends = []
  for (name, (x, y)), color in zip(lines.items(), COLORS, strict=False):
    axis.plot(x, y, color=color, marker="." if len(x) < 20 else "")
    ends.append(look.End(x[-1], y[-1], name, color))
  axis.set(title=title, xlabel=xlabel)
  axis.grid(axis="y")
  look.label_ends(axis, ends)


def heat_map(
  table: np.ndarray,
  rows: Sequence[str],
  columns: Sequence[str],
  *,
  title: str,
  form: str = "{:.3g}",
  logarithmic: bool = False,
) -> Axes:
  """Draws a table of numbers above or at 0, the larger the darker.

  Args:
    table: [R, C].
    rows: their R names.
    columns: their C names.
    title: what the numbers are.
    form: how a number is written; 0 is a dot.
    logarithmic: shade log(1 + x) in place of x.
  """
  shades = np.log1p(table) if logarithmic else np.asarray(table)
  size = (1.6 + 0.48 * len(columns), 1.1 + 0.32 * len(rows))
  _, axis = plt.subplots(figsize=size)
  axis.imshow(shades, cmap="Blues", vmin=0, vmax=1.2 * shades.max(), aspect="auto")
  for (i, j), number in np.ndenumerate(table):
    color = "white" if shades[i, j] > 0.65 * shades.max() else "black"
    text = form.format(number) if number else "·"
    axis.text(j, i, text, ha="center", va="center", size=look.SMALL, color=color)
  axis.set_xticks(range(len(columns)), columns)
  axis.set_yticks(range(len(rows)), rows)
  if max(map(len, columns)) > 6:
    plt.setp(axis.get_xticklabels(), rotation=40, ha="right", rotation_mode="anchor")
  axis.tick_params(length=0)
  axis.spines[:].set_visible(False)
  axis.set_title(title)
  return axis


def intervals(
  names: Sequence[str], results: Sequence[tuple[float, float]], *, title: str, axis: Axes
) -> None:
  """Draws a line for each name: a number as a dot, and its interval.

  Args:
    names: of the lines, from top to bottom.
    results: of each, the number and half the width of its interval.
    title: what the numbers are.
    axis: where to draw.
  """
  numbers, widths = zip(*results, strict=True)
  axis.errorbar(numbers, range(len(names)), xerr=widths, fmt="o", color=BLUE, capsize=3)
  axis.axvline(0, color=GREY, linewidth=0.8)
  axis.set_yticks(range(len(names)), names)
  axis.set_ylim(len(names) - 0.5, -0.5)
  axis.grid(axis="y")
  axis.tick_params(axis="y", length=0)
  axis.locator_params(axis="x", nbins=5)
  axis.set_title(title)


def word_map(vectors: WordVectors, groups: Mapping[str, Sequence[str]]) -> Image:
  """Draws words on the first two principal components of their unit vectors.

  Args:
    vectors: that have all words.
    groups: a word of each group, which is drawn in bold, -> the words of the group.
  """
  return _image(functools.partial(plots.draw_map, vectors, groups))


def scores(table: Mapping[str, Mapping[str, list[float]]], **options) -> Image:
  """Draws a panel for each score: its mean, its range and a dot for each value.

  Args:
    table: name of a line -> name of a score -> its values, such as those of several seeds.
    **options: of `tools.plots.draw_scores`.
  """
  return _image(functools.partial(plots.draw_scores, table, **options))


def label_efficiency(rows: Sequence[Mapping]) -> Image:
  """Draws scores on test by the number of labels.

  Args:
    rows: each has "init", the name of a line; "labels", their number; and "scores", of draws.
  """
  return _image(functools.partial(plots.draw_label_efficiency, rows))


def _image(draw: Callable[..., None]) -> Image:
  """Returns the picture that a function draws to a file."""
  with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "picture.png")
    draw(path=str(path))
    return Image(filename=str(path), width=_SHOWN_WIDTH)
