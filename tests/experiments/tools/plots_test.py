"""The figures: what stands in their panels, and the files."""

import pytest

from glove_jax.errors import InputError
from tools import plots

pytest.importorskip("matplotlib")


@pytest.fixture
def saved(monkeypatch):
  """The figures that are saved, which are drawn as well."""
  figures = []
  save = plots._save

  def record(figure, path, **options):
    figures.append(figure)
    save(figure, path, **options)

  monkeypatch.setattr(plots, "_save", record)
  return figures


def is_png(path):
  return path.read_bytes().startswith(b"\x89PNG")


def lines(axis):
  """(x, y) of the lines of a panel."""
  return [(list(line.get_xdata()), list(line.get_ydata())) for line in axis.lines]


def test_a_figure_that_cannot_be_drawn_is_refused():
  plots.check(None)
  plots.check("a.png")
  with pytest.raises(InputError, match=r"--plot=a\.txt: expected a name that ends in one of .*png"):
    plots.check("a.txt")


def test_a_comparison_has_a_panel_a_score_and_one_for_the_time(tmp_path, saved):
  rows = [
    {"method": "glove", "wall": 3.0, "scores": {"a": [1, 2], "b": [5, 6]}},
    {"method": "cbow", "wall": 4.0, "scores": {"a": [3, 4], "b": [7, 8]}},
  ]
  plots.draw_comparison(rows, tmp_path / "a.png")
  a, b, time = saved[0].axes
  assert lines(a) == [([1, 2], [0, 0]), ([3, 4], [1, 1])]
  assert lines(b) == [([5, 6], [0, 0]), ([7, 8], [1, 1])]
  assert lines(time) == [([3.0], [0]), ([4.0], [1])]
  assert [label.get_text() for label in a.get_yticklabels()] == ["glove", "cbow"]
  assert is_png(tmp_path / "a.png")


def test_methods_without_scores_have_their_time_drawn(tmp_path, saved):
  plots.draw_comparison([{"method": "glove", "wall": 3.0, "scores": {}}], tmp_path / "a.png")
  assert len(saved[0].axes) == 1


def test_label_efficiency_has_means_and_seeds_and_the_last_curves(tmp_path, saved):
  rows = []
  for init, shift in (("random", 0.0), ("glove", 0.25)):
    for labels, score in ((10, 0.25), (0, 0.5)):
      rows.append(
        {
          "init": init,
          "labels": labels,
          "scores": [score + shift, score + shift + 0.25],
          "dev": [[shift, score]],
        }
      )
  plots.draw_label_efficiency(rows, tmp_path / "a.svg")
  by_labels, by_epoch = saved[0].axes
  means = [line for line in lines(by_labels) if len(set(line[0])) > 1]
  assert means == [([0, 1], [0.375, 0.625]), ([0, 1], [0.625, 0.875])]
  assert ([1, 1], [0.75, 1.0]) in lines(by_labels)
  assert [label.get_text() for label in by_labels.get_xticklabels()] == ["10", "all"]
  assert [text.get_text() for text in by_labels.get_legend().get_texts()] == ["random", "glove"]
  assert list(lines(by_epoch))[::2] == [([1, 2], [0.0, 0.5]), ([1, 2], [0.25, 0.5])]
  assert "<svg" in (tmp_path / "a.svg").read_text()


def ablation(strategy, loss=((0.9, 0.5),), dev=((0.5, 0.6),), experiment="slow"):
  return {
    "experiment": experiment,
    "about": "bad",
    "strategy": strategy,
    "score": "accuracy",
    "loss": list(map(list, loss)),
    "dev": list(map(list, dev)),
  }


def test_ablations_have_the_curves_of_a_strategy_and_of_its_baseline_in_each_panel(tmp_path):
  from matplotlib.figure import Figure

  baseline = ablation("as it is", loss=[(3, 2, 1)], dev=[(0.1, 0.2, 0.3)])
  rows = [baseline, ablation("Adam"), ablation("momentum")]
  figure = Figure()
  plots.draw_experiment(figure, rows)
  panels = [axis for axis in figure.axes if axis.lines]
  assert [axis.get_title() for axis in panels] == ["Adam", "momentum", "", ""]
  for axis in panels[:2]:
    curves = [line[1] for line in lines(axis)]
    assert [3, 2, 1] in curves and [0.9, 0.5] in curves
  for axis in panels[2:]:
    curves = [line[1] for line in lines(axis)]
    assert [0.1, 0.2, 0.3] in curves and [0.5, 0.6] in curves
  more = [ablation("as it is", experiment="imbalance"), ablation("weights", experiment="imbalance")]
  plots.draw_ablations([*rows, *more], tmp_path / "curves.png")
  assert is_png(tmp_path / "curves.png")


def test_scaling_is_by_tokens_at_one_dimension_and_by_dimension_at_one_size(tmp_path, saved):
  rows = []
  for tokens, dim in ((1e6, 50), (2e6, 50), (1e6, 200), (1e6, 100)):
    rows.append(
      {
        "tokens": tokens,
        "dim": dim,
        "ours": tokens + dim,
        "peak_gb": tokens - dim,
        "half_sweep": dim / 10,
      }
    )
  plots.draw_scaling(rows, tmp_path / "a.png")
  time, memory, half_sweep = saved[0].axes
  assert lines(time) == [([1, 2], [1000050, 2000050])]
  assert lines(memory) == [([1, 2], [999950, 1999950])]
  assert lines(half_sweep) == [([50, 100, 200], [5, 10, 20])]
