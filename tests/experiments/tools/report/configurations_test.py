"""Groups of runs, their settings side by side, and the spread of their scores."""

import pathlib
import statistics

import pytest

from tools.report import configurations
from tools.report.run_files import CLASSIFIER, LANGUAGE_MODEL, UNREADABLE, Run


def make_run(name, *, kind=CLASSIFIER, scores=None, curves=None, **settings):
  settings = {"method": "cnn", "seed": 1, "fold": "", **settings}
  return Run(name, pathlib.Path(name), kind, settings, scores or {}, curves or {})


def test_runs_that_differ_in_seed_and_fold_are_one_configuration():
  runs = [
    make_run("a", seed=2), make_run("b", epochs=3), make_run("c", seed=1),
    make_run("d", seed=1, fold="1/2"), Run("e", pathlib.Path("e"), UNREADABLE),
  ]  # fmt: skip
  first, second = configurations.group(runs)
  assert [run.name for run in first.runs] == ["c", "a", "d"]
  assert [run.name for run in second.runs] == ["b"]
  assert (first.label, second.label) == ("A cnn", "B cnn")
  assert first.seeds == [1, 2, 1]


def test_texts_of_python_are_compared_by_content():
  runs = [make_run("a", train="/x/a/inputs/1.jsonl"), make_run("b", train="/x/b/inputs/1.jsonl"),
          make_run("c", train="/x/c/inputs/2.jsonl")]  # fmt: skip
  groups = configurations.group(runs)
  assert [len(each.runs) for each in groups] == [2, 1]
  assert groups[0].settings["train"] == "inputs/1.jsonl"


def test_letters_go_on_after_z():
  assert [configurations.letters(number) for number in (0, 25, 26, 52)] == ["A", "Z", "AA", "BA"]


def test_settings_that_differ_come_first():
  groups = configurations.group([make_run("a", dim=2, window=5), make_run("b", dim=3, extra=None)])
  rows = configurations.compare_settings(groups)
  assert [(row.key, row.values, row.differs) for row in rows] == [
    ("dim", [2, 3], True),
    ("window", [5, None], True),
    ("extra", [None, ""], True),  # no such key, and not set
    ("method", ["cnn", "cnn"], False),
  ]


def test_the_deviation_is_over_seeds_each_the_mean_of_its_folds():
  runs = [make_run(f"{s}{f}", seed=s, fold=f"{f}/2") for s in (1, 2) for f in (1, 2)]
  score = configurations.spread(runs, [0.1, 0.3, 0.5, 0.7])
  assert score.mean == pytest.approx(0.4)
  assert score.deviation == pytest.approx(statistics.stdev([0.2, 0.6]))
  assert score.values == [0.1, 0.3, 0.5, 0.7]
  assert configurations.spread(runs[:2], [0.1, 0.3]).deviation is None


def test_scores_are_of_the_runs_that_have_them():
  with_baseline = {"test": {"accuracy": 0.8, "confusion": {}, "baseline": {"accuracy": 0.5}}}
  runs = [
    make_run("a", seed=1, scores=with_baseline),
    make_run("b", seed=2, scores={"test": {"accuracy": 0.6}}),
    make_run("c", seed=3),
  ]
  (group,) = configurations.group(runs)
  scores = configurations.scores(group)
  assert scores["test", "accuracy"].values == [0.8, 0.6]
  assert scores["test", "accuracy of the baseline"].values == [0.5]
  assert len(scores) == 2


def test_scores_of_a_language_model_are_the_last_ones_on_dev():
  curves = {"loss": [(1, 9.0)], "dev_loss": [(1, 5.0), (2, 4.0)]}
  (group,) = configurations.group([make_run("a", kind=LANGUAGE_MODEL, curves=curves)])
  assert {name: score.mean for name, score in configurations.scores(group).items()} == {
    ("dev", "loss"): 4.0
  }
