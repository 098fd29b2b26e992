"""Word similarity: do cosines rank pairs of words as people do?"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from glove_jax.evaluation.similarity_sets import Pair
from glove_jax.metrics import spearman
from glove_jax.word_vectors import WordVectors, normalize_rows

Compose = Callable[[str], np.ndarray]


def score(
  vectors: WordVectors,
  pairs: Sequence[Pair],
  *,
  lowercase: bool = False,
  compose: Compose | None = None,
) -> dict:
  """Computes Spearman's correlation of cosines with human scores.

  Only pairs whose words both have vectors count.

  Args:
    vectors: the word vectors.
    pairs: (word, word, human score).
    lowercase: whether to lower-case the words of the pairs.
    compose: returns a vector [D] for a word without one, or zeros; see `vector_files.composer`.

  Returns:
    {"spearman": correlation or None, "pairs": number that count, "of": number of all}; with
    `compose` also "composed": {"spearman", "pairs"} over the pairs with a composed word.
  """
  if lowercase:
    pairs = [(first.lower(), second.lower(), human) for first, second, human in pairs]
  table, composed = _look_up(vectors, _words(pairs), compose)
  covered = []
  with_composed = []
  for pair in pairs:
    words = set(pair[:2])
    if words <= table.keys():
      covered.append(pair)
      if words & composed:
        with_composed.append(pair)
  result = _correlation(table, covered)
  result["of"] = len(pairs)
  if compose:
    result["composed"] = _correlation(table, with_composed)
  return result


def _words(pairs: Sequence[Pair]) -> list[str]:
  words = set()
  for first, second, _ in pairs:
    words.update((first, second))
  return sorted(words)


def _look_up(
  vectors: WordVectors, words: Sequence[str], compose: Compose | None
) -> tuple[dict[str, np.ndarray], set[str]]:
  """Returns the vectors of words, without those that have none, and which words are composed."""
  table = {}
  composed = set()
  for word in words:
    if word in vectors:
      table[word] = vectors[word]
    elif compose:
      vector = compose(word)
      if vector.any():
        table[word] = vector
        composed.add(word)
  return table, composed


def _correlation(table: Mapping[str, np.ndarray], pairs: Sequence[Pair]) -> dict:
  if not pairs:
    return {"spearman": None, "pairs": 0}
  first_words, second_words, human_scores = zip(*pairs, strict=True)
  first_units = _unit_vectors(table, first_words)
  second_units = _unit_vectors(table, second_words)
  cosines = (first_units * second_units).sum(1)
  correlation = spearman(cosines, human_scores)
  if np.isnan(correlation):
    correlation = None
  return {"spearman": correlation, "pairs": len(pairs)}


def _unit_vectors(table: Mapping[str, np.ndarray], words: Sequence[str]) -> np.ndarray:
  vectors = np.stack([table[word] for word in words])
  return normalize_rows(vectors)  # [N, D]
