"""Scores of labels and entities."""

import numpy as np
import pytest

from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.tagging import Span
from glove_jax.finetuning import scoring


def test_each_of_several_labels_is_right():
  texts = Labelled(["t", "u", "v"], [("a", "b"), ("a",), ("b", "a")], ("a", "b", "c"))
  scores = scoring.score_labels(["b", "a", "c"], texts)
  assert scores.values["accuracy"] == pytest.approx(2 / 3)
  assert scores.values["confusion"] == {"a": {"a": 1}, "b": {"b": 1, "c": 1}}
  assert set(scores.overall) == {"accuracy", "macro_f1"}
  assert scores.table.split()[:3] == [r"true\predicted", "a", "b"]


def test_the_confusion_of_many_classes_is_not_printed():
  classes = tuple(map(str, range(21)))
  texts = Labelled(["t"], [("0",)], classes)
  assert scoring.score_labels(["0"], texts).table == ""
  assert scoring.score_labels(["0"], texts._replace(classes=classes[:20])).table


def test_entities_are_scored_over_all_and_by_type():
  tagged = tagging.make([["a", "b"], ["c"]], [[Span(0, 1, "PER"), Span(1, 2, "LOC")], []])
  scores = scoring.score_spans([[Span(0, 1, "PER")], [Span(0, 1, "LOC")]], tagged)
  assert scores.overall == {"f1": 0.5, "precision": 0.5, "recall": 0.5}
  assert list(scores.values["types"]) == ["LOC", "PER"]
  assert scores.values["types"]["PER"]["f1"] == 1
  assert "all" in scores.table and "LOC" in scores.table


def test_predictions_are_decoded_without_padding():
  rows = [np.array([1, 2, 1]), np.array([0, 0, 1])]
  spans = scoring.decode_spans(["O", "B-X", "I-X"], rows, [["a", "b"], ["c"]])
  assert spans == [[Span(0, 2, "X")], []]
  assert scoring.decode_labels(["a", "b"], np.array([[0, 1], [2, 1]])) == ["b", "a"]


def test_softmax_of_large_scores():
  probabilities = scoring.softmax(np.array([[1e4, 1e4], [0, np.log(3)]]))
  np.testing.assert_allclose(probabilities, [[0.5, 0.5], [0.25, 0.75]])


def test_scores_are_printed_beside_the_first_one_of_the_baseline(capfd):
  values = {"accuracy": 0.5, "macro_f1": 0.25, "confusion": {}}
  scoring.log_scores("dev", scoring.Scores({**values, "baseline": {"accuracy": 1, "f": 2}}, ""))
  scoring.log_scores("score", scoring.Scores(values, "a table"), "gold.tsv: ")
  assert capfd.readouterr().out.splitlines() == [
    "dev        accuracy 0.5000  macro_f1 0.2500  (baseline: accuracy 1.0000)",
    "score      gold.tsv: accuracy 0.5000  macro_f1 0.2500",
  ]
