"""Compares words with words: similarities, distances, ranks, means and texts."""

from collections.abc import Iterable, Sequence

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.word_vectors import cosines as cosines_lib
from glove_jax.word_vectors import spelling
from glove_jax.word_vectors import word_movers_distance as wmd_lib
from glove_jax.word_vectors.table import Query, WordTable


class WordComparisons(WordTable):
  """A table of words that can be compared. Names and meanings follow gensim's `KeyedVectors`."""

  def similarity(self, first: Query, second: Query) -> float:
    """Returns the cosine of two words, or vectors [D], in [-1, 1]; 0 for an all-zero vector."""
    first_unit, second_unit = self._unit_vectors([first, second])
    return float(first_unit @ second_unit)

  def distance(self, first: Query, second: Query) -> float:
    """Returns the cosine distance of two words, or vectors [D]: 1 - cosine, in [0, 2]."""
    return 1 - self.similarity(first, second)

  def distances(self, query: Query, other_words: Iterable[str] = ()) -> np.ndarray:
    """Returns the cosine distances of a word or a vector [D] to others.

    Args:
      query: a word or a vector.
      other_words: N words; without any, all V words of the table.

    Returns:
      [N] or [V] float32.
    """
    others = list(other_words)
    unit, = self._unit_vectors([query])
    if others:
      return 1 - self._unit_vectors(others) @ unit
    return 1 - self._cosines(unit)

  def n_similarity(self, first: Sequence[str], second: Sequence[str]) -> float:
    """Returns the cosine of the mean vectors of two lists of words; those without vectors do not
    count.

    Raises:
      InputError: no word of a list has a vector.
    """
    means = []
    for words in (first, second):
      means.append(self.get_mean_vector(self._with_vectors(words), pre_normalize=False))
    return self.similarity(*means)

  def get_mean_vector(
    self,
    keys: Sequence[Query],
    weights: Sequence[float] | np.ndarray | None = None,
    *,
    pre_normalize: bool = True,
    post_normalize: bool = False,
    ignore_missing: bool = True,
  ) -> np.ndarray:
    """Returns the weighted mean of words and vectors: the sum over the sum of absolute weights.

    Args:
      keys: words, and vectors [D].
      weights: one for each of the keys; None: 1.
      pre_normalize: whether to divide the vectors of words, not those among the keys, by their
        norms first.
      post_normalize: whether to divide the mean by its norm.
      ignore_missing: whether words without vectors do not count; else UnknownWordError.

    Returns:
      [D] float32; zeros if nothing counts.

    Raises:
      InputError: there are no keys, or not as many weights.
    """
    keys = list(keys)
    total = np.zeros(self.dim)
    total_weight = 0.0
    for key, weight in zip(keys, _weights(weights, len(keys)), strict=True):
      if isinstance(key, str):
        if ignore_missing and not self.has_vector(key):
          continue
        vector = self.get_vector(key, norm=pre_normalize)
      else:
        vector = self._query_vector(key)
      total += weight * vector
      total_weight += abs(weight)
    mean = (total / (total_weight or 1)).astype(np.float32)
    return cosines_lib.normalize_rows(mean[None])[0] if post_normalize else mean

  def closer_than(self, first: Query, second: str) -> list[str]:
    """Returns the words that are closer to the first word or vector than the second word is."""
    unit, = self._unit_vectors([first])
    cosines = self._cosines(unit)
    if second in self.index:
      threshold = cosines[self.index[second]]
    else:
      threshold = self.similarity(first, second)
    rows = np.flatnonzero(cosines > threshold).tolist()
    first_row = self.index.get(first) if isinstance(first, str) else None
    return [self.words[row] for row in rows if row != first_row]

  def words_closer_than(self, first: Query, second: str) -> list[str]:
    """As `closer_than`: its former name in gensim."""
    return self.closer_than(first, second)

  def rank(self, first: Query, second: str) -> int:
    """Returns the rank of a word among the neighbours of another, from 1 for the nearest."""
    return len(self.closer_than(first, second)) + 1

  def most_similar_to_given(self, word: Query, words: Sequence[str]) -> str:
    """Returns which of several words is nearest to a word or a vector [D]."""
    unit, = self._unit_vectors([word])
    cosines = self._unit_vectors(words) @ unit
    return words[int(cosines.argmax())]

  def rank_by_centrality(
    self, words: Sequence[str], use_norm: bool = True
  ) -> list[tuple[float, str]]:
    """Sorts words by their similarity to the mean of all of them.

    Args:
      words: those without vectors do not count.
      use_norm: whether the mean is of unit vectors, and similarities are cosines; else the mean is
        of the vectors as they are, and similarities are products with its unit vector.

    Returns:
      (similarity, word) pairs, the most central first.

    Raises:
      InputError: no word has a vector.
    """
    used = self._with_vectors(words)
    vectors = self._unit_vectors(used) if use_norm else self[used]
    center = self.get_mean_vector(list(vectors), post_normalize=True)
    similarities = (vectors @ center).tolist()
    return sorted(zip(similarities, used, strict=True), reverse=True)

  def doesnt_match(self, words: Sequence[str]) -> str:
    """Returns the word with the smallest cosine to the mean of the unit vectors of all words."""
    return self.rank_by_centrality(words)[-1][1]

  def wmdistance(
    self, document1: Sequence[str], document2: Sequence[str], norm: bool = True
  ) -> float:
    """Returns the Word Mover's Distance of two texts (Kusner et al. 2015).

    Args:
      document1, document2: their words; those without vectors do not count.
      norm: whether to divide vectors by their norms.

    Returns:
      The distance; infinity if a text has no word with a vector.
    """
    lookup = self._unit_vectors if norm else self.__getitem__
    first = list(filter(self.has_vector, _words(document1)))
    second = list(filter(self.has_vector, _words(document2)))
    return wmd_lib.word_movers_distance(first, second, lookup)

  @staticmethod
  def cosine_similarities(vector_1: np.ndarray, vectors_all: np.ndarray) -> np.ndarray:
    """Returns the cosines [N] of a vector [D] and N vectors [N, D]; 0 for all-zero vectors."""
    unit, = cosines_lib.normalize_rows(np.asarray(vector_1)[None])
    return cosines_lib.normalize_rows(np.asarray(vectors_all)) @ unit

  def _cosines(self, unit: np.ndarray) -> np.ndarray:  # [D] -> [V]
    return cosines_lib.cosines(self.vectors, self.norms, unit[None])[:, 0]

  def _with_vectors(self, words: Sequence[str]) -> list[str]:
    """Returns the words that have vectors; InputError if none has."""
    words = _words(words)
    used = [word for word in words if self.has_vector(word)]
    if words and not used:
      raise spelling.unknown_word(words[0], self.words, self.index)
    if not used:
      raise InputError("There is no word. Give at least one.")
    return used


def _weights(weights: Sequence[float] | np.ndarray | None, num_words: int) -> list[float]:
  """Returns the weights of words, 1 where there are none; InputError for another number of them."""
  if not num_words:
    raise InputError("There is no word. Give at least one.")
  if weights is None:
    return [1.0] * num_words
  array = np.asarray(weights, float)
  if array.shape != (num_words,):
    raise InputError(f"Found weights of shape {array.shape} for {num_words} words.")
  return array.tolist()


def _words(words: Sequence[str]) -> list[str]:
  """Returns a list of words; InputError for a string, which would be taken for its characters."""
  if isinstance(words, str):
    raise InputError(f"Found the string {quote(words)}, expected a list of words.")
  return list(words)
