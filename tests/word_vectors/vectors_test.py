import os

import example_vectors
import numpy as np
import pytest

from glove_jax import word_vectors as vectors_lib
from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors


def random_vectors():
  return example_vectors.random_vectors(size=200, dim=7)


def cosines(vectors, query):  # [D] -> [V], by the definition
  return [
    float(row @ query / np.linalg.norm(row) / np.linalg.norm(query)) for row in vectors.vectors
  ]


def unit(row):
  return row / np.linalg.norm(row)


def ranked(scores, exclude, topn):
  order = sorted(set(range(len(scores))) - set(exclude), key=lambda row: -scores[row])
  return [(f"w{row}", pytest.approx(scores[row], abs=1e-5)) for row in order[:topn]]


def test_lookup():
  vectors = random_vectors()
  assert len(vectors) == 200 and vectors.dim == 7
  assert "w3" in vectors and "x" not in vectors
  np.testing.assert_array_equal(vectors["w3"], vectors.vectors[3])
  np.testing.assert_array_equal(vectors[["w3", "w1"]], vectors.vectors[[3, 1]])
  assert vectors.vectors.dtype == np.float32


def test_an_unknown_word_is_an_input_error_that_suggests_similar_ones():
  vectors = WordVectors(["king", "kings", "Paris", "zebra"], np.eye(4))
  with pytest.raises(InputError, match=r"'kingg' is not among the 4 words; similar: king, kings"):
    vectors["kingg"]
  with pytest.raises(InputError, match="similar: Paris"):
    vectors.most_similar("paris")
  with pytest.raises(InputError, match=r"words\.$"):
    vectors.similarity("king", "qqqqqqqq")


def test_words_and_rows_must_agree_and_words_differ():
  with pytest.raises(ValueError, match=r"2 words need \[2, D\] vectors, got \(3, 3\)"):
    WordVectors(["a", "b"], np.eye(3))
  with pytest.raises(ValueError, match="'b' occurs more than once"):
    WordVectors(["a", "b", "b"], np.eye(3))


def test_most_similar_is_3cosadd_of_unit_vectors_without_the_words_asked_with():
  vectors = random_vectors()
  query = unit(vectors["w1"]) + unit(vectors["w2"]) - unit(vectors["w3"])
  expected = ranked(cosines(vectors, query), [1, 2, 3], 5)
  assert vectors.most_similar(["w1", "w2"], ["w3"], topn=5) == expected
  assert vectors.most_similar(["w1", "w2"], "w3", topn=5) == expected


def test_most_similar_takes_one_word_or_a_raw_vector():
  vectors = random_vectors()
  scores = cosines(vectors, vectors["w9"])
  assert vectors.most_similar("w9", topn=3) == ranked(scores, [9], 3)
  assert vectors.most_similar(vectors["w9"] * 5, topn=3) == ranked(scores, [], 3)
  assert len(vectors.most_similar("w9", topn=1000)) == 199
  assert vectors.most_similar("w9", topn=0) == []
  with pytest.raises(InputError, match="Give at least one word"):
    vectors.most_similar([])


def test_cosmul_is_the_papers_equation():
  vectors = random_vectors()
  shifted = [(1 + np.array(cosines(vectors, vectors[word]))) / 2 for word in ("w1", "w2", "w3")]
  expected = shifted[0] * shifted[1] / (shifted[2] + 0.001)
  assert vectors.most_similar_cosmul(["w1", "w2"], ["w3"], topn=6) == ranked(expected, [1, 2, 3], 6)


def test_neighbours_do_not_depend_on_the_block_size(monkeypatch):
  vectors = random_vectors()
  whole = vectors.nearest(vectors.vectors[:20], 4, exclude=[[i] for i in range(20)])
  monkeypatch.setattr(vectors_lib, "MAX_SCORES_BYTES", 4 * 200 * 3)
  blocks = vectors.nearest(vectors.vectors[:20], 4, exclude=[[i] for i in range(20)])
  assert [[word for word, _ in row] for row in whole] == [
    [word for word, _ in row] for row in blocks
  ]


def test_of_equal_neighbours_the_earlier_word_comes_first():
  good = np.random.default_rng(0).random(400) < 0.5
  vectors = WordVectors([f"w{i}" for i in range(400)], np.where(good[:, None], [[1, 0]], [[0, 1]]))
  neighbours = [word for word, _ in vectors.most_similar(np.array([1, 0]), topn=30)]
  assert neighbours == [f"w{row}" for row in np.flatnonzero(good)[:30]]


def test_similarity_doesnt_match_and_normalized():
  vectors = WordVectors(["x", "near", "far", "zero"], np.float32([[2, 0], [3, 1], [-1, 5], [0, 0]]))
  assert vectors.similarity("x", "near") == pytest.approx(3 / np.sqrt(10))
  assert vectors.doesnt_match(["x", "near", "far"]) == "far"
  lengths = np.linalg.norm(vectors.normalized().vectors, axis=1)
  np.testing.assert_allclose(lengths, [1, 1, 1, 0], rtol=1e-6)
  assert vectors.similarity("x", "zero") == 0
  assert [word for word, _ in vectors.most_similar("x")] == ["near", "zero", "far"]


def test_distance_and_rank():
  vectors = random_vectors()
  assert vectors.distance("w1", "w2") == pytest.approx(1 - vectors.similarity("w1", "w2"))
  neighbours = [word for word, _ in vectors.most_similar("w1", topn=199)]
  assert [vectors.rank("w1", word) for word in neighbours[:5]] == [1, 2, 3, 4, 5]
  assert vectors.rank("w1", neighbours[-1]) == 199
  assert vectors.rank(vectors["w1"], "w1") == 1


def test_neighbours_are_gensims():
  gensim = pytest.importorskip("gensim")
  from gensim.models import KeyedVectors

  path = os.path.join(
    os.path.dirname(gensim.__file__), "test", "test_data", "euclidean_vectors.bin"
  )
  theirs = KeyedVectors.load_word2vec_format(path, binary=True)
  ours = WordVectors(list(theirs.index_to_key), theirs.vectors)
  one, two, three = ours.words[5:8]
  for question in ({"positive": [one]}, {"positive": [one, two], "negative": [three]}):
    expected = [
      (word, pytest.approx(cos, abs=1e-5)) for word, cos in theirs.most_similar(**question, topn=8)
    ]
    assert ours.most_similar(**question, topn=8) == expected
    expected = [word for word, _ in theirs.most_similar_cosmul(**question, topn=8)]
    assert [word for word, _ in ours.most_similar_cosmul(**question, topn=8)] == expected
  for word in ours.words[:20]:
    assert ours.distance(one, word) == pytest.approx(theirs.distance(one, word), abs=1e-5)
    if word != one:
      assert ours.rank(one, word) == theirs.rank(one, word)
  assert ours.doesnt_match(ours.words[:6]) == theirs.doesnt_match(ours.words[:6])
