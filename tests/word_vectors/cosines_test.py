import numpy as np
import pytest

from glove_jax.word_vectors import cosines


@pytest.mark.parametrize("num_queries", [1, 30])
def test_cosines_are_those_of_the_definition(num_queries):
  rng = np.random.default_rng(0)
  vectors = rng.normal(size=(40, 7)).astype(np.float32)
  units = cosines.normalize_rows(rng.normal(size=(num_queries, 7)).astype(np.float32))
  expected = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)) @ units.T
  np.testing.assert_allclose(
    cosines.cosines(vectors, cosines.row_norms(vectors), units), expected, atol=1e-6
  )


def test_norms_are_computed_block_by_block(monkeypatch):
  matrix = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
  matrix[4] = 0
  expected = np.linalg.norm(matrix, axis=1)
  expected[4] = 1
  monkeypatch.setattr(cosines, "_BLOCK_FLOATS", 9)
  np.testing.assert_allclose(cosines.row_norms(matrix), expected, rtol=1e-6)
  np.testing.assert_array_equal(cosines.normalize_rows(matrix)[4], 0)
