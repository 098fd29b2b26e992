"""Training curves and label efficiency."""

import pytest

from tools.plots import curves


def lines(axis):
  """(x, y) of the lines of a panel."""
  return [(list(line.get_xdata()), list(line.get_ydata())) for line in axis.lines]


def test_label_efficiency_has_means_and_seeds_and_the_last_curves(tmp_path, saved):
  rows = []
  for init, shift in (("random", 0.0), ("glove", 0.25)):
    for labels, score in ((10, 0.25), (0, 0.5)):
      scores = [score + shift, score + shift + 0.25]
      rows.append({"init": init, "labels": labels, "scores": scores, "dev": [[shift, score]]})
  curves.draw_label_efficiency(rows, tmp_path / "a.svg")
  by_labels, by_epoch = saved[0].axes
  means = [line for line in lines(by_labels) if len(set(line[0])) > 1]
  assert means == [([0, 1], [0.375, 0.625]), ([0, 1], [0.625, 0.875])]
  assert ([1, 1], [0.75, 1.0]) in lines(by_labels)
  assert [label.get_text() for label in by_labels.get_xticklabels()] == ["10", "all"]
  assert [text.get_text() for text in by_labels.texts] == ["random", "glove"]
  assert lines(by_epoch)[::2] == [([1, 2], [0.0, 0.5]), ([1, 2], [0.25, 0.5])]
  assert "<svg" in (tmp_path / "a.svg").read_text()


def test_means_alone_are_one_panel(tmp_path, saved):
  rows = [{"init": "a", "labels": labels, "scores": [0.5]} for labels in (10, 0)]
  curves.draw_label_efficiency(rows, tmp_path / "a.png")
  assert len(saved[0].axes) == 1


def test_losses_share_a_panel_and_runs_are_named_at_the_ends_of_their_lines(tmp_path, saved):
  first = [
    {"step": 1, "time_s": 0.1, "loss": 3.0},
    {"step": 2, "time_s": 0.2, "loss": 2.0, "accuracy": 0.1, "dev_f1": 0.5},
    {"step": 2, "time_s": 0.3, "held_out_loss": 2.5},
  ]
  methods = {"a": "gpt", "b": "gpt"}
  curves.draw_runs({"a": first, "b": first[:1]}, methods, tmp_path / "a.png")
  loss, dev, accuracy, empty = saved[0].axes
  titles = [axis.get_title(loc="left") for axis in (loss, dev, accuracy)]
  assert titles == ["training loss and held-out loss", "dev F1", "training accuracy"]
  assert sorted(text.get_text() for text in loss.texts) == [
    "a held-out loss", "a training loss", "b training loss"]
  assert ([1, 2], [3.0, 2.0]) in lines(loss) and ([2], [2.5]) in lines(loss)
  assert not empty.axison


def test_losses_of_different_methods_have_panels_of_their_own(tmp_path, saved):
  glove = [{"step": 1, "loss": 0.02}, {"step": 2, "loss": 0.01}]
  cnn = [{"step": 1, "loss": 1.5, "accuracy": 0.5}, {"step": 2, "loss": 1.4, "accuracy": 0.6}]
  methods = {"a": "glove", "b": "cnn"}
  curves.draw_runs({"a": glove, "b": cnn}, methods, tmp_path / "a.png")
  first, second, accuracy, _ = saved[0].axes
  assert [axis.get_title(loc="left") for axis in (first, second, accuracy)] == [
    "training loss of glove", "training loss of cnn", "training accuracy"]
  assert lines(first) == [([1, 2], [0.02, 0.01])] and lines(second) == [([1, 2], [1.5, 1.4])]
  assert second.lines[0].get_color() == accuracy.lines[0].get_color() != first.lines[0].get_color()


def test_very_many_points_are_averaged():
  x, y = curves.averaged([(step, 2 * step) for step in range(301)])
  assert len(x) == 101 and (x[0], y[0]) == (1, 2) and (x[-1], y[-1]) == (300, 600)
  assert curves.averaged([(1, 2), (3, 4)]) == ([1, 3], [2, 4])


def test_the_mean_of_curves_ends_with_the_shortest(saved):
  from matplotlib.figure import Figure

  axis = Figure().subplots()
  assert curves.draw_curves(axis, [[1, 2, 3], [3, 4]], "k") == pytest.approx([2, 3])
  assert len(axis.lines) == 3
