"""Positions of words: in the order of ids and of the text, with gaps between documents."""

import numpy as np
import pytest

from glove_jax.data.counts import word_positions

V = 9


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("window", [1, 2, 7])
@pytest.mark.parametrize("size", [0, 1, 3, 400])
def test_positions_lead_to_the_words_in_order(threads, window, size):
  ids = np.random.default_rng(size).integers(-1, V, size).astype(np.int32)
  words = word_positions.find(ids, V, window, threads)
  assert words.vocab_size == V
  for word in range(V):
    positions = words.positions[words.indptr[word] : words.indptr[word + 1]]
    assert (words.text[positions] == word).all()
    assert (np.diff(positions) > 0).all()
    assert len(positions) == (ids == word).sum()
  np.testing.assert_array_equal(words.text[words.text < V], ids[ids >= 0])


def test_gaps_keep_windows_within_documents():
  ids = np.array([1, 2, -1, 3, -1, -1, 4], np.int32)
  words = word_positions.find(ids, 5, window=2)
  gap = [5, 5, 5]
  assert words.text.tolist() == [*gap, 1, 2, 5, 5, 3, 5, 5, 5, 5, 4, *gap]
  assert words.first == 3 and words.text[words.first] == 1
