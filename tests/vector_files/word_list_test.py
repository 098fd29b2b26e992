"""A list of words finds every duplicate, also where hashes are equal."""

import random

import numpy as np
import pytest

from glove_jax.vector_files import word_list
from glove_jax.vector_files.word_list import WordList


def _add_all(words: list[str], size: int, limit: int = 10**9) -> tuple[WordList, list[int]]:
  """Adds words in batches; returns the list and the positions of those that were kept."""
  added = WordList()
  kept = []
  for start in range(0, len(words), size):
    batch = added.add(words[start : start + size], limit)
    kept += [start + position for position in batch]
  return added, kept


@pytest.mark.parametrize("num_hashes", [1, 7, 2**32])
def test_the_words_are_those_of_a_dict(num_hashes, monkeypatch):
  monkeypatch.setattr(word_list, "_MIN_RECENT", 20)

  def hash_all(words):
    return np.asarray([hash(word) % num_hashes for word in words], np.uint64)

  monkeypatch.setattr(word_list, "_hash_all", hash_all)
  numbers = random.Random(1)
  words = [f"w{numbers.randrange(300)}" for _ in range(1000)]
  added, kept = _add_all(words, 16)
  assert added.words == list(dict.fromkeys(words))
  assert kept == [row for row, word in enumerate(words) if words.index(word) == row]


def test_no_more_words_than_the_limit():
  words = ["a", "b", "a", "c", "d"]
  added, kept = _add_all(words, 2, limit=3)
  assert added.words == ["a", "b", "c"] and kept == [0, 1, 3] and len(added) == 3


def test_words_of_an_earlier_part_are_known_by_their_hashes():
  words = [str(number) for number in range(word_list._MIN_RECENT + 1)]
  added = WordList()
  assert len(added.add(words)) == len(words)
  assert added.add(["0", "new", "17"]) == [1]
  assert added._keys.nbytes == 8 * len(words)
