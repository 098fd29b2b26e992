"""The data of charts; that Vega draws them is seen in a browser."""

import pathlib

import pytest

from tools.report import charts, configurations
from tools.report.configurations import Spread
from tools.report.run_files import CLASSIFIER, Run


def groups():
  runs = []
  for name, method, seed in [("a", "cnn", 1), ("b", "cnn", 2), ("c", "bag", 1)]:
    curve = [(step, seed / step) for step in range(1, 1001)]
    settings = {"method": method, "seed": seed}
    runs.append(Run(name, pathlib.Path(name), CLASSIFIER, settings, curves={"loss": curve}))
  return configurations.group(runs)


def test_thin_curves_keep_their_ends():
  curve = [(step, float(step)) for step in range(1000)]
  thinned = charts.thin(curve, 7)
  assert len(thinned) == 7
  assert (thinned[0], thinned[-1]) == (curve[0], curve[-1])
  assert charts.thin(curve[:5], 7) == curve[:5]


def test_axes_have_room_even_for_one_value():
  assert charts.domain([1.0, 3.0]) == pytest.approx([0.9, 3.1])
  low, high = charts.domain([0.0, 0.0])
  assert low < 0 < high
  low, high = charts.domain([-2.0])
  assert low < -2 < high


def test_a_line_for_each_run_and_a_colour_for_each_configuration():
  chart = charts.draw_curves("loss", "loss", groups(), ["A cnn", "B bag"])
  points = chart.spec["data"][0]["values"]
  assert {(point["run"], point["label"]) for point in points} == {
    ("a", "A cnn"), ("b", "A cnn"), ("c", "B bag"),
  }  # fmt: skip
  assert len(points) == 3 * charts.MOST_POINTS
  assert chart.rows[1] == ["A cnn", "b", "2", "0.002", "2", "0.002", "1,000"]
  assert len(chart.rows[0]) == len(chart.header)
  assert chart.spec["legends"][0]["values"] == ["A cnn", "B bag"]


def test_scores_have_points_means_and_deviations():
  spreads = [("A", Spread(0.5, 0.1, [0.4, 0.6])), ("B", Spread(0.7, None, [0.7]))]
  chart = charts.draw_scores("test accuracy", spreads, ["A", "B"])
  points, means = chart.spec["data"]
  assert [point["value"] for point in points["values"]] == [0.4, 0.6, 0.7]
  assert means["values"][0] == {"label": "A", "mean": 0.5, "low": 0.4, "high": 0.6}
  assert means["values"][1]["low"] == 0.7
  assert chart.rows == [["A", "0.5000 ± 0.1000", "2"], ["B", "0.7000", "1"]]
