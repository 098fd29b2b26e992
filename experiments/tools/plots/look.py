"""The look of all pictures: colours, sizes, labels beside what they name, and how one is saved."""

import contextlib
import importlib.util
import io
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, NamedTuple

from glove_jax import installation
from glove_jax.errors import InputError, printable
from glove_jax.files import atomic_write
from tools.plots import fonts

# Of Okabe and Ito, whose colours people with any colour vision tell apart; the yellow and the light
# blue, which are faint on white, come last.
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
PURPLE = "#B0568F"  # darker than theirs, for text
GREY = "#767676"
COLORS = (BLUE, ORANGE, GREEN, PURPLE, "#8A6D00", "#3A8FC4", "#444444")

WIDTH = 8.3  # inches; 830 points, the width of a page on GitHub, at 100 dots an inch
SMALL = 8.5  # points, of labels within a picture
_PALETTE = 128  # colours of a PNG
MAX_LENGTH = 40  # characters of a label that are shown

STYLE = {
  "axes.edgecolor": "#999999",
  "axes.labelcolor": "#333333",
  "axes.labelsize": 9,
  "axes.spines.top": False,
  "axes.spines.right": False,
  "axes.titlesize": 10,
  "axes.titlelocation": "left",
  "axes.titleweight": "bold",
  "figure.constrained_layout.use": True,
  "grid.color": "#e4e4e4",
  "legend.frameon": False,
  "savefig.dpi": 130,
  "svg.hashsalt": "glove_jax",
  "xtick.color": "#555555",
  "ytick.color": "#555555",
  "xtick.labelsize": 8.5,
  "ytick.labelsize": 8.5,
}


def check(path: str | None) -> None:
  """Raises InputError for a picture that could not be drawn in the end."""
  if not path:
    return
  if importlib.util.find_spec("matplotlib") is None:
    raise InputError(f"--plot={path} needs matplotlib: {installation.extra('plots')}")
  from matplotlib.backend_bases import FigureCanvasBase

  endings = sorted(FigureCanvasBase.filetypes)
  if _ending(path) not in endings:
    raise InputError(f"--plot={path}: expected a name that ends in one of {', '.join(endings)}.")


def _ending(path: str) -> str:
  return pathlib.Path(path).suffix.removeprefix(".")


@contextlib.contextmanager
def style(texts: Iterable[str] = ()) -> Iterator[None]:
  """Draws the block in the look of all pictures, with fonts that have the characters of texts."""
  import matplotlib

  families = fonts.families(texts)
  with matplotlib.rc_context({**STYLE, "font.family": families}):
    yield


def figure(width: float, height: float, **options: Any) -> Any:
  """Returns an empty figure of a size in inches."""
  from matplotlib.backends.backend_agg import FigureCanvasAgg
  from matplotlib.figure import Figure

  result = Figure(figsize=(width, height), **options)
  FigureCanvasAgg(result)  # texts can be measured
  return result


def save(figure: Any, path: str) -> None:
  """Writes a figure in the format that the name of the file ends in."""
  ending = _ending(path)
  options = {"metadata": {"Date": None}} if ending == "svg" else {}
  with atomic_write(path, "wb") as file:
    if ending == "png":
      _save_png(figure, file)
    else:
      figure.savefig(file, format=ending, **options)


def _save_png(figure: Any, file: IO) -> None:
  """Writes a PNG with a palette, which is a third of one with 16 million colours."""
  from PIL import Image  # a dependency of Matplotlib

  buffer = io.BytesIO()
  figure.savefig(buffer, format="png")
  image = Image.open(buffer).convert("RGB")
  image.quantize(_PALETTE, dither=Image.Dither.NONE).save(file, format="png", optimize=True)


def plain(text: str) -> str:
  """Returns a text as Matplotlib shows it as it is: escaped for terminals, without formulas."""
  return printable(text, MAX_LENGTH).replace("$", r"\$")


class End(NamedTuple):
  """The end of a line, and its name."""

  x: float
  y: float
  text: str
  color: str


def label_ends(axis: Any, ends: Sequence[End], *, gap: float = 12.0) -> None:
  """Writes names to the right of the ends of lines, pushed apart where they would overlap.

  Args:
    axis: with its final limits.
    ends: of the lines; the names stand at the right-most end.
    gap: least distance of two names, in points.
  """
  if not ends:
    return
  bottom, top = axis.get_ylim()
  dots = axis.get_window_extent().height
  height = dots * 72 / axis.get_figure(root=True).dpi  # points, before the layout shrinks it
  distance = gap * (top - bottom) / height
  ordered = sorted(ends, key=lambda end: end.y)
  heights = spread([end.y for end in ordered], distance)
  right = max(end.x for end in ends)
  for end, y in zip(ordered, heights, strict=True):
    axis.annotate(
      plain(end.text), (right, y), (6, 0), textcoords="offset points", color=end.color,
      va="center", fontsize=SMALL, annotation_clip=False,
    )


def spread(values: Sequence[float], distance: float) -> list[float]:
  """Returns ascending values moved apart to a least distance, as little as that takes.

  Neighbours that are too close form a group, which is centred on the mean of its values.
  """
  groups: list[list[float]] = []  # of values
  for value in values:
    groups.append([value])
    while len(groups) > 1 and _first(groups[-1], distance) < _last(groups[-2], distance) + distance:
      close = groups.pop()
      groups[-1] += close
  moved = []
  for group in groups:
    first = _first(group, distance)
    moved += [first + i * distance for i in range(len(group))]
  return moved


def _first(group: Sequence[float], distance: float) -> float:
  return sum(group) / len(group) - distance * (len(group) - 1) / 2


def _last(group: Sequence[float], distance: float) -> float:
  return sum(group) / len(group) + distance * (len(group) - 1) / 2


def whole_numbers(axis: Any) -> None:
  """Puts the ticks of the horizontal axis at whole numbers."""
  from matplotlib.ticker import MaxNLocator

  axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
