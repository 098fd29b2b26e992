import itertools
import types
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.counts import pair_counting
from glove_jax.data.counts.pair_counting import Window


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


@pytest.mark.parametrize("array_size", [1, 3, 100])
def test_blocks_repeat_the_words_whose_windows_reach_into_them(array_size):
  ids = np.array([0, 1, 2, -1, 3, 4, 5, 6], np.int32)
  arrays = [ids[start : start + array_size] for start in range(0, len(ids), array_size)]
  blocks = list(pair_counting.split_blocks(arrays, 5, window=2))
  assert [(block.number, block.ids.tolist(), block.start) for block in blocks] == [
    (0, [0, 1, 2, -1, 3], 0),
    (1, [3, 4, 5, 6], 1),  # the words before the end of the document are out of reach
  ]


@pytest.mark.parametrize(("symmetric", "expected"), [
  # "2 1 2" with a window of 2: weights 2 and 1 over 2.
  (False, {(1, 2): 2, (2, 1): 2, (2, 2): 1}),
  (True, {(1, 2): 4, (2, 2): 1}),
])
def test_a_block_is_counted_in_ascending_order(monkeypatch, symmetric, expected):
  monkeypatch.setattr(pair_counting, "_CONTEXTS", 1)  # one word at a time
  counter = pair_counting.pair_counter(Window(2, symmetric), vocab_size=10)
  block = pair_counting.Block(0, np.array([2, 1, 2], np.int32), start=0)
  parts = list(pair_counting.count_pairs(counter, block))
  pairs = [tuple(pair) for part in parts for pair in np.transpose(part).tolist()]
  assert pairs == [(*cell, value) for cell, value in sorted(expected.items())]
  assert len(parts) == 2  # one for each row, also of the word that occurs twice


def test_pairs_before_the_start_of_a_block_are_not_counted_again():
  counter = pair_counting.pair_counter(Window(2, symmetric=False, weighting="flat"), vocab_size=10)
  block = pair_counting.Block(1, np.array([1, 2, 3], np.int32), start=2)
  [pairs] = pair_counting.count_pairs(counter, block)
  assert np.transpose(pairs).tolist() == [[3, 1, 1], [3, 2, 1]]


@settings(max_examples=100, deadline=None)
@given(
  st.lists(st.integers(0, 40), min_size=1, max_size=60), st.integers(1, 8), st.integers(1, 5)
)
def test_ranges_hold_several_rows_or_one_frequent_word(words, max_words, max_rows):
  words = sorted(words)
  text: Any = types.SimpleNamespace(
    words=np.array([word << 32 | i for i, word in enumerate(words)]),
    max_words=max_words,
    max_rows=max_rows,
  )
  ranges = [words[part] for part in pair_counting._row_ranges(text)]
  assert list(itertools.chain(*ranges)) == words
  for before, after in itertools.pairwise(ranges):
    assert before[-1] < after[0]
  for part in ranges:
    assert part[-1] - part[0] < max_rows
    assert len(part) <= max_words or part[0] == part[-1]
