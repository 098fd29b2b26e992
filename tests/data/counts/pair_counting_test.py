import types
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.counts import pair_counting
from glove_jax.data.counts.pair_counting import Window
from glove_jax.data.counts.text_blocks import Block


def test_weights_are_exact_fractions():
  counter = pair_counting.pair_counter(Window(4), vocab_size=10)
  assert counter.scale == 12
  assert counter.weights.tolist() == [12, 6, 4, 3]
  flat = pair_counting.pair_counter(Window(3, weighting="flat"), vocab_size=10)
  assert (flat.scale, flat.weights.tolist()) == (1, [1, 1, 1])


def test_weights_of_a_wide_window_are_rounded_to_31_bits():
  counter = pair_counting.pair_counter(Window(60), vocab_size=10)
  assert counter.scale == 2**31
  np.testing.assert_allclose(counter.weights / counter.scale, 1 / np.arange(1, 61), rtol=2e-8)


def count(ids, window, *, start=0, vocab_size=10, **options):
  """Returns the sums of a block of text by row and column, and the parts that they come in."""
  counter = pair_counting.pair_counter(window, vocab_size)
  block = Block(0, np.array(ids, np.int32), start)
  parts = list(pair_counting.count_pairs(counter, block, **options))
  cells = [tuple(pair) for part in parts for pair in np.transpose(part).tolist()]
  assert cells == sorted(cells)
  return {(row, col): value for row, col, value in cells}, parts


# "2 1 2" with a window of 2: weights 2 and 1 over 2.
SUMS = {
  "left": {(1, 2): 2, (2, 1): 2, (2, 2): 1},
  "upper": {(1, 2): 4, (2, 2): 1},
  "both": {(1, 2): 4, (2, 1): 4, (2, 2): 2},
}


@pytest.mark.parametrize("frequent", [0, np.inf])
@pytest.mark.parametrize("contexts", [1, 1000])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("what", SUMS)
def test_a_block_is_counted_in_ascending_order(monkeypatch, frequent, contexts, threads, what):
  monkeypatch.setattr(pair_counting, "_CONTEXTS", contexts)  # 1: one word at a time
  monkeypatch.setattr(pair_counting, "_FREQUENT", frequent)
  window = Window(2, symmetric=what != "left")
  sums, parts = count([2, 1, 2], window, upper=what != "both", threads=threads)
  assert sums == SUMS[what]
  assert len(parts) == (2 if contexts == 1 else 1)


@pytest.mark.parametrize("frequent", [0, 1 / 10, np.inf])
@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("window", [1, 3, 8])
def test_frequent_and_rare_words_add_up_alike(monkeypatch, frequent, upper, window):
  rng = np.random.default_rng(window)
  ids = np.minimum(rng.geometric(0.1, 2000) - 1, 59).astype(np.int32)
  ids[rng.random(2000) < 0.05] = -1
  expected, _ = count(ids, Window(window), vocab_size=60, upper=upper)
  monkeypatch.setattr(pair_counting, "_FREQUENT", frequent)
  monkeypatch.setattr(pair_counting, "_CONTEXTS", 500)
  monkeypatch.setattr(pair_counting, "_SUMS", 300)
  actual, _ = count(ids, Window(window), vocab_size=60, upper=upper, threads=2)
  assert actual == expected


def test_parts_pass_through_a_function():
  counter = pair_counting.pair_counter(Window(2), vocab_size=10)
  block = Block(0, np.array([2, 1, 2], np.int32), start=0)
  sizes = pair_counting.count_pairs(counter, block, then=lambda pairs: len(pairs.rows))
  assert list(sizes) == [2]


@pytest.mark.parametrize("frequent", [0, np.inf])
def test_pairs_before_the_start_of_a_block_are_not_counted_again(monkeypatch, frequent):
  monkeypatch.setattr(pair_counting, "_FREQUENT", frequent)
  window = Window(2, symmetric=False, weighting="flat")
  assert count([1, 2, 3], window, start=2)[0] == {(3, 1): 1, (3, 2): 1}
  window = Window(2, weighting="flat")
  assert count([1, 2, 3], window, start=2)[0] == {(1, 3): 1, (2, 3): 1}


@settings(max_examples=100, deadline=None)
@given(
  st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 8), st.integers(1, 5)
)
def test_ranges_hold_several_rows_or_one_of_many_words(sizes, max_words, max_rows):
  text: Any = types.SimpleNamespace(
    indptr=np.cumsum([0, *sizes]),
    vocab_size=len(sizes),
    max_words=max_words,
    width=2,
  )
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(pair_counting, "_SUMS", max_rows * len(sizes))
    ranges = list(pair_counting._row_ranges(text))
  counted = [row for rows in ranges for row in range(rows.first, rows.end)]
  assert counted == sorted(set(counted))
  assert {row for row, size in enumerate(sizes) if size} <= set(counted)
  for first, end, is_frequent in ranges:
    assert sum(sizes[first:end]) > 0
    assert sum(sizes[first:end]) <= max_words or end == first + 1
    assert end - first <= max_rows or not is_frequent
    for row in range(first, end):
      is_large = 2 * sizes[row] >= pair_counting._FREQUENT * len(sizes) or sizes[row] > max_words
      assert is_large == is_frequent
