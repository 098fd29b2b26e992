import numpy as np
import pytest

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
  # "2 1 2" with a window of 2: weights 2 and 1 over 2. Keys are row * 10 + column.
  (False, {12: 2, 21: 2, 22: 1}),
  (True, {12: 4, 22: 1}),
])
def test_a_block_is_counted_in_ascending_keys(monkeypatch, symmetric, expected):
  monkeypatch.setattr(pair_counting, "_PART", 1)
  counter = pair_counting.pair_counter(Window(2, symmetric), vocab_size=10)
  block = pair_counting.Block(0, np.array([2, 1, 2], np.int32), start=0)
  parts = list(pair_counting.count_block(counter, block))
  keys = np.concatenate([keys for keys, _ in parts]).tolist()
  sums = np.concatenate([sums for _, sums in parts]).tolist()
  assert keys == sorted(expected)
  assert dict(zip(keys, sums, strict=True)) == expected
  assert len(parts) == len(expected)


def test_pairs_before_the_start_of_a_block_are_not_counted_again():
  counter = pair_counting.pair_counter(Window(2, symmetric=False, weighting="flat"), vocab_size=10)
  block = pair_counting.Block(1, np.array([1, 2, 3], np.int32), start=2)
  [(keys, sums)] = pair_counting.count_block(counter, block)
  assert (keys.tolist(), sums.tolist()) == ([31, 32], [1, 1])
