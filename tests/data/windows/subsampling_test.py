"""Subsampling keeps word2vec's share of each word and the expected word count of each segment."""

import numpy as np
import pytest

from glove_jax.data.text import corpus
from glove_jax.data.windows import subsampling


def test_rates_are_those_of_word2vec():
  counts = np.array([90, 9, 1])
  t = 0.01 * 100
  expected = [(np.sqrt(count / t) + 1) * t / count for count in (90, 9)]  # as word2vec.c has it
  np.testing.assert_allclose(subsampling.keep_rates(counts, 0.01), [*expected, 1.0], rtol=1e-6)
  np.testing.assert_array_equal(subsampling.keep_rates(counts, 0), 1)


@pytest.fixture
def ids(monkeypatch):
  """20 segments of 1000 tokens and half a one, a document of 49 words after another."""
  monkeypatch.setattr(subsampling, "_SEGMENT", 1000)
  ids = np.minimum(np.random.default_rng(0).zipf(1.5, 20_500) - 1, 9).astype(np.int32)
  ids[::50] = corpus.BREAK
  return ids


def subsampled(ids, dynamic_window=True):
  counts = np.bincount(ids[ids >= 0], minlength=10)
  rates = subsampling.keep_rates(counts, 0.05)
  text = subsampling.subsampled_text(
    ids, rates, block_size=8, window=2, dynamic_window=dynamic_window, seed=1
  )
  return text, rates * counts


def words_of(text, epoch):
  """The words in the middle of all blocks of an epoch."""
  words, _, reach = subsampling.read_blocks(text, epoch, np.arange(text.ends[-1]))
  return words[:, 2:-2][reach > 0] - 1


def test_each_epoch_has_the_expected_words_and_others(ids):
  text, expected = subsampled(ids)
  assert len(text.ends) == 21
  assert text.num_words == pytest.approx(expected.sum(), abs=21)  # one a segment, by rounding
  epochs = [np.bincount(words_of(text, epoch), minlength=10) for epoch in range(3)]
  assert {counts.sum() for counts in epochs} == {text.num_words}
  np.testing.assert_allclose(np.mean(epochs, 0), expected, rtol=0.1, atol=5)
  assert (epochs[0] != epochs[1]).any()


def test_blocks_are_read_alike_in_any_parts(ids):
  text, _ = subsampled(ids)
  numbers = np.arange(text.ends[-1] + 3)  # the last ones are beyond the text
  whole = subsampling.read_blocks(text, 1, numbers)
  parts = [subsampling.read_blocks(text, 1, part) for part in np.array_split(numbers, 40)]
  for expected, arrays in zip(whole, zip(*parts, strict=True), strict=True):
    np.testing.assert_array_equal(expected, np.concatenate(arrays))
    assert expected[:-3].any(axis=1).all() and not expected[-3:].any()


@pytest.mark.parametrize("dynamic_window", [True, False])
def test_a_segment_has_whole_documents_in_order(ids, dynamic_window):
  text, _ = subsampled(ids, dynamic_window)
  segment = text.segment(0, 3)
  inside = segment.words[2:-2] > 0
  assert (np.diff(segment.document[2:-2][inside]) >= 0).all()
  reach = segment.reach[segment.reach > 0]
  assert len(reach) == inside.sum() and set(reach) == ({1, 2} if dynamic_window else {2})
  assert sorted(segment.order) == list(range(len(segment.reach) // 8))


class Constant:
  """A random number generator whose numbers are all the same."""

  def random(self, size, dtype):
    return np.full(size, 0.5, dtype)


def test_of_words_with_equal_numbers_the_first_are_kept():
  ids = np.array([0, 0, corpus.BREAK, 1, 0, 0, 1, 0])
  rates = np.array([0.5, 1.0], np.float32)
  kept = subsampling._subsample(ids, rates, 4, Constant())
  assert kept.tolist() == [0, 1, 3, 6]  # both of the word that is always kept, and two of the other
