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


def test_means_divide_the_sum_by_the_weight_and_say_nan_for_no_weight():
  means = metrics.means({"loss": (jnp.float32(6), jnp.float32(4)), "none": (jnp.float32(0), 0)})
  assert means["loss"] == 1.5
  assert math.isnan(means["none"])
  assert all(type(value) is float for value in means.values())


@pytest.mark.parametrize("array", [np.array, jnp.array])
def test_accuracy_leaves_padding_out(array):
  logits = array([[2.0, 1.0], [0.0, 1.0], [0.0, 1.0], [5.0, 1.0]])
  hits, rows = metrics.accuracy(logits, array([0, 1, 0, 0]), array([1.0, 1.0, 1.0, 0.0]))
  assert (float(hits), float(rows)) == (2, 3)


def test_label_scores_by_hand():
  found = metrics.label_scores(["a", "a", "b", "c"], [("a",), ("b",), ("b", "a"), ("b",)])
  assert found["accuracy"] == 0.5
  # a: found twice, wanted twice, right once. b: once, three times, once. c: never right.
  assert found["macro_f1"] == pytest.approx((2 / 4 + 2 / 4 + 0) / 3)


@pytest.mark.filterwarnings("error")
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 3)), min_size=2, max_size=30))
def test_spearman_is_scipys_also_with_ties(pairs):
  x, y = zip(*pairs, strict=True)
  ours = metrics.spearman(x, y)
  if len(set(x)) == 1 or len(set(y)) == 1:
    assert math.isnan(ours)
  else:
    assert ours == pytest.approx(scipy.stats.spearmanr(x, y).statistic, abs=1e-12)


def test_spearman_of_a_monotone_map_is_one_whatever_the_scale():
  x = np.random.default_rng(0).normal(size=20)
  assert metrics.spearman(x, np.exp(x)) == pytest.approx(1)
  assert metrics.spearman(x, -(x**3)) == pytest.approx(-1)


def test_spearman_of_nothing_or_nan_is_nan_and_of_unequal_lengths_an_error():
  assert math.isnan(metrics.spearman([], []))
  assert math.isnan(metrics.spearman([1, 2, math.nan], [1, 2, 3]))
  with pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
    metrics.spearman([1, 2], [1, 2, 3])


def test_confusion_has_a_row_a_true_class():
  found, wanted = [0, 0, 1, 2, 2, 2], [0, 1, 1, 2, 2, 0]
  names = "abcd"
  table = metrics.confusion_matrix([names[i] for i in found], [names[i] for i in wanted])
  assert table == {"a": {"a": 1, "c": 1}, "b": {"a": 1, "b": 1}, "c": {"c": 2}}


def test_confusion_is_shown_with_its_names():
  table = metrics.confusion_matrix(["b", "a", "b"], ["b", "b", "b"])
  assert table == {"b": {"a": 1, "b": 2}}
  shown = metrics.format_confusion_matrix(table).splitlines()
  assert [line.split() for line in shown] == [["true", "a", "b"], ["a", "0", "0"], ["b", "1", "2"]]


def conlleval(found, wanted):
  """Counts per type as conlleval.pl does: one pass over tokens, with its startOfChunk and endOfChunk."""
  def split(tag):
    letter, _, type = tag.partition("-")
    return {"M": "I", "L": "E", "U": "S"}.get(letter, letter), type
  def ends(before, now):
    pair = before[0] + now[0]
    return pair in ("BB", "BO", "BS", "IB", "IO", "IS") or before[0] in "ES" or (
      before[0] != "O" and before[1] != now[1])
  def starts(before, now):
    pair = before[0] + now[0]
    return now[0] in "BS" or pair in ("EE", "EI", "SE", "SI", "OE", "OI") or (
      now[0] != "O" and before[1] != now[1])
  counts, inside = {name: Counter() for name in ("found", "wanted", "right")}, ""
  last = [("O", ""), ("O", "")]
  for ours, theirs in [pair for one, other in zip(found, wanted, strict=True)
                       for pair in [*zip(one, other, strict=True), ("O", "O")]]:
    now = [split(ours), split(theirs)]
    if inside:
      end = [ends(*pair) for pair in zip(last, now, strict=True)]
      if all(end) and last[0][1] == last[1][1]:
        counts["right"][inside] += 1
        inside = ""
      elif end[0] != end[1] or now[0][1] != now[1][1]:
        inside = ""
    start = [starts(*pair) for pair in zip(last, now, strict=True)]
    if all(start) and now[0][1] == now[1][1]:
      inside = now[0][1]
    for name, begun, (_, type) in zip(("found", "wanted"), start, now, strict=True):
      counts[name][type] += begun
    last = now
  return {name: +counter for name, counter in counts.items()}


TAG = st.sampled_from(["O", *(f"{letter}-{type}" for letter in "BIES" for type in ("PER", "LOC"))])
SENTENCES = st.lists(st.lists(st.tuples(TAG, TAG), min_size=1, max_size=8), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(SENTENCES)
def test_entities_are_counted_as_by_conlleval(sentences):
  found, wanted = ([[pair[side] for pair in sentence] for sentence in sentences] for side in (0, 1))
  ours = metrics.entity_scores(list(map(tagging.spans, found)), list(map(tagging.spans, wanted)))
  counts = conlleval(found, wanted)
  assert set(ours) == {"all", *counts["found"], *counts["wanted"]}
  for type, scores in ours.items():
    sizes = [counter.total() if type == "all" else counter[type] for counter in counts.values()]
    precision, recall = (sizes[2] / size if size else 0 for size in sizes[:2])
    assert (scores["precision"], scores["recall"]) == (precision, recall)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0
    assert scores["f1"] == pytest.approx(f1) and scores["entities"] == sizes[1]


def test_entities_are_shown_by_type():
  scores = metrics.entity_scores([[(0, 1, "PER")], [(2, 3, "LOC")]], [[(0, 1, "PER")], [(2, 4, "LOC")]])
  assert [line.split() for line in metrics.format_entity_scores(scores).splitlines()] == [
    ["type", "precision", "recall", "f1", "entities"], ["all", "0.5000", "0.5000", "0.5000", "2"],
    ["LOC", "0.0000", "0.0000", "0.0000", "1"], ["PER", "1.0000", "1.0000", "1.0000", "1"]]


@pytest.mark.skipif(not importlib.util.find_spec("seqeval"), reason="seqeval is not installed")
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=200, deadline=None)
@given(SENTENCES)
def test_entities_are_those_of_seqeval(sentences):
  from seqeval.metrics import classification_report, f1_score
  found, wanted = ([[pair[side] for pair in sentence] for sentence in sentences] for side in (0, 1))
  ours = metrics.entity_scores(list(map(tagging.spans, found)), list(map(tagging.spans, wanted)))
  if any(map(tagging.spans, wanted)):
    assert ours["all"]["f1"] == pytest.approx(f1_score(wanted, found, zero_division=0))
    report = classification_report(wanted, found, output_dict=True, zero_division=0)
    for type in set(ours) - {"all"}:
      assert ours[type]["f1"] == pytest.approx(report[type]["f1-score"] if type in report else 0)
