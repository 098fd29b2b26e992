import numpy as np
import pytest
from example_vectors import random_vectors

from glove_jax import vector_files
from glove_jax.word_vectors import WordVectors


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
