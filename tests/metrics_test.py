"""Metrics against SciPy, seqeval, and the counting of conlleval.pl."""

import importlib.util
import math
from collections import Counter

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax import metrics
from glove_jax.data.labelled import tagging


def test_means_divide_sums_by_weights_and_are_nan_without_weight():
  means = metrics.means(
    {"loss": (jnp.float32(6), jnp.float32(4)), "none": (jnp.float32(0), 0)}
  )
  assert means["loss"] == 1.5
  assert math.isnan(means["none"])
  assert all(type(value) is float for value in means.values())


@pytest.mark.parametrize("array", [np.array, jnp.array])
def test_accuracy_leaves_padding_out(array):
  logits = array([[2.0, 1.0], [0.0, 1.0], [0.0, 1.0], [5.0, 1.0]])
  labels = array([0, 1, 0, 0])
  weights = array([1.0, 1.0, 1.0, 0.0])
  correct, total = metrics.accuracy(logits, labels, weights)
  assert float(correct) == 2
  assert float(total) == 3


def test_label_scores_by_hand():
  gold = [("a",), ("b",), ("b", "a"), ("b",)]
  scores = metrics.label_scores(["a", "a", "b", "c"], gold)
  assert scores["accuracy"] == 0.5
  # a: predicted twice, gold twice, correct once. b: once, three times, once. c: never correct.
  assert scores["macro_f1"] == pytest.approx((2 / 4 + 2 / 4 + 0) / 3)


PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 3)), min_size=2, max_size=30)


@pytest.mark.filterwarnings("error")
@given(PAIRS)
def test_spearman_is_scipys_also_with_ties(pairs):
  x, y = zip(*pairs, strict=True)
  actual = metrics.spearman(x, y)
  if len(set(x)) == 1 or len(set(y)) == 1:
    assert math.isnan(actual)
  else:
    expected = scipy.stats.spearmanr(x, y).statistic
    assert actual == pytest.approx(expected, abs=1e-12)


def test_spearman_of_a_monotone_map_is_one_at_any_scale():
  x = np.random.default_rng(0).normal(size=20)
  assert metrics.spearman(x, np.exp(x)) == pytest.approx(1)
  assert metrics.spearman(x, -(x**3)) == pytest.approx(-1)


def test_spearman_of_nothing_or_nan_is_nan_and_of_unequal_lengths_an_error():
  assert math.isnan(metrics.spearman([], []))
  assert math.isnan(metrics.spearman([1, 2, math.nan], [1, 2, 3]))
  with pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
    metrics.spearman([1, 2], [1, 2, 3])


def test_a_confusion_matrix_has_a_row_for_each_gold_class():
  table = metrics.confusion_matrix(list("aabccc"), list("abbcca"))
  assert table == {
    "a": {"a": 1, "c": 1},
    "b": {"a": 1, "b": 1},
    "c": {"c": 2},
  }


def test_a_confusion_matrix_is_formatted_with_all_classes():
  table = metrics.confusion_matrix(["b", "a", "b"], ["b", "b", "b"])
  assert table == {"b": {"a": 1, "b": 2}}
  lines = metrics.format_confusion_matrix(table).splitlines()
  assert [line.split() for line in lines] == [
    [r"true\predicted", "a", "b"],
    ["a", "0", "0"],
    ["b", "1", "2"],
  ]


def split_tag(tag):
  letter, _, type = tag.partition("-")
  letter = {"M": "I", "L": "E", "U": "S"}.get(letter, letter)
  return letter, type


def chunk_ends(before, now):
  """As endOfChunk of conlleval.pl."""
  letters = before[0] + now[0]
  if letters in ("BB", "BO", "BS", "IB", "IO", "IS") or before[0] in "ES":
    return True
  return before[0] != "O" and before[1] != now[1]


def chunk_starts(before, now):
  """As startOfChunk of conlleval.pl."""
  letters = before[0] + now[0]
  if now[0] in "BS" or letters in ("EE", "EI", "SE", "SI", "OE", "OI"):
    return True
  return now[0] != "O" and before[1] != now[1]


class Conlleval:
  """Counts entities of each type as conlleval.pl does, in one pass over tokens."""

  def __init__(self, predictions, gold):
    self.predicted = Counter()
    self.gold = Counter()
    self.correct = Counter()
    self._correct_type = ""
    self._last = (("O", ""), ("O", ""))
    for predicted_tags, gold_tags in zip(predictions, gold, strict=True):
      for predicted_tag, gold_tag in zip(predicted_tags, gold_tags, strict=True):
        self._add(split_tag(predicted_tag), split_tag(gold_tag))
      self._add(("O", ""), ("O", ""))

  def _add(self, predicted_tag, gold_tag):
    last_predicted, last_gold = self._last
    same_type = predicted_tag[1] == gold_tag[1]
    if self._correct_type:
      predicted_ends = chunk_ends(last_predicted, predicted_tag)
      gold_ends = chunk_ends(last_gold, gold_tag)
      if predicted_ends and gold_ends and last_predicted[1] == last_gold[1]:
        self.correct[self._correct_type] += 1
        self._correct_type = ""
      elif predicted_ends != gold_ends or not same_type:
        self._correct_type = ""
    predicted_starts = chunk_starts(last_predicted, predicted_tag)
    gold_starts = chunk_starts(last_gold, gold_tag)
    if predicted_starts and gold_starts and same_type:
      self._correct_type = predicted_tag[1]
    if predicted_starts:
      self.predicted[predicted_tag[1]] += 1
    if gold_starts:
      self.gold[gold_tag[1]] += 1
    self._last = (predicted_tag, gold_tag)


ENTITY_TAGS = [f"{letter}-{type}" for letter in "BIES" for type in ("PER", "LOC")]
TAG = st.sampled_from(["O", *ENTITY_TAGS])
SENTENCE = st.lists(st.tuples(TAG, TAG), min_size=1, max_size=8)
SENTENCES = st.lists(SENTENCE, min_size=1, max_size=4)


def split_sides(sentences):
  """Returns (predicted tags, gold tags) of all sentences."""
  predictions = [[pair[0] for pair in sentence] for sentence in sentences]
  gold = [[pair[1] for pair in sentence] for sentence in sentences]
  return predictions, gold


def scores_of(predictions, gold):
  predicted_spans = list(map(tagging.spans, predictions))
  gold_spans = list(map(tagging.spans, gold))
  return metrics.entity_scores(predicted_spans, gold_spans)


def assert_scores(scores, predicted, gold, correct):
  precision = correct / predicted if predicted else 0
  recall = correct / gold if gold else 0
  f1 = 0
  if precision + recall:
    f1 = 2 * precision * recall / (precision + recall)
  assert scores["precision"] == precision
  assert scores["recall"] == recall
  assert scores["f1"] == pytest.approx(f1)
  assert scores["entities"] == gold


@settings(max_examples=300, deadline=None)
@given(SENTENCES)
def test_entities_are_counted_as_by_conlleval(sentences):
  predictions, gold = split_sides(sentences)
  scores = scores_of(predictions, gold)
  counts = Conlleval(predictions, gold)
  types = counts.predicted.keys() | counts.gold.keys()
  assert set(scores) == {"all", *types}
  for type in types:
    assert_scores(
      scores[type], counts.predicted[type], counts.gold[type], counts.correct[type]
    )
  assert_scores(
    scores["all"],
    counts.predicted.total(),
    counts.gold.total(),
    counts.correct.total(),
  )


def test_entity_scores_are_formatted_by_type():
  scores = metrics.entity_scores(
    [[(0, 1, "PER")], [(2, 3, "LOC")]],
    [[(0, 1, "PER")], [(2, 4, "LOC")]],
  )
  lines = metrics.format_entity_scores(scores).splitlines()
  assert [line.split() for line in lines] == [
    ["type", "precision", "recall", "f1", "entities"],
    ["all", "0.5000", "0.5000", "0.5000", "2"],
    ["LOC", "0.0000", "0.0000", "0.0000", "1"],
    ["PER", "1.0000", "1.0000", "1.0000", "1"],
  ]


@pytest.mark.skipif(not importlib.util.find_spec("seqeval"), reason="seqeval is not installed")
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=200, deadline=None)
@given(SENTENCES)
def test_entity_scores_are_those_of_seqeval(sentences):
  from seqeval.metrics import classification_report, f1_score

  predictions, gold = split_sides(sentences)
  scores = scores_of(predictions, gold)
  if not any(map(tagging.spans, gold)):
    return
  f1 = f1_score(gold, predictions, zero_division=0)
  assert scores["all"]["f1"] == pytest.approx(f1)
  report = classification_report(gold, predictions, output_dict=True, zero_division=0)
  for type in set(scores) - {"all"}:
    expected = report[type]["f1-score"] if type in report else 0
    assert scores[type]["f1"] == pytest.approx(expected)
