"""What a vocabulary shows of its text."""

import exported_vectors

from glove_jax.data.text.tokenization import Tokenization
from glove_jax.exports import scripts


def test_chinese_vocabularies():
  assert scripts.is_chinese(["我们", "的", "Linux"])
  assert not scripts.is_chinese(["the", "of", "的", "カナ"])


def test_case_is_that_of_the_run_or_else_of_the_words():
  assert scripts.is_lowercase(exported_vectors.table(["the", "naïve", "汉"]))
  assert not scripts.is_lowercase(exported_vectors.table(["the", "The"]))
  table = exported_vectors.table(["the"], tokenization=Tokenization("words", False))
  assert not scripts.is_lowercase(table)


def test_punctuation():
  assert scripts.has_punctuation(["a", ".", ","])
  assert not scripts.has_punctuation(["a", "."])
