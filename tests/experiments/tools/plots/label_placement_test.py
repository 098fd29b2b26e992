"""Names of points that do not cover each other."""

import itertools

import numpy as np
import pytest

from tools.plots import label_placement, look

pytest.importorskip("matplotlib", reason="needs the extra plots")


def test_names_in_a_crowd_cover_neither_each_other_nor_a_point(tmp_path):
  points = np.random.default_rng(1).normal(size=(40, 2))
  points[:10] *= 0.1
  with look.style():
    figure = look.figure(8, 5)
    figure.set_layout_engine("none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.scatter(*points.T)
    axis.set(xlim=(-3.5, 3.5), ylim=(-3.5, 3.5))
    labels = [axis.text(x, y, f"word{i}", fontsize=9) for i, (x, y) in enumerate(points)]
    label_placement.place(axis, labels, points)
    look.save(figure, tmp_path / "a.png")
  renderer = figure.canvas.get_renderer()
  boxes = []
  for label in labels:
    box = label.get_window_extent(renderer)
    boxes.append((box.x0, box.y0 + 0.2 * box.height, box.x1, box.y1))
  overlaps = 0
  for a, b in itertools.combinations(boxes, 2):
    overlaps += min(a[2], b[2]) > max(a[0], b[0]) + 1 and min(a[3], b[3]) > max(a[1], b[1]) + 1
  assert overlaps == 0
  for x, y in axis.transData.transform(points):
    assert not any(a[0] < x < a[2] and a[1] < y < a[3] for a in boxes)
  assert all(a[0] >= 0 and a[2] <= figure.bbox.width for a in boxes)
  assert axis.lines  # some names are far from their points
