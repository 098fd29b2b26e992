"""Data augmentation for texts: words replaced by neighbours, inserted, swapped and deleted.

EDA (Wei & Zou 2019), with the nearest words by vectors instead of WordNet's synonyms.
"""

import numpy as np

from glove_jax.word_vectors import WordVectors


def neighbours(words: list[str], vectors: WordVectors, k: int = 10) -> np.ndarray:
  """Returns the k nearest of `words` to each of them, by cosine similarity.

  Args:
    words: the V words of a task.
    vectors: of all or some of them.
    k: neighbours of a word.

  Returns:
    [V, k] int32, indices in `words`; -1 where a word has no vector, or fewer neighbours.
  """
  table = np.full((len(words), k), -1, np.int32)
  index = {word: i for i, word in enumerate(words) if word in vectors}
  if not index:
    return table
  with_vectors = [words[i] for i in index.values()]
  candidates = WordVectors(with_vectors, vectors[with_vectors])
  itself = [[row] for row in range(len(with_vectors))]
  nearest = candidates.nearest(candidates.vectors, k, exclude=itself)
  for i, neighbours_of_word in zip(index.values(), nearest, strict=True):
    for rank, (word, _) in enumerate(neighbours_of_word):
      table[i, rank] = index[word]
  return table


def eda(
  ids: np.ndarray, rng: np.random.Generator, near: np.ndarray, *, rate: float = 0.1
) -> np.ndarray:
  """Changes a text by one of four random operations, each equally likely.

  Words are replaced, inserted, swapped or deleted: a share of about `rate` of them. At least one is
  replaced, inserted or swapped.

  Args:
    ids: [T], the words of the text.
    rng: makes all random choices.
    near: [V, k], ids that may replace each id; -1 for none.
    rate: alpha of the paper, for all four; each word is deleted with this probability.

  Returns:
    Ids, [T] or a few more or fewer; not empty, unless the text is.
  """
  if not len(ids):
    return ids
  changes = max(1, round(rate * len(ids)))
  operation = rng.integers(4)
  if operation == 0:
    return _replace(ids, rng, near, changes)
  if operation == 1:
    return _insert(ids, rng, near, changes)
  if operation == 2:
    return _swap(ids, rng, changes)
  return _delete(ids, rng, rate)


def _replace(
  ids: np.ndarray, rng: np.random.Generator, near: np.ndarray, changes: int
) -> np.ndarray:
  ids = ids.copy()
  for position in rng.permutation(len(ids))[:changes]:
    ids[position] = _random_neighbour(ids[position], rng, near)
  return ids


def _insert(
  ids: np.ndarray, rng: np.random.Generator, near: np.ndarray, changes: int
) -> np.ndarray:
  for _ in range(changes):
    position = rng.integers(len(ids) + 1)
    word = rng.choice(ids)
    ids = np.insert(ids, position, _random_neighbour(word, rng, near))
  return ids


def _swap(ids: np.ndarray, rng: np.random.Generator, changes: int) -> np.ndarray:
  ids = ids.copy()
  for _ in range(changes):
    positions = rng.integers(len(ids), size=2)
    ids[positions] = ids[positions[::-1]]
  return ids


def _delete(ids: np.ndarray, rng: np.random.Generator, rate: float) -> np.ndarray:
  kept = ids[rng.random(len(ids)) >= rate]
  if not len(kept):
    return ids[rng.integers(len(ids), size=1)]
  return kept


def _random_neighbour(word: int, rng: np.random.Generator, near: np.ndarray) -> int:
  """Returns a neighbour of a word; the word itself if it has none."""
  candidates = near[word][near[word] >= 0]
  if not len(candidates):
    return word
  return rng.choice(candidates)
