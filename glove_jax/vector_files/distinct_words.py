"""Word vectors that a reader has checked: they index their words when one is looked up."""

import functools

from glove_jax.word_vectors import WordVectors


class DistinctWords(WordVectors):
  """WordVectors of words that are known to differ, and of a matrix [V, D] float32.

  The index, a third of the memory of 50-dimensional vectors, is made at the first use.
  """

  def __post_init__(self):
    pass

  @functools.cached_property
  def index(self) -> dict[str, int]:  # pyright: ignore[reportIncompatibleVariableOverride]
    """The row of each word."""
    return {word: row for row, word in enumerate(self.words)}
