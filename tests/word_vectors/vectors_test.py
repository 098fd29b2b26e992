import numpy as np
import pytest
from example_vectors import composing_vectors, random_vectors

from glove_jax import vector_files
from glove_jax.errors import InputError, UnknownWordError
from glove_jax.word_vectors import WordVectors


@pytest.fixture
def vectors():
  return composing_vectors()


def test_vectors_for_all_keeps_what_has_a_vector_once(vectors):
  words = ["b", "uu", "x", "b", "a"]
  assert vectors.vectors_for_all(words).words == ["b", "uu", "a"]
  assert vectors.vectors_for_all(words, allow_inference=False).words == ["b", "a"]
  assert len(vectors.vectors_for_all(["x"])) == 0


def test_subset_keeps_the_order_of_the_words_asked_for(vectors):
  subset = vectors.subset(["c", "uu", "a"])
  assert type(subset) is WordVectors and subset.words == ["c", "uu", "a"]
  np.testing.assert_array_equal(subset.vectors[2], [2, 0, 0, 0])
  np.testing.assert_array_equal(subset.vectors[1], vectors["uu"])
  assert subset.has_vector("u")
  with pytest.raises(UnknownWordError, match="'x'"):
    vectors.subset(["a", "x"])
  with pytest.raises(ValueError, match="'a' occurs more than once"):
    vectors.subset(["a", "a"])


def test_restrict_keeps_the_order_of_the_table(vectors):
  assert vectors.restrict(2).words == ["a", "b"]
  assert vectors.restrict(9).words == ["a", "b", "c"] and len(vectors.restrict(0)) == 0
  restricted = vectors.restrict(["c", "x", "a"])
  assert restricted.words == ["a", "c"]
  np.testing.assert_array_equal(restricted.vectors, vectors[["a", "c"]])
  with pytest.raises(InputError, match="-1 words"):
    vectors.restrict(-1)


def test_normalized_vectors_have_norm_1_or_0():
  vectors = WordVectors(["x", "near", "far", "zero"], np.float32([[2, 0], [3, 1], [-1, 5], [0, 0]]))
  lengths = np.linalg.norm(vectors.normalized().vectors, axis=1)
  np.testing.assert_allclose(lengths, [1, 1, 1, 0], rtol=1e-6)


def test_other_spaces_keep_notes_and_the_tokenization_but_compose_no_words():
  first = random_vectors()
  vectors = WordVectors(first.words, first.vectors, ("a note",), "a tokenization", len)
  others = [vectors.normalized(), vectors.centered(), vectors.all_but_the_top(),
            vectors.concat(first), vectors.average(first)]
  for other in others:
    assert type(other) is WordVectors
    assert (other.notes, other.tokenization) == (("a note",), "a tokenization")
    assert other.compose is None
  assert vectors.subset(["w1"]).compose is vectors.restrict(3).compose is len


@pytest.mark.parametrize("format", ["glove", "word2vec", "word2vec-binary", "npy"])
def test_saved_vectors_are_loaded_bit_for_bit(tmp_path, format):
  vectors = random_vectors(size=20)
  path = tmp_path / "vectors.npy"
  vectors.save(path, format)
  loaded = vector_files.load(path)
  assert loaded.words == vectors.words
  np.testing.assert_array_equal(loaded.vectors, vectors.vectors)
