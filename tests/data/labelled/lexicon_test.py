"""Which words a task has, and what they start from."""

import numpy as np
import pytest

from glove_jax.data.labelled import lexicon
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.errors import InputError

VECTORS = {"a": np.float32([1, 2]), "b": np.float32([3, 4]), "rare": np.float32([0, 1])}
TRAIN, OTHERS = [["a", "x", "y"], ["x", "a", "rare"]], [["b", "z", "a"]]


def test_words_are_those_of_the_training_texts_and_what_else_has_a_vector():
  assert lexicon.choose_words(TRAIN, OTHERS, VECTORS.get) == ("a", "x", "rare", "y", "b")
  assert lexicon.choose_words(TRAIN, OTHERS, VECTORS.get, min_count=2) == ("a", "x", "rare", "b")
  assert lexicon.choose_words(TRAIN, OTHERS, None) == ("a", "x", "rare", "y")


def test_the_table_begins_with_the_vectors_given_and_else_with_draws_of_the_word():
  table, known = lexicon.embedding_table(["a", "x", "b"], VECTORS.get, 2, seed=1)
  assert known == 2 and not table[0].any() and table[1].any()
  np.testing.assert_array_equal(table[[2, 4]], [VECTORS["a"], VECTORS["b"]])
  again, _ = lexicon.embedding_table(["b", "a", "y", "x"], VECTORS.get, 2, seed=1)
  np.testing.assert_array_equal(again[5], table[3])
  other, _ = lexicon.embedding_table(["x"], None, 2, seed=2)
  assert (other[2] != table[3]).any()
  many, _ = lexicon.embedding_table([str(i) for i in range(500)], None, 8, seed=1)
  assert np.std(many[2:]) == pytest.approx(0.1, rel=0.05)


def test_it_is_saved_and_texts_are_numbered_by_it(tmp_path):
  own = Lexicon(("电", "a"), ("a", "影"), ("neg", "pos"), (4, 8), 50)
  lexicon.save(own, tmp_path / "lexicon.json")
  assert lexicon.load(tmp_path / "lexicon.json") == own
  found = lexicon.encode_examples(own, [["a", "x"], []], [1, 0], spelled=[["A", "a"], []])
  assert [ids.tolist() for ids in found.ids] == [[3, 1], []] and found.target == [1, 0]
  assert found.chars[0][:, :2].tolist() == [[1, 0], [2, 0]]
  (tmp_path / "lexicon.json").write_text("[]")
  for name in ("lexicon.json", "none.json"):
    with pytest.raises(InputError, match=f"{name}: cannot be read"):
      lexicon.load(tmp_path / name)
