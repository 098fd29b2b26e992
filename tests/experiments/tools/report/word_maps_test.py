"""Neighbours and movement of words between runs."""

import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors
from tools.report import word_maps

WORDS = [f"w{number}" for number in range(40)]


def random_vectors(seed=0, dim=6):
  matrix = np.random.default_rng(seed).normal(size=(len(WORDS), dim))
  return WordVectors(WORDS, matrix)


def rotated(vectors, *, seed=1, scale=3.0):
  """The same vectors on other axes."""
  random = np.random.default_rng(seed).normal(size=(vectors.dim, vectors.dim))
  axes, _ = np.linalg.qr(random)
  return WordVectors(vectors.words, scale * vectors.vectors @ axes)


def test_neighbours_are_those_of_most_similar():
  vectors = random_vectors()
  rows, cosines = word_maps.neighbours_of(vectors, 5)
  for row in (0, 17):
    expected = vectors.most_similar(WORDS[row], topn=5)
    assert [WORDS[each] for each in rows[row]] == [word for word, _ in expected]
    np.testing.assert_allclose(cosines[row], [cosine for _, cosine in expected], atol=1e-6)


def test_few_words_have_few_neighbours():
  rows, cosines = word_maps.neighbours_of(WordVectors(["a", "b"], np.eye(2)), 3)
  assert rows.tolist() == [[1, -1, -1], [0, -1, -1]]
  assert not cosines.any()


def test_a_rotation_moves_no_word():
  vectors = random_vectors()
  words, distances = word_maps.moved(vectors, rotated(vectors))
  assert sorted(words) == sorted(WORDS)
  np.testing.assert_allclose(distances, 0, atol=1e-5)


def test_the_word_that_moved_comes_first():
  vectors = random_vectors()
  matrix = rotated(vectors).vectors.copy()
  matrix[7] = -matrix[7]
  words, distances = word_maps.moved(vectors, WordVectors(WORDS, matrix))
  assert words[0] == "w7"
  assert distances[0] > 1.5
  assert distances[1] < 0.2


def test_runs_of_other_widths_and_words_are_compared():
  narrow = random_vectors()
  wide = WordVectors(["new", *WORDS[:30]], np.eye(31, 9))
  words, distances = word_maps.moved(narrow, wide)
  assert set(words) == set(WORDS[:30])
  assert (distances >= -1e-6).all() and (np.diff(distances) <= 0).all()
  assert word_maps.moved(narrow, WordVectors(["x"], np.ones((1, 2))))[0] == []


def test_a_map_numbers_the_words_of_all_runs():
  first = WordVectors(["a", "b", "c"], np.eye(3))
  second = WordVectors(["c", "d", "a"], np.array([[1, 0.1], [1, 0], [0, 1]]))
  word_map = word_maps.make([first, second], topn=3)
  assert word_map.words == ["a", "b", "c", "d"]
  assert word_map.runs[1].words.tolist() == [2, 3, 0]
  assert word_map.runs[1].neighbours[0].tolist() == [3, 0, word_maps.NO_WORD]
  assert [(each.first, each.second) for each in word_map.movements] == [(0, 1)]
  assert sorted(word_map.movements[0].words.tolist()) == [0, 2]


def test_a_rotated_run_has_the_same_points():
  vectors = random_vectors()
  word_map = word_maps.make([vectors, rotated(vectors)])
  first, second = word_map.runs
  np.testing.assert_allclose(first.points, second.points, atol=1e-5)
  spread = first.points.var(0)
  assert spread[0] >= spread[1] > 0  # of the first principal component most
  assert 2 / 6 < word_map.variance < 1


def test_vectors_of_one_number_have_a_plane():
  word_map = word_maps.make([WordVectors(["a", "b"], np.array([[1.0], [-1.0]]))])
  assert np.isfinite(word_map.runs[0].points).all()


def test_more_words_than_numbers_are_refused(monkeypatch):
  monkeypatch.setattr(word_maps, "MAX_WORDS", 10)
  with pytest.raises(InputError, match="40 different words, expected at most 10"):
    word_maps.make([random_vectors()])
