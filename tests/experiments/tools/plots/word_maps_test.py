"""Maps of words and arrows of analogies."""

import importlib.util

import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors
from tools.plots import word_maps

WORDS = ["man", "woman", "king", "queen", "$", "_b"]
VECTORS = WordVectors(
  WORDS, np.array([[1, 0, 0], [1, 1, 0], [3, 0, 1], [3, 1, 1], [0, 2, 2], [2, 2, 0]])
)


def test_principal_components_keep_the_distances_of_points_in_a_plane():
  rng = np.random.default_rng(0)
  plane = rng.normal(size=(6, 2)) @ rng.normal(size=(2, 5)) + 3
  points, axes = word_maps.project(plane)
  for i in range(6):
    expected = np.linalg.norm(plane - plane[i], axis=1)
    np.testing.assert_allclose(np.linalg.norm(points - points[i], axis=1), expected, rtol=1e-6)
  again = word_maps.project(-plane).points
  assert np.abs(points.var(0) - again.var(0)).max() < 1e-9
  assert points[:, 0].var() > points[:, 1].var()
  assert axes[0].startswith("component 1: ") and axes[0].endswith("% of the variance")


@pytest.mark.slow
def test_tsne_is_of_scikit_learn():
  pytest.importorskip("sklearn", reason="needs scikit-learn")
  points, _ = word_maps.project(np.random.default_rng(0).normal(size=(9, 4)), "tsne")
  assert points.shape == (9, 2) and np.isfinite(points).all()


def test_a_projection_that_is_not_installed_names_its_package(monkeypatch):
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  with pytest.raises(InputError, match="needs umap-learn: .* -m pip install umap-learn"):
    word_maps.project(np.eye(4), "umap")
  with pytest.raises(InputError, match="found 2 words, expected at least 3"):
    word_maps.project(np.eye(2))


def test_a_map_has_each_word_once_and_the_names_of_groups_in_bold(tmp_path, saved):
  groups = {"man": ["man", "woman", "king"], "queen": ["queen", "king", "$"]}
  word_maps.draw_map(VECTORS, groups, str(tmp_path / "a.png"))
  (axis,) = saved[0].axes
  weights = {text.get_text(): text.get_fontweight() for text in axis.texts}
  assert weights == {
    "man": "bold", "woman": "normal", "king": "normal", "queen": "bold", r"\$": "normal",
  }
  colors = {text.get_text(): text.get_color() for text in axis.texts}
  assert colors["king"] == colors["man"] != colors["queen"]


def test_arrows_of_an_analogy_and_how_parallel_they_are(tmp_path, saved):
  pairs = [("man", "woman"), ("king", "queen")]
  relations = [pairs, [("man", "king"), ("$", "_b")]]
  word_maps.draw_analogies(VECTORS, relations, str(tmp_path / "a.png"))
  gender, other = saved[0].axes
  names = {text.get_text() for text in gender.texts} - {""}
  assert names == {"man", "woman", "king", "queen"}
  assert gender.get_title(loc="left").startswith("offsets: mean cosine 0.")
  assert len([text for text in other.texts if not text.get_text()]) == 2  # arrows


def test_the_mean_cosine_of_parallel_and_of_opposite_offsets():
  vectors = WordVectors(list("abcd"), np.array([[1, 0], [0, 1], [2, 0], [0, 2]]))
  assert word_maps.mean_cosine(vectors, [("a", "b"), ("c", "d")]) == pytest.approx(1)
  assert word_maps.mean_cosine(vectors, [("a", "b"), ("d", "c")]) == pytest.approx(-1)
  assert word_maps.mean_cosine(vectors, [("a", "b")]) == 1
