"""Small word vectors for tests."""

import numpy as np

from glove_jax.word_vectors import WordVectors

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six"]


def random_vectors(size=300, dim=6, seed=0):
  matrix = np.random.default_rng(seed).normal(size=(size, dim)).astype(np.float32)
  return WordVectors([f"w{i}" for i in range(size)], matrix)


def number_grid():
  """Returns vectors of seven numbers and their ordinals: every analogy between them holds."""
  cardinals = np.eye(7, 8)
  return WordVectors(NUMBERS + [f"{word}th" for word in NUMBERS],
                     np.concatenate([cardinals, cardinals + np.eye(8)[7]]))


def composing_vectors():
  """Returns vectors that compose those of unseen words that begin with "u" from their length."""

  def compose(word):
    return np.full(4, len(word), np.float32) * word.startswith("u")

  matrix = np.float32([[2, 0, 0, 0], [0, 3, 0, 0], [1, 1, 1, 1]])
  return WordVectors(["a", "b", "c"], matrix, compose=compose)
