"""Places the names of points so that none covers another or a point."""

from typing import Any

import numpy as np

_RADII = (3.0, 8.0, 14.0, 22.0, 32.0, 45.0, 60.0, 80.0)  # points between a point and its name
_ANGLES = 16
_POINT = 3.0  # points: half the width of what is drawn for a point
_LINE_FROM = 10.0  # points: a name farther away is joined to its point by a line
_OUTSIDE = 1e6  # the cost of a square dot outside the axes, beside one of overlap


def place(axis: Any, labels: list[Any], points: np.ndarray) -> None:
  """Moves labels beside their points; a line joins one to a point far away.

  Each label takes the first of several places around its point where it overlaps nothing, or the
  one where it overlaps least. Those in a crowd choose first.

  Args:
    axis: with its final size and limits, of a figure with a canvas.
    labels: texts.
    points: [M, 2] in the coordinates of the axis: those of the labels, then others that no name
      may cover.
  """
  dots = axis.get_figure().dpi / 72
  renderer = axis.get_figure().canvas.get_renderer()
  sizes = []
  for label in labels:
    label.set(ha="left", va="bottom")
    box = label.get_window_extent(renderer)
    sizes.append((box.width, 0.8 * box.height))  # most of what hangs below a line is empty
  pixels = axis.transData.transform(points)  # [M, 2]
  half = _POINT * dots
  taken = np.concatenate([pixels - half, pixels + half], 1)  # [M, 4]: left, bottom, right, top
  inside = np.array([*axis.bbox.min, *axis.bbox.max])
  for i in _crowded_first(pixels[: len(labels)]):
    candidates = _places(pixels[i], np.array(sizes[i]), dots)  # [P, 4]
    others = np.delete(taken, i, 0)
    costs = _overlaps(candidates, others).sum(1)
    costs += _OUTSIDE * _outside(candidates, inside)
    best = candidates[int(costs.argmin())]
    taken = np.concatenate([taken, best[None]])
    _move(axis, labels[i], best, pixels[i], dots)


def _crowded_first(pixels: np.ndarray) -> list[int]:
  """Returns the points in the order of their distance to the third nearest other point."""
  distances = np.linalg.norm(pixels[:, None] - pixels[None], axis=-1)
  third = np.sort(distances, 1)[:, min(3, len(pixels) - 1)]
  return list(map(int, np.argsort(third, kind="stable")))


def _places(point: np.ndarray, size: np.ndarray, dots: float) -> np.ndarray:
  """Returns the boxes [P, 4] around a point where its name may stand, the nearest first."""
  boxes = []
  for radius in _RADII:
    for step in range(_ANGLES):
      angle = 2 * np.pi * step / _ANGLES
      direction = np.array([np.cos(angle), np.sin(angle)])
      centre = point + direction * (radius * dots + size / 2)
      boxes.append([*(centre - size / 2), *(centre + size / 2)])
  return np.array(boxes)


def _overlaps(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:  # [P, 4], [M, 4] -> [P, M]
  """Returns the areas that boxes share."""
  low = np.maximum(boxes[:, None, :2], others[None, :, :2])
  high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
  return np.maximum(high - low, 0).prod(-1)


def _outside(boxes: np.ndarray, inside: np.ndarray) -> np.ndarray:  # [P, 4] -> [P]
  """Returns the lengths by which boxes stand out of another."""
  before = np.maximum(inside[:2] - boxes[:, :2], 0).sum(1)
  after = np.maximum(boxes[:, 2:] - inside[2:], 0).sum(1)
  return before + after


def _move(axis: Any, label: Any, box: np.ndarray, pixel: np.ndarray, dots: float) -> None:
  """Moves a label to a box; draws a line to its point if that is far away."""
  back = axis.transData.inverted()
  label.set_va("baseline")
  label.set_position(back.transform((box[0], box[1] + 0.2 * (box[3] - box[1]))))
  nearest = np.clip(pixel, box[:2], box[2:])
  if np.linalg.norm(nearest - pixel) > _LINE_FROM * dots:
    ends = back.transform(np.stack([pixel, nearest]))
    axis.plot(*ends.T, color="#bbbbbb", linewidth=0.6, zorder=1)
