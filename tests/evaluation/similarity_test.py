"""Word similarity beside SciPy."""

import numpy as np
import pytest
import scipy.stats
from example_vectors import random_vectors

from glove_jax.evaluation import intrinsic, similarity, tables
from glove_jax.word_vectors import WordVectors


def test_similarity_is_spearman_of_cosines_over_covered_pairs():
  vectors = random_vectors()
  pairs = [(f"w{i}", f"w{i + 1}", float(i % 5)) for i in range(0, 40, 2)]
  cosines = [vectors.similarity(one, two) for one, two, _ in pairs]
  expected = scipy.stats.spearmanr(cosines, [score for *_, score in pairs]).statistic
  scores = similarity.score(vectors, [*pairs, ("w1", "unknown", 9.0)])
  assert scores == {"spearman": pytest.approx(expected), "pairs": 20, "of": 21}
  assert similarity.score(vectors, pairs[:1]) == {"spearman": None, "pairs": 1, "of": 1}
  assert similarity.score(vectors, [("a", "b", 1.0)]) == {"spearman": None, "pairs": 0, "of": 1}


def test_words_without_vectors_are_composed_and_their_pairs_told_apart():
  vectors, whole = random_vectors(), random_vectors()
  hidden = {f"w{i}": whole[f"w{i}"] for i in range(3)}
  vectors = WordVectors(
    [word for word in whole.words if word not in hidden],
    [whole[word] for word in whole.words if word not in hidden],
  )
  pairs = [(f"w{i}", f"w{i + 1}", float(i * 7 % 5)) for i in range(20)] + [("w5", "nothing", 1.0)]

  def compose(word):
    return hidden.get(word, np.zeros(whole.dim, np.float32))

  scored = similarity.score(vectors, pairs, compose=compose)
  assert scored["spearman"] == pytest.approx(similarity.score(whole, pairs)["spearman"])
  assert (scored["pairs"], scored["of"], scored["composed"]["pairs"]) == (20, 21, 3)
  assert scored["composed"]["spearman"] == pytest.approx(
    similarity.score(whole, pairs[:3])["spearman"]
  )
  scores = intrinsic.evaluate(vectors, similarity_files=[], analogy_files=[], compose=compose)
  scores["similarity"] = {"set": scored}
  assert "  with a composed word" in tables.format_table(scores)
