"""More texts from few: words replaced by near ones, inserted, swapped and deleted (EDA: Wei & Zou 2019)."""

import numpy as np

from glove_jax.word_vectors import WordVectors


def neighbours(words: list[str], vectors: WordVectors, k: int = 10) -> np.ndarray:
  """The k nearest of `words` to each of them, by the cosines of their vectors: places in `words`, [V, k] int32, -1 for
  none: where a word has no vector.
  """
  known = [i for i, word in enumerate(words) if word in vectors]
  table = np.full((len(words), k), -1, np.int32)
  if not known:
    return table
  among = WordVectors([words[i] for i in known], vectors[[words[i] for i in known]])
  found = among.nearest(among.vectors, k, exclude=[[row] for row in range(len(known))])
  place = dict(zip(among.words, known, strict=True))
  for i, near in zip(known, found, strict=True):
    table[i, : len(near)] = [place[word] for word, _ in near]
  return table


def eda(ids: np.ndarray, rng: np.random.Generator, near: np.ndarray, *, rate: float = 0.1) -> np.ndarray:
  """One of four changes to a text, each as likely; where it changes words it is about `rate` of them, one at least.

  Args:
    ids: [T].
    near: [V, k], for each id others that may stand for it, -1 for none.
    rate: alpha of the paper, for all four; words are deleted with this probability.

  Returns:
    Ids, of a few more or fewer words; never none of some.
  """
  if not len(ids):
    return ids
  number = max(1, round(rate * len(ids)))
  return (_replace, _insert, _swap, _delete)[rng.integers(4)](ids, rng, near, number, rate)


def _replace(ids, rng, near, number, rate):
  del rate
  ids = ids.copy()
  for place in rng.permutation(len(ids))[:number]:
    ids[place] = _near(ids[place], rng, near)
  return ids


def _insert(ids, rng, near, number, rate):
  del rate
  for _ in range(number):
    ids = np.insert(ids, rng.integers(len(ids) + 1), _near(rng.choice(ids), rng, near))
  return ids


def _swap(ids, rng, near, number, rate):
  del near, rate
  ids = ids.copy()
  for _ in range(number):
    one, other = rng.integers(len(ids), size=2)
    ids[[one, other]] = ids[[other, one]]
  return ids


def _delete(ids, rng, near, number, rate):
  del near, number
  kept = ids[rng.random(len(ids)) >= rate]
  return kept if len(kept) else ids[rng.integers(len(ids), size=1)]


def _near(id, rng, near):
  others = near[id][near[id] >= 0]
  return rng.choice(others) if len(others) else id
