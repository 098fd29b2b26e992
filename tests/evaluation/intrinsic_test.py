"""Settings and names of a whole evaluation."""

import numpy as np
from example_vectors import number_grid

from glove_jax.evaluation import intrinsic
from glove_jax.word_vectors import WordVectors


def write(tmp_path, name, data):
  path = tmp_path / name
  path.write_bytes(data if isinstance(data, bytes) else data.encode())
  return path


def test_lower_casing_is_automatic_and_reported(tmp_path):
  path = write(tmp_path, "q.txt", ": s\nONE oneth Two twoth\n")

  def ask(vectors, **kwargs):
    scores = intrinsic.evaluate(vectors, similarity_files=[], analogy_files=[path], **kwargs)
    return scores["settings"]["lowercase"], scores["analogy"]["total"]["questions"]

  assert ask(number_grid()) == (True, 1)
  assert ask(number_grid(), lowercase=False) == (False, 0)
  mixed = WordVectors([word.upper() for word in number_grid().words], number_grid().vectors)
  assert ask(mixed) == (False, 0)


def test_sets_of_equal_names_are_all_reported(tmp_path):
  (tmp_path / "b").mkdir()
  text = ": s\none oneth two twoth\n: total\none oneth two twoth\n"
  analogy_files = [write(tmp_path, "q.txt", text), write(tmp_path, "b/q.txt", text)]
  pairs = [write(tmp_path, "p.txt", "one two 3\n"), write(tmp_path, "b/p.txt", "one two 3\n")]
  scores = intrinsic.evaluate(number_grid(), similarity_files=pairs, analogy_files=analogy_files)
  assert list(scores["similarity"]) == ["p", "p-2"]
  assert list(scores["analogy"]) == [
    "s",
    "q/total",
    "q/s",
    "q/total-2",
    "semantic",
    "syntactic",
    "total",
  ]
  assert scores["analogy"]["total"]["of"] == 4


def test_the_language_is_that_of_most_words():
  assert intrinsic.language(WordVectors(["国家", "经济", "the"], np.eye(3))) == "zh"
  assert intrinsic.language(WordVectors(["国家", "of", "the"], np.eye(3))) == "en"
