"""Gains of strategies over a baseline."""

import pytest

from tools.plots import gains, look

pytest.importorskip("matplotlib", reason="needs the extra plots")


def row(strategy, test, experiment="slow", curve=(0.5, 0.6)):
  return {
    "experiment": experiment, "about": "bad", "strategy": strategy, "score": "accuracy",
    "test": test, "loss": [list(curve)] * len(test), "dev": [list(curve)] * len(test),
  }


ROWS = [
  row("as it is", [0.5, 0.6]),
  row("worse", [0.39, 0.51]),
  row("Adam", [0.6, 0.72], curve=(0.7, 0.8, 0.9)),
  row("unclear", [0.6, 0.5]),
]


def test_gains_are_paired_by_seed_and_sorted():
  ordered = gains.gains(ROWS)
  assert [gain.strategy for gain in ordered] == ["Adam", "unclear", "worse"]
  assert [gain.mean for gain in ordered] == pytest.approx([11, 0, -10])
  assert [gain.error for gain in ordered] == pytest.approx([1, 10, 1])
  assert ordered[0].seeds == pytest.approx([10, 12])
  assert [gain.color for gain in ordered] == [look.BLUE, look.GREY, look.ORANGE]


def test_a_gain_of_one_seed_has_no_error_and_no_colour():
  (gain,) = gains.gains([row("as it is", [0.5]), row("Adam", [0.6])])
  assert gain.error is None and gain.color == look.GREY


def test_no_gain_for_any_seed_is_no_loss():
  (gain,) = gains.gains([row("as it is", [0.5, 0.6]), row("early stopping", [0.5, 0.6])])
  assert (gain.mean, gain.error, gain.color) == (0, 0, look.GREY)


def test_gains_come_first_and_curves_beside_them():
  from matplotlib.figure import Figure

  figure = Figure()
  gains.draw_experiment(figure, ROWS)
  left, losses, scores = figure.axes
  assert [label.get_text() for label in left.get_yticklabels()] == ["Adam", "unclear", "worse"]
  assert [text.get_text() for text in left.texts] == ["+11.0 ± 1.0", "+0.0 ± 10.0", "-10.0 ± 1.0"]
  assert {text.get_text() for text in scores.texts} == {"Adam", "as it is"}
  drawn = [list(line.get_ydata()) for line in losses.lines]
  assert [0.7, 0.8, 0.9] in drawn and [0.5, 0.6] in drawn


def test_experiments_stand_below_each_other_with_or_without_curves(tmp_path, saved):
  more = []
  for strategy, test in (("as it is", [0.5]), ("weights", [0.7])):
    more.append({**row(strategy, test, "imbalance"), "dev": []})
  table = [{**more[0], "experiment": "published"}, {**more[1], "experiment": "published"}]
  table[1] |= {"gain": 2.7, "error": 0.5}
  gains.draw_ablations([*ROWS, *more, *table], tmp_path / "a.png")
  assert len(saved[0].axes) == 5
  assert [text.get_text() for text in saved[0].axes[-1].texts] == ["+2.7 ± 0.5"]
