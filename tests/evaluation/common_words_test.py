"""Words that are shown where the user names none."""

import numpy as np

from glove_jax.evaluation import common_words
from glove_jax.word_vectors import WordVectors


def test_words_of_the_vocabulary_are_chosen_in_their_order():
  words = ["水", "the", "king", "france", "曹操"]
  vectors = WordVectors(words, np.eye(5))
  assert common_words.choose(vectors, 9) == ["king", "france", "曹操", "水"]
  assert common_words.choose(vectors, 1) == ["king"]
