import numpy as np
import pytest
from example_vectors import random_vectors

from glove_jax.errors import InputError, UnknownWordError
from glove_jax.word_vectors import WordVectors


@pytest.fixture
def vectors():
  return random_vectors(size=200, dim=7)


@pytest.fixture
def small():
  matrix = np.float32([[2, 0], [3, 1], [-1, 5], [0, 0]])
  return WordVectors(["x", "near", "far", "zero"], matrix)


def unit(row):
  return row / np.linalg.norm(row)


def test_similarity_and_distance(small):
  assert small.similarity("x", "near") == pytest.approx(3 / np.sqrt(10))
  assert small.distance("x", "near") == pytest.approx(1 - 3 / np.sqrt(10))
  assert small.similarity("x", np.array([0, 4])) == pytest.approx(0)
  assert small.similarity("x", "zero") == 0
  with pytest.raises(InputError, match=r"shape \(3,\), expected a word or \[2\]"):
    small.similarity("x", np.ones(3))


def test_distances_to_some_words_or_all(vectors):
  expected = [vectors.distance("w1", word) for word in vectors.words]
  np.testing.assert_allclose(vectors.distances("w1"), expected, atol=1e-6)
  np.testing.assert_allclose(vectors.distances(vectors["w1"]), expected, atol=1e-6)
  np.testing.assert_allclose(
    vectors.distances("w1", ["w9", "w3"]), [expected[9], expected[3]], atol=1e-6
  )


def test_rank_counts_the_words_that_are_closer(vectors):
  order = np.argsort(vectors.distances("w1"), kind="stable")
  neighbours = [vectors.words[row] for row in order if row != 1]
  assert [vectors.rank("w1", word) for word in neighbours[:5]] == [1, 2, 3, 4, 5]
  assert vectors.rank("w1", neighbours[-1]) == 199
  assert vectors.rank(vectors["w1"], "w1") == 1
  assert vectors.rank(vectors["w1"], neighbours[0]) == 2  # a vector is no word to leave out
  assert set(vectors.closer_than("w1", neighbours[3])) == set(neighbours[:3])
  assert vectors.words_closer_than("w1", neighbours[0]) == []
  with pytest.raises(UnknownWordError):
    vectors.rank("w1", "unknown")


def test_the_mean_is_weighted_by_absolute_weights(vectors):
  first, second = vectors["w1"], vectors["w2"]
  np.testing.assert_allclose(
    vectors.get_mean_vector(["w1", "w2"], [3, -1]), (3 * unit(first) - unit(second)) / 4, atol=1e-6
  )
  np.testing.assert_allclose(
    vectors.get_mean_vector(["w1", second, "unknown"], pre_normalize=False),
    (first + second) / 2, atol=1e-6,
  )
  mean = vectors.get_mean_vector(["w1", second], post_normalize=True)
  np.testing.assert_allclose(mean, unit(unit(first) + second), atol=1e-6)
  assert not vectors.get_mean_vector(["unknown"]).any()


def test_means_of_what_cannot_be_averaged_are_refused(vectors):
  with pytest.raises(InputError, match="Give at least one"):
    vectors.get_mean_vector([])
  with pytest.raises(InputError, match=r"weights of shape \(1,\) for 2 words"):
    vectors.get_mean_vector(["w1", "w2"], [1])
  with pytest.raises(UnknownWordError, match="'x'"):
    vectors.get_mean_vector(["w1", "x"], ignore_missing=False)


def test_n_similarity_is_the_cosine_of_mean_vectors(vectors):
  first = vectors["w1"] + vectors["w2"]
  assert vectors.n_similarity(["w1", "w2", "unknown"], ["w3"]) == pytest.approx(
    unit(first) @ unit(vectors["w3"]), abs=1e-6
  )
  with pytest.raises(UnknownWordError, match="'unknown'"):
    vectors.n_similarity(["unknown"], ["w3"])
  with pytest.raises(InputError, match="'w1', expected a list"):
    vectors.n_similarity("w1", ["w3"])


def test_the_most_similar_of_some_words(vectors):
  words = ["w5", "w9", "w77"]
  best = max(words, key=lambda word: vectors.similarity("w1", word))
  assert vectors.most_similar_to_given("w1", words) == best


def test_words_rank_by_their_similarity_to_the_centre(small):
  ranked = small.rank_by_centrality(["far", "x", "near", "unknown"])
  assert [word for _, word in ranked] == ["near", "x", "far"]
  center = unit(unit(small["far"]) + unit(small["x"]) + unit(small["near"]))
  assert ranked[0][0] == pytest.approx(unit(small["near"]) @ center)
  assert small.doesnt_match(["x", "near", "far"]) == "far"
  center = unit(small["far"] + small["x"])
  assert small.rank_by_centrality(["x", "far"], use_norm=False) == [
    (pytest.approx(small["far"] @ center), "far"), (pytest.approx(small["x"] @ center), "x")]
  with pytest.raises(UnknownWordError):
    small.doesnt_match(["unknown"])


def test_texts_are_compared_by_words_that_have_vectors(small):
  moved = small.wmdistance(["x", "unknown"], ["far"], norm=False)
  assert moved == pytest.approx(np.linalg.norm(small["x"] - small["far"]))
  moved = small.wmdistance(["x"], ["near"])
  assert moved == pytest.approx(np.linalg.norm(unit(small["x"]) - unit(small["near"])))
  assert small.wmdistance(["unknown"], ["near"]) == float("inf")
  with pytest.raises(InputError, match="expected a list of words"):
    small.wmdistance("x near", ["near"])


def test_cosines_of_vectors_need_no_table():
  cosines = WordVectors.cosine_similarities(np.array([1, 0]), np.array([[3, 4], [0, 0], [-2, 0]]))
  np.testing.assert_allclose(cosines, [0.6, 0, -1])


def test_unseen_words_are_compared_by_composed_vectors():
  vectors = WordVectors(["x", "y"], np.eye(2), compose=lambda word: np.float32([1, len(word)]))
  assert vectors.similarity("abc", "y") == pytest.approx(3 / np.sqrt(10))
  assert vectors.rank("abc", "x") == 2
  assert vectors.closer_than("x", "ab") == []
  assert vectors.wmdistance(["abc"], ["x"], norm=False) == pytest.approx(3)
