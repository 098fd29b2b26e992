"""Scores beside each other."""

from tools.plots import comparison


def texts(axis):
  return [text.get_text() for text in axis.texts]


def test_the_best_method_stands_on_top_with_a_panel_a_score_and_one_for_the_time(tmp_path, saved):
  rows = [
    {"method": "glove", "wall": 3.0, "scores": {"a": [0.1, 0.2], "b": [50, 60]}},
    {"method": "cbow", "wall": 4.0, "scores": {"a": [0.3, 0.4], "b": [7, 8]}},
  ]
  comparison.draw_comparison(rows, tmp_path / "a.png")
  a, b, time = saved[0].axes
  assert [label.get_text() for label in a.get_yticklabels()] == ["cbow", "glove"]
  assert texts(a) == ["0.350", "0.150"] and texts(b) == ["7.5", "55.0"]
  assert texts(time) == ["4.0", "3.0"]
  dots = [list(line.get_xdata()) for line in a.lines]
  assert [0.3, 0.4] in dots and [0.1, 0.2] in dots
  weights = [text.get_fontweight() for text in time.texts]
  assert weights == ["normal", "bold"]  # the least time is the best
  assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_methods_without_scores_have_their_time_drawn(tmp_path, saved):
  comparison.draw_comparison([{"method": "glove", "wall": 3.0, "scores": {}}], tmp_path / "a.png")
  assert len(saved[0].axes) == 1


def test_repeats_have_a_line_for_each_part(tmp_path, saved):
  rows = []
  for seed in (1, 2):
    score = seed / 10
    dev = {"f1": score, "x": 0}
    rows.append({"seed": seed, "fold": "", "dev": dev, "test": {"f1": score + 0.2}})
  comparison.draw_repeats(rows, tmp_path / "a.png")
  (axis,) = saved[0].axes
  assert [label.get_text() for label in axis.get_yticklabels()] == ["dev", "test"]
  assert texts(axis) == ["0.150", "0.350"]


def test_runs_may_lack_a_score(tmp_path, saved):
  comparison.draw_scores({"a": {"f1": [0.5], "auc": [0.6]}, "b": {"f1": [0.7]}}, tmp_path / "a.png")
  f1, auc = saved[0].axes
  assert texts(f1) == ["0.500", "0.700"] and texts(auc) == ["0.600"]
