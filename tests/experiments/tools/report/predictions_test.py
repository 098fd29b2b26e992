"""Wrong labels, and sentences with true and predicted entities."""

import pathlib

from glove_jax.data.labelled.tagging import Span
from tools.report import predictions
from tools.report.predictions import MISSED, RIGHT, SPURIOUS, Piece
from tools.report.run_files import CLASSIFIER, Run

TOKENS = ["Angela", "Merkel", "in", "Paris", "."]


def test_wrong_labels_the_surest_first():
  wrong = predictions.mistakes(
    ["one", "two", "three\x00", "four"],
    [("a",), ("a", "b"), ("a",), ("b", "c")],
    ["a", "b", "b", "a"],
    [0.9, 0.9, 0.6, 0.8],
  )
  assert wrong == [("four", "b, c", "a", 0.8), ("three\\x00", "a", "b", 0.6)]


def test_entities_are_right_missed_or_spurious():
  gold = [Span(0, 2, "PER"), Span(3, 4, "LOC")]
  predicted = [Span(0, 2, "PER"), Span(3, 4, "ORG")]
  sentence = predictions.tagged_sentence(TOKENS, gold, predicted)
  assert sentence.gold == [
    Piece("Angela Merkel", "PER", RIGHT), Piece("in"), Piece("Paris", "LOC", MISSED), Piece("."),
  ]  # fmt: skip
  assert sentence.predicted[2] == Piece("Paris", "ORG", SPURIOUS)
  assert not sentence.is_right
  assert predictions.tagged_sentence(TOKENS, gold, gold).is_right


def test_characters_are_joined_without_spaces_and_overlaps_left_out():
  spans = [Span(0, 2, "LOC"), Span(1, 3, "PER")]
  pieces = predictions.pieces(list("北京市"), spans, also_in=set(), otherwise=MISSED, space="")
  assert pieces == [Piece("北京", "LOC", MISSED), Piece("市")]


def test_mistakes_come_first_with_some_right_sentences():
  wrong = predictions.tagged_sentence(TOKENS, [Span(0, 2, "PER")], [])
  right = predictions.tagged_sentence(TOKENS, [Span(0, 2, "PER")], [Span(0, 2, "PER")])
  empty = predictions.tagged_sentence(TOKENS, [], [])
  assert predictions.choose([right, empty, wrong], 10) == [wrong, right]
  assert predictions.choose([right] * 9 + [wrong] * 9, 8) == [wrong] * 6 + [right] * 2
  assert predictions.choose([wrong] * 9, 8) == [wrong] * 8


def test_other_scores_than_those_of_the_run_are_noted():
  assert predictions.changed(0.5, 0.5001, "accuracy") == ""
  assert predictions.changed(None, 0.5, "accuracy") == ""
  assert "metrics.json says 0.5000" in predictions.changed(0.5, 0.6, "accuracy")


def test_a_run_without_a_model_has_a_reason(tmp_path):
  (tmp_path / "config.json").write_text('{"method": "cnn", "train": "gone.tsv"}')
  run = Run("a", pathlib.Path(tmp_path), CLASSIFIER)
  parts, note = predictions.predict(run, limit=5)
  assert parts == []
  assert note.startswith("The predictions cannot be shown: ")
