"""Vectors whose index is made when a word is looked up."""

import dataclasses
import pickle

import numpy as np

from glove_jax.vector_files.distinct_words import DistinctWords


def test_the_index_is_made_at_the_first_use():
  vectors = DistinctWords(["the", "cat"], np.eye(2, dtype=np.float32))
  assert "index" not in vars(vectors)
  assert vectors["cat"].tolist() == [0, 1] and "dog" not in vectors
  assert vars(vectors)["index"] == {"the": 0, "cat": 1}


def test_copies_are_alike():
  vectors = DistinctWords(["the", "cat"], np.eye(2, dtype=np.float32))
  renamed = dataclasses.replace(vectors, notes=("note",))
  copied = pickle.loads(pickle.dumps(renamed))
  assert copied.notes == ("note",) and copied.row("cat") == 1
