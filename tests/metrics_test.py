import math

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from glove_jax import metrics


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
