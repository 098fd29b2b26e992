"""Words as points: maps of groups of words, and the arrows of analogies."""

import importlib
import importlib.util
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from glove_jax import installation
from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors, normalize_rows
from tools.plots import label_placement, look

PROJECTIONS = ("pca", "tsne", "umap")
_ARROW_POINTS = 40  # that names do not cover
_PACKAGES = {"tsne": ("sklearn", "scikit-learn"), "umap": ("umap", "umap-learn")}


class Projection(NamedTuple):
  """Points of words, and what the axes mean."""

  points: np.ndarray  # [N, 2]
  axes: tuple[str, str]


def project(vectors: np.ndarray, method: str = "pca") -> Projection:
  """Projects vectors to the plane.

  Args:
    vectors: [N, D], N at least 3.
    method: pca, the two directions of largest variance; tsne (van der Maaten & Hinton 2008) by
      scikit-learn; or umap (McInnes et al. 2018) by umap-learn. The last two by cosine.

  Raises:
    InputError: the package of the method is not installed, or there are fewer than 3 vectors.
  """
  if len(vectors) < 3:
    raise InputError(f"found {len(vectors)} words, expected at least 3 for a map.")
  if method == "pca":
    return _principal_components(vectors)
  module, package = _PACKAGES[method]
  if importlib.util.find_spec(module) is None:
    hint = installation.pip_install(package)
    raise InputError(f"--projection={method} needs {package}: {hint}")
  count = len(vectors)
  if method == "tsne":
    perplexity = min(30.0, (count - 1) / 3)
    model = importlib.import_module("sklearn.manifold").TSNE(
      metric="cosine", init="random", perplexity=perplexity, random_state=1
    )
  else:
    neighbors = min(15, count - 1)
    model = importlib.import_module("umap").UMAP(
      metric="cosine", n_neighbors=neighbors, random_state=1
    )
  return Projection(np.asarray(model.fit_transform(vectors)), ("", ""))


def _principal_components(vectors: np.ndarray) -> Projection:
  centred = vectors - vectors.mean(0)
  _, scales, directions = np.linalg.svd(centred, full_matrices=False)
  # The sign of a direction is arbitrary: its largest entry is positive.
  largest = np.abs(directions).argmax(1)
  directions = directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]
  shares = scales**2 / max(float((scales**2).sum()), 1e-30)
  first, second = (f"component {i + 1}: {shares[i]:.0%} of the variance" for i in range(2))
  return Projection(centred @ directions[:2].T, (first, second))


def draw_map(
  vectors: WordVectors, groups: Mapping[str, Sequence[str]], path: str, *, projection: str = "pca"
) -> None:
  """Draws words as points with their names, a colour for each group.

  Args:
    vectors: that have all words.
    groups: a word of each group, which is drawn in bold, -> the words of the group. A word of
      several groups belongs to the first.
    path: the file to write.
    projection: one of PROJECTIONS.
  """
  colors = {}
  for words, color in zip(groups.values(), itertools.cycle(look.COLORS), strict=False):
    for word in words:
      colors.setdefault(word, color)
  words = list(colors)
  projected = project(normalize_rows(vectors[words]), projection)
  with look.style(words):
    figure = look.figure(look.WIDTH, 5.4)
    figure.set_layout_engine("none")  # labels are placed for these axes
    axis = figure.add_axes((0.03, 0.05, 0.95, 0.93))
    _prepare(axis, projected)
    axis.scatter(*projected.points.T, s=14, c=list(colors.values()), linewidths=0, zorder=3)
    labels = []
    for word, point in zip(words, projected.points, strict=True):
      label = axis.text(*point, look.plain(word), color=colors[word], fontsize=9)
      label.set_fontweight("bold" if word in groups else "normal")
      labels.append(label)
    label_placement.place(axis, labels, projected.points)
    look.save(figure, path)


def draw_analogies(
  vectors: WordVectors, relations: Sequence[Sequence[tuple[str, str]]], path: str
) -> None:
  """Draws a panel for each relation: arrows from the first to the second word of its pairs.

  The plane is that of the principal components of the words of a relation, as in Mikolov et al.
  2013b, fig. 2.

  Args:
    vectors: that have all words.
    relations: each is pairs of words, such as (france, paris) and (italy, rome).
    path: the file to write.
  """
  words = itertools.chain(*itertools.chain(*relations))
  with look.style(words):
    figure = look.figure(look.WIDTH, 4.4)
    figure.set_layout_engine("none")
    width = 1 / len(relations)
    for i, pairs in enumerate(relations):
      rectangle = (i * width + 0.035, 0.06, width - 0.045, 0.86)
      _draw_relation(figure.add_axes(rectangle), vectors, pairs, look.COLORS[i % 7])
    look.save(figure, path)


def _draw_relation(
  axis: Any, vectors: WordVectors, pairs: Sequence[tuple[str, str]], color: str
) -> None:
  """Draws the arrows of a relation, and how parallel they are."""
  words = list(dict.fromkeys(itertools.chain(*pairs)))
  projected = project(normalize_rows(vectors[words]))
  _prepare(axis, projected)
  points = dict(zip(words, projected.points, strict=True))
  obstacles = [projected.points]
  for first, second in pairs:
    style = {"arrowstyle": "-|>", "color": color, "alpha": 0.7, "shrinkA": 2, "shrinkB": 2}
    axis.annotate("", points[second], points[first], arrowprops=style, zorder=2)
    obstacles.append(np.linspace(points[first], points[second], _ARROW_POINTS))
  axis.scatter(*projected.points.T, s=12, c=color, linewidths=0, zorder=3)
  labels = [axis.text(*points[word], look.plain(word), fontsize=9) for word in words]
  label_placement.place(axis, labels, np.concatenate(obstacles))
  axis.set_title(f"offsets: mean cosine {mean_cosine(vectors, pairs):.2f}", color=color)


def mean_cosine(vectors: WordVectors, pairs: Sequence[tuple[str, str]]) -> float:
  """Returns the mean cosine between the offsets of two different pairs; 1: all are parallel."""
  first, second = (normalize_rows(vectors[list(words)]) for words in zip(*pairs, strict=True))
  offsets = normalize_rows(second - first)
  count = len(offsets)
  if count < 2:
    return 1.0
  cosines = offsets @ offsets.T
  return float((cosines.sum() - np.trace(cosines)) / (count * (count - 1)))


def _prepare(axis: Any, projected: Projection) -> None:
  """Sets the limits of axes without ticks, so that points keep a distance to the edge."""
  lowest = projected.points.min(0)
  highest = projected.points.max(0)
  margin = 0.07 * np.maximum(highest - lowest, 1e-6)
  axis.set_xlim(lowest[0] - margin[0], highest[0] + margin[0])
  axis.set_ylim(lowest[1] - margin[1], highest[1] + margin[1])
  axis.set(xticks=[], yticks=[], xlabel=projected.axes[0], ylabel=projected.axes[1])
  axis.spines[:].set_color("#dddddd")
