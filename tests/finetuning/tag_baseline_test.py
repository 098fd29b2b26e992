"""The baseline beside a tagger: the most frequent tag of each word."""

import pytest

from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.tagging import Span
from glove_jax.finetuning import tag_baseline

TRAIN = tagging.make(
  [["Ann", "saw", "New", "York"], ["New", "York"], ["New", "shoes"], ["York"], ["New", "shoes"]],
  [[Span(0, 1, "PER"), Span(2, 4, "LOC")], [Span(0, 2, "LOC")], [], [Span(0, 1, "LOC")], []],
)


def test_each_word_gets_its_most_frequent_tag_and_other_words_none():
  baseline = tag_baseline.fit(TRAIN)
  assert baseline.tags == {
    "Ann": "B-PER", "saw": "O", "New": "B-LOC", "York": "I-LOC", "shoes": "O"
  }  # of New's tags, two of each, the first
  sentences = [["Ann", "in", "New", "York"], ["Bob", "saw"], []]
  assert baseline.predict(sentences) == [[Span(0, 1, "PER"), Span(2, 4, "LOC")], [], []]


def test_every_part_but_train_is_scored():
  test = tagging.make([["Ann"], ["New", "shoes"]], [[Span(0, 1, "PER")], []])
  scores = tag_baseline.fit(TRAIN).scores({"train": TRAIN, "test": test})
  assert list(scores) == ["test"]
  overall = scores["test"].overall
  assert overall == pytest.approx({"f1": 2 / 3, "precision": 1 / 2, "recall": 1})
