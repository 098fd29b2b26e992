"""A corpus is repeated with some of its words exchanged."""

import numpy as np

from tools.benchmarks import repeated_text

SIZE = 1000
CORPUS = np.minimum(np.random.default_rng(0).zipf(1.3, 5000) - 2, SIZE - 1).astype(np.int32)


def read(start, stop):
  return np.concatenate(list(repeated_text.read(CORPUS, SIZE, start, stop)))


def test_any_part_is_a_slice_of_the_text(monkeypatch):
  monkeypatch.setattr(repeated_text, "_BLOCK", 700)
  whole = read(0, 17_000)
  assert len(whole) == 17_000
  for start, stop in ((0, 5000), (4999, 5001), (3000, 16_000), (10_000, 10_700)):
    np.testing.assert_array_equal(read(start, stop), whole[start:stop])


def test_the_first_repetition_is_the_corpus():
  np.testing.assert_array_equal(read(0, 5000), CORPUS)


def test_words_are_exchanged_with_others_of_about_their_rank():
  first, second = read(5000, 10_000), read(10_000, 15_000)
  assert (first != second).any()
  for text in (first, second):
    np.testing.assert_array_equal(text < 0, CORPUS < 0)
    ranks = np.log2(CORPUS[CORPUS >= 0] + 1), np.log2(text[CORPUS >= 0] + 1)
    assert np.abs(ranks[0] - ranks[1]).max() <= 0.5


def test_an_exchange_is_one_to_one():
  words = repeated_text._exchange(3, SIZE)
  np.testing.assert_array_equal(np.sort(words[:-1]), np.arange(SIZE))
  assert 0.02 * SIZE < (words[:-1] != np.arange(SIZE)).sum() < 0.9 * SIZE
  assert words[-1] == -1
