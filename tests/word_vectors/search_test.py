import numpy as np
import pytest
from example_vectors import random_vectors

from glove_jax.errors import InputError, UnknownWordError
from glove_jax.word_vectors import WordVectors


@pytest.fixture
def vectors():
  return random_vectors(size=200, dim=7)


def cosines(vectors, query):  # [D] -> [V], by the definition
  return [
    float(row @ query / np.linalg.norm(row) / np.linalg.norm(query)) for row in vectors.vectors
  ]


def unit(row):
  return row / np.linalg.norm(row)


def ranked(scores, exclude, topn):
  order = sorted(set(range(len(scores))) - set(exclude), key=lambda row: -scores[row])
  return [(f"w{row}", pytest.approx(scores[row], abs=1e-5)) for row in order[:topn]]


def test_most_similar_is_3cosadd_of_unit_vectors_without_the_words_asked_with(vectors):
  query = unit(vectors["w1"]) + unit(vectors["w2"]) - unit(vectors["w3"])
  expected = ranked(cosines(vectors, query), [1, 2, 3], 5)
  assert vectors.most_similar(["w1", "w2"], ["w3"], topn=5) == expected
  assert vectors.most_similar(["w1", "w2"], "w3", topn=5) == expected


def test_most_similar_takes_one_word_or_a_raw_vector(vectors):
  scores = cosines(vectors, vectors["w9"])
  assert vectors.most_similar("w9", topn=3) == ranked(scores, [9], 3)
  assert vectors.similar_by_word("w9", 3) == vectors.similar_by_key("w9", 3)
  assert vectors.similar_by_word("w9", 3) == ranked(scores, [9], 3)
  assert vectors.most_similar(vectors["w9"] * 5, topn=3) == ranked(scores, [], 3)
  assert vectors.similar_by_vector(vectors["w9"], 3) == ranked(scores, [], 3)
  assert len(vectors.most_similar("w9", topn=1000)) == 199
  assert vectors.most_similar("w9", topn=0) == []
  with pytest.raises(InputError, match="Give at least one word"):
    vectors.most_similar([])
  with pytest.raises(UnknownWordError, match="'x'"):
    vectors.most_similar(["w1", "x"])


def test_words_may_have_weights(vectors):
  query = 2 * unit(vectors["w1"]) - 0.5 * unit(vectors["w3"]) + vectors["w7"]
  expected = ranked(cosines(vectors, query), [1, 3], 4)
  assert vectors.most_similar([("w1", 2), vectors["w7"]], [("w3", -0.5)], topn=4) == expected


def test_neighbours_may_be_restricted_to_some_rows(vectors):
  scores = cosines(vectors, vectors["w9"])
  beyond = range(50, 200)
  assert vectors.most_similar("w9", topn=3, restrict_vocab=50) == ranked(scores, [9, *beyond], 3)
  clipped = [*range(30), *beyond]
  assert vectors.most_similar("w40", topn=3, clip_start=30, clip_end=50) == ranked(
    cosines(vectors, vectors["w40"]), [40, *clipped], 3)


def test_without_topn_there_are_the_scores_of_all_words(vectors):
  scores = cosines(vectors, vectors["w9"])
  np.testing.assert_allclose(vectors.most_similar("w9", topn=None), scores, atol=1e-6)
  np.testing.assert_allclose(vectors.similar_by_word("w9", None), scores, atol=1e-6)
  shifted = (1 + np.array(scores)) / 2
  np.testing.assert_allclose(vectors.most_similar_cosmul("w9", topn=None), shifted, atol=1e-5)


@pytest.mark.parametrize("backend", ["auto", "numpy", "jax"])
def test_a_batch_is_one_query_after_the_other(vectors, backend):
  queries = ["w1", ["w2", "w3"], vectors["w4"], [("w5", 2), "w6"]] * 10
  negative = [None, "w7", [], ["w8", "w9"]] * 10
  expected = []
  for positive_terms, negative_terms in zip(queries, negative, strict=True):
    expected.append(vectors.most_similar(positive_terms, negative_terms, topn=6))
  assert vectors.most_similar_batch(queries, negative, topn=6, backend=backend) == expected
  alone = vectors.most_similar("w1", topn=6, restrict_vocab=20)
  assert vectors.most_similar_batch(["w1"], topn=6, restrict_vocab=20, backend=backend) == [alone]


def test_a_batch_may_be_empty_but_no_query_of_it(vectors):
  assert vectors.most_similar_batch([]) == []
  with pytest.raises(InputError, match="Give at least one word"):
    vectors.most_similar_batch(["w1", []])
  with pytest.raises(InputError, match="'w1', expected a list"):
    vectors.most_similar_batch("w1")
  with pytest.raises(InputError, match="'torch', expected one of auto, numpy, jax"):
    vectors.most_similar_batch(["w1"], backend="torch")


def test_cosmul_is_the_papers_equation(vectors):
  shifted = [(1 + np.array(cosines(vectors, vectors[word]))) / 2 for word in ("w1", "w2", "w3")]
  expected = shifted[0] * shifted[1] / (shifted[2] + 0.001)
  arguments = {"positive": ["w1", "w2"], "negative": ["w3"], "epsilon": 0.001}
  assert vectors.most_similar_cosmul(**arguments, topn=6) == ranked(expected, [1, 2, 3], 6)
  beyond = range(100, 200)
  assert vectors.most_similar_cosmul(**arguments, topn=6, restrict_vocab=100) == ranked(
    expected, [1, 2, 3, *beyond], 6)
  assert len(vectors.most_similar_cosmul("w1", topn=1000)) == 199
  with pytest.raises(InputError, match="no positive query"):
    vectors.most_similar_cosmul(negative="w1")


def test_of_equal_neighbours_the_earlier_word_comes_first():
  good = np.random.default_rng(0).random(400) < 0.5
  vectors = WordVectors([f"w{i}" for i in range(400)], np.where(good[:, None], [[1, 0]], [[0, 1]]))
  neighbours = [word for word, _ in vectors.most_similar(np.array([1, 0]), topn=30)]
  assert neighbours == [f"w{row}" for row in np.flatnonzero(good)[:30]]


def test_zero_vectors_are_near_nothing():
  vectors = WordVectors(["x", "near", "far", "zero"], np.float32([[2, 0], [3, 1], [-1, 5], [0, 0]]))
  assert [word for word, _ in vectors.most_similar("x")] == ["near", "zero", "far"]


def test_unseen_words_are_composed_and_are_no_rows_to_leave_out():
  vectors = WordVectors(["x", "y"], np.eye(2), compose=lambda word: np.float32([1, len(word)]))
  assert [word for word, _ in vectors.most_similar("abc")] == ["y", "x"]
  assert [word for word, _ in vectors.most_similar(["abc", "y"])] == ["x"]


def test_relative_cosine_similarity_is_over_the_nearest_words(vectors):
  total = sum(cosine for _, cosine in vectors.most_similar("w1", topn=5))
  expected = vectors.similarity("w1", "w2") / total
  assert vectors.relative_cosine_similarity("w1", "w2", topn=5) == pytest.approx(expected)
  with pytest.raises(InputError, match="no neighbours"):
    vectors.relative_cosine_similarity("w1", "w2", topn=0)
