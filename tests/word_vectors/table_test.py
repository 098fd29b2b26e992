import numpy as np
import pytest
from example_vectors import composing_vectors, random_vectors

from glove_jax.errors import InputError, UnknownWordError
from glove_jax.word_vectors import WordVectors


@pytest.fixture
def vectors():
  return composing_vectors()


def test_lookup():
  vectors = random_vectors(size=200, dim=7)
  assert len(vectors) == 200 and vectors.dim == 7
  assert "w3" in vectors and "x" not in vectors
  np.testing.assert_array_equal(vectors["w3"], vectors.vectors[3])
  np.testing.assert_array_equal(vectors[["w3", "w1"]], vectors.vectors[[3, 1]])
  assert vectors[[]].shape == (0, 7)
  assert vectors.vectors.dtype == np.float32
  assert repr(vectors) == "WordVectors(200 words x 7)"


def test_an_unknown_word_is_an_input_error_and_a_key_error_in_one_line():
  vectors = WordVectors(["king", "kings", "Paris", "zebra"], np.eye(4))
  with pytest.raises(KeyError) as raised:
    vectors["kingg"]
  assert isinstance(raised.value, InputError)
  assert str(raised.value) == "The word 'kingg' is not among the 4 words; similar: king, kings."
  for ask in (vectors.row, vectors.get_vector, lambda word: vectors[["king", word]]):
    with pytest.raises(UnknownWordError, match="similar: Paris"):
      ask("paris")


def test_words_and_rows_must_agree_and_words_differ():
  with pytest.raises(ValueError, match=r"2 words need \[2, D\] vectors, got \(3, 3\)"):
    WordVectors(["a", "b"], np.eye(3))
  with pytest.raises(ValueError, match="'b' occurs more than once"):
    WordVectors(["a", "b", "b"], np.eye(3))


def test_a_vector_may_be_asked_with_norm_1(vectors):
  np.testing.assert_array_equal(vectors.get_vector("b"), [0, 3, 0, 0])
  np.testing.assert_array_equal(vectors.get_vector("b", norm=True), [0, 1, 0, 0])
  np.testing.assert_allclose(vectors.norms, [2, 3, 2])
  np.testing.assert_allclose(np.linalg.norm(vectors.get_normed_vectors(), axis=1), 1)


def test_unseen_words_are_composed(vectors):
  assert "uu" not in vectors and vectors.has_vector("uu") and not vectors.has_vector("x")
  np.testing.assert_array_equal(vectors["uu"], [2, 2, 2, 2])
  np.testing.assert_array_equal(vectors[["a", "uuu"]], [[2, 0, 0, 0], [3, 3, 3, 3]])
  with pytest.raises(UnknownWordError, match="'x' is not among"):
    vectors["x"]


def test_norms_of_large_numbers_do_not_overflow():
  vectors = WordVectors(["a", "b", "zero"], np.float32([[1e30, 1e30], [1, 0], [0, 0]]))
  np.testing.assert_allclose(vectors.norms, [np.sqrt(2) * 1e30, 1, 1], rtol=1e-6)
