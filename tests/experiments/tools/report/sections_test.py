"""What a page says of each kind of run."""

import pathlib

from tools.report import configurations, sections
from tools.report.predictions import PartPredictions
from tools.report.run_files import CLASSIFIER, TAGGER, VECTORS, Run

CONFUSION = {"a": {"a": 3, "b": 1}, "b": {"b": 2}}


def make_run(name, kind, method, seed=1, **fields):
  settings = {"method": method, "seed": seed}
  fields.setdefault("is_finished", True)
  return Run(name, pathlib.Path(name), kind, settings, **fields)


def make(runs, predict=None):
  return sections.make(configurations.group(runs), predict)


def test_a_section_for_each_kind_that_occurs():
  runs = [make_run("t", TAGGER, "tagger"), make_run("v", VECTORS, "glove")]
  made = make(runs)
  assert [section.title for section in made] == ["Word vectors", "Taggers"]
  assert [each.label for section in made for each in section.configurations] == [
    "B glove", "A tagger",
  ]  # fmt: skip
  assert not made[0].scores and not made[0].curves and not made[0].predicted


def test_scores_stand_by_part_with_none_where_a_configuration_has_none():
  runs = [
    make_run("a", CLASSIFIER, "cnn", scores={"dev": {"x": 1.0}, "test": {"x": 0.5}}),
    make_run("b", CLASSIFIER, "bag", scores={"dev": {"x": 0.9, "y": 0.1}}),
  ]
  (section,) = make(runs)
  rows = [(row.part, row.metric, [score and score.mean for score in row.spreads])
          for row in section.scores]  # fmt: skip
  assert rows == [
    ("dev", "x", [1.0, 0.9]), ("dev", "y", [None, 0.1]), ("test", "x", [0.5, None]),
  ]  # fmt: skip
  assert [chart.title for chart in section.score_charts] == ["dev x"]  # one point is no chart


def test_losses_of_different_methods_have_charts_of_their_own():
  curves = {"loss": [(1, 2.0), (2, 1.0)], "dev_accuracy": [(1, 0.1), (2, 0.2)], "once": [(1, 1.0)]}
  runs = [make_run(method, CLASSIFIER, method, curves=curves) for method in ("cnn", "bag")]
  (section,) = make(runs)
  titles = [chart.title for chart in section.curves]
  assert titles == ["training loss of cnn", "dev accuracy", "training loss of bag"]


def test_confused_classes_are_added_over_runs_of_test():
  scores = {"dev": {"confusion": {"z": {"z": 1}}}, "test": {"confusion": CONFUSION}}
  runs = [make_run(f"{seed}", CLASSIFIER, "cnn", seed, scores=scores) for seed in (1, 2)]
  (confused,) = make(runs)[0].confused
  assert (confused.part, confused.num_runs) == ("test", 2)
  assert confused.table.counts == [[6, 2], [0, 4]]
  assert confused.pairs == [("a", "b", 2)]


def test_many_classes_have_pairs_but_no_table():
  counts = {f"c{number}": {"c0": 1} for number in range(sections.MOST_CLASSES + 1)}
  run = make_run("a", CLASSIFIER, "cnn", scores={"test": {"confusion": counts}})
  (confused,) = make([run])[0].confused
  assert confused.table is None
  assert len(confused.pairs) == sections.MOST_PAIRS


def test_types_of_entities_have_scores():
  types = {"PER": {"f1": 0.5, "entities": 3}, "LOC": {}}
  run = make_run("a", TAGGER, "tagger", scores={"test": {"f1": 0.4, "types": types}})
  (row,) = make([run])[0].type_scores
  assert (row.part, row.metric, row.spreads[0].mean) == ("test", "PER", 0.5)


def test_the_first_finished_run_of_a_configuration_is_asked():
  runs = [
    make_run("1", CLASSIFIER, "cnn", 1, is_finished=False), make_run("2", CLASSIFIER, "cnn", 2),
    make_run("3", CLASSIFIER, "cnn", 3), make_run("4", CLASSIFIER, "bag", is_finished=False),
  ]  # fmt: skip
  asked = []

  def predict(run):
    asked.append(run.name)
    return [PartPredictions("test", 1, 0)], ""

  first, second = make(runs, predict)[0].predicted
  assert asked == ["2"]
  assert first.parts and not first.note
  assert second.note == "No run of this configuration is finished."
