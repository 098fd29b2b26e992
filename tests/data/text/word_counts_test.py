"""Words are numbered by first occurrence and counted."""

import numpy as np

from glove_jax.data.text import word_counts


def test_words_are_numbered_by_first_occurrence_and_counted():
  counts = word_counts.WordCounts()
  assert counts.counts().tolist() == [0]
  for text in (["b", "a", "\n", "b"], ["c"] * 5, ["a", "d", "\n"]):
    counts.add(np.array(counts.number(text), np.int32))
  assert list(counts) == ["\n", "b", "a", "c", "d"]
  assert list(counts.values()) == [0, 1, 2, 3, 4]
  assert counts.counts().tolist() == [2, 2, 2, 5, 1]
  assert counts.counts().dtype == np.int64
