"""The words of a task and their initial vectors; saved and loaded; texts as ids."""

import numpy as np
import pytest

from glove_jax.data.labelled import lexicon
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.errors import InputError

VECTORS = {"a": np.float32([1, 2]), "b": np.float32([3, 4]), "rare": np.float32([0, 1])}
TRAIN, OTHERS = [["a", "x", "y"], ["x", "a", "rare"]], [["b", "z", "a"]]


def test_words_of_other_texts_need_a_pretrained_vector():
  assert lexicon.choose_words(TRAIN, OTHERS, VECTORS.get) == ("a", "x", "rare", "y", "b")
  assert lexicon.choose_words(TRAIN, OTHERS, VECTORS.get, min_count=2) == ("a", "x", "rare", "b")
  assert lexicon.choose_words(TRAIN, OTHERS, None) == ("a", "x", "rare", "y")


def test_words_without_a_pretrained_vector_get_one_by_word_and_seed():
  table, pretrained = lexicon.embedding_table(["a", "x", "b"], VECTORS.get, 2, seed=1)
  assert pretrained == 2 and not table[0].any() and table[1].any()
  np.testing.assert_array_equal(table[[2, 4]], [VECTORS["a"], VECTORS["b"]])
  again, _ = lexicon.embedding_table(["b", "a", "y", "x"], VECTORS.get, 2, seed=1)
  np.testing.assert_array_equal(again[5], table[3])
  other, _ = lexicon.embedding_table(["x"], None, 2, seed=2)
  assert (other[2] != table[3]).any()
  many, _ = lexicon.embedding_table([str(i) for i in range(500)], None, 8, seed=1)
  assert np.std(many[2:]) == pytest.approx(0.1, rel=0.05)


def test_a_saved_lexicon_encodes_texts_as_before(tmp_path):
  saved = Lexicon(("电", "a"), ("a", "影"), ("neg", "pos"), (4, 8), 50)
  lexicon.save(saved, tmp_path / "lexicon.json")
  assert lexicon.load(tmp_path / "lexicon.json") == saved
  examples = lexicon.encode_examples(
    saved, [["a", "x"], []], [1, 0], original_tokens=[["A", "a"], []]
  )
  assert [ids.tolist() for ids in examples.ids] == [[3, 1], []] and examples.target == [1, 0]
  assert examples.chars[0][:, :2].tolist() == [[1, 0], [2, 0]]
  (tmp_path / "lexicon.json").write_text("[]")
  for name in ("lexicon.json", "none.json"):
    with pytest.raises(InputError, match=f"{name}: cannot be read"):
      lexicon.load(tmp_path / name)
