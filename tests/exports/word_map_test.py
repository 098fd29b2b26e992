"""The map of words is that of scikit-learn's PCA, whatever the blocks."""

import exported_vectors
import numpy as np
import pytest

from glove_jax.exports import word_map
from glove_jax.word_vectors import normalize_rows


def test_points_are_the_first_principal_components(monkeypatch):
  monkeypatch.setattr(word_map, "_ROWS_PER_BLOCK", 7)
  vectors = exported_vectors.matrix(50) * np.array([1, 2, 3, 4, 5, 6], np.float32) + 1
  points = word_map.project(vectors)
  units = normalize_rows(vectors)
  _, _, axes = np.linalg.svd(units - units.mean(0), full_matrices=False)
  expected = (units - units.mean(0)) @ axes[:2].T
  expected *= np.sign((expected * points).sum(0))
  np.testing.assert_allclose(points, expected, atol=1e-5)
  assert points[:, 0].std() > points[:, 1].std()


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 1), (2, 2), (4, 3)])
def test_few_words_and_dimensions_have_points_too(shape):
  points = word_map.project(np.ones(shape, np.float32))
  assert points.shape == (shape[0], 2) and np.isfinite(points).all()
