import numpy as np
import pytest
from example_vectors import random_vectors

from glove_jax.errors import InputError
from glove_jax.word_vectors import postprocessing


def test_centred_vectors_have_mean_0():
  vectors = random_vectors().vectors + 5
  centered = postprocessing.center(vectors)
  np.testing.assert_allclose(centered.mean(0), 0, atol=1e-5)
  np.testing.assert_allclose(centered, vectors - vectors.mean(0), atol=1e-5)
  assert centered.dtype == np.float32


def test_all_but_the_top_removes_the_first_principal_components():
  rng = np.random.default_rng(0)
  directions, _ = np.linalg.qr(rng.normal(size=(6, 6)))
  coordinates = rng.normal(size=(500, 6)) * [9, 7, 1, 1, 1, 1]
  vectors = (coordinates @ directions.T + 3).astype(np.float32)
  processed = postprocessing.all_but_the_top(vectors, 2)
  centered = vectors - vectors.mean(0)
  _, _, components = np.linalg.svd(centered, full_matrices=False)
  expected = centered - centered @ components[:2].T @ components[:2]
  np.testing.assert_allclose(processed, expected, atol=1e-4)
  np.testing.assert_allclose(processed @ components[:2].T, 0, atol=1e-4)


@pytest.mark.parametrize(("dim", "removed"), [(20, 1), (300, 3)])
def test_by_default_a_hundredth_of_the_dimensions_is_removed(dim, removed):
  vectors = np.random.default_rng(0).normal(size=(400, dim)).astype(np.float32)
  processed = postprocessing.all_but_the_top(vectors)
  assert np.linalg.matrix_rank(processed, tol=1e-3) == dim - removed


def test_no_component_leaves_centred_vectors_and_too_many_are_refused():
  vectors = random_vectors()
  np.testing.assert_allclose(
    vectors.all_but_the_top(0).vectors, vectors.centered().vectors, atol=1e-6
  )
  with pytest.raises(InputError, match="7 components, expected 0 to 6"):
    vectors.all_but_the_top(7)
