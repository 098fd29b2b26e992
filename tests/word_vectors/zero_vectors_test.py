"""Remarks on words with all-zero vectors."""

import numpy as np

from glove_jax.word_vectors import zero_vectors

WORDS = ["a", "b\n", "c", "d", "e"]


def test_words_with_all_zero_vectors_are_counted_and_the_first_three_named():
  vectors = np.array([[0, -1], [0, 0], [1, 0], [-0.0, 0], [1, 1]], np.float32)
  assert zero_vectors.describe(WORDS, vectors) == (
    r"2 of 5 words have all-zero vectors: 'b\n', 'd'")
  assert zero_vectors.describe(WORDS, np.zeros((5, 2))) == (
    r"5 of 5 words have all-zero vectors: 'a', 'b\n', 'c', …")


def test_there_is_no_remark_without_such_words():
  assert zero_vectors.describe(WORDS, np.full((5, 2), np.nan)) == ""
  assert zero_vectors.describe([], np.zeros((0, 2))) == ""
