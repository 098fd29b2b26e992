"""Analogies beside `most_similar`, question by question, and gensim."""

import functools
import itertools
import os

import numpy as np
import pytest
from example_vectors import NUMBERS, number_grid, random_vectors

from glove_jax.errors import InputError
from glove_jax.evaluation import analogies, evaluation_sets
from glove_jax.evaluation.evaluation_sets import Section
from glove_jax.word_vectors import WordVectors


def questions(words):
  return [(a, f"{a}th", b, f"{b}th") for a, b in itertools.permutations(words, 2)]


@pytest.mark.parametrize("method", analogies.METHODS)
@pytest.mark.parametrize("cache", [1 << 10, 1 << 21])
def test_solve_is_most_similar_question_by_question(method, cache, monkeypatch):
  monkeypatch.setattr(analogies, "CACHE_BYTES", cache)
  vectors = random_vectors()
  asked = np.random.default_rng(1).integers(0, 300, (150, 3))
  ask = vectors.most_similar
  if method == "3cosmul":
    ask = functools.partial(vectors.most_similar_cosmul, epsilon=analogies.EPSILON)
  expected = [ask([f"w{b}", f"w{c}"], [f"w{a}"], topn=1)[0][0] for a, b, c in asked]
  assert [f"w{row}" for row in analogies.solve(vectors.vectors, asked, method=method)] == expected


def test_solve_prefers_the_first_of_equals_and_has_no_answer_without_candidates():
  same = np.ones((9, 2), np.float32)
  np.testing.assert_array_equal(analogies.solve(same, np.array([[0, 1, 2], [0, 3, 5]])), [3, 1])
  np.testing.assert_array_equal(analogies.solve(same[:3], np.array([[0, 1, 2]])), [-1])


def test_a_zero_vector_spoils_nothing():
  vectors = number_grid()
  matrix = np.concatenate([vectors.vectors, np.zeros((1, 8), np.float32)])
  np.testing.assert_array_equal(analogies.solve(matrix, np.array([[0, 7, 1]])), [8])


def test_analogy_counts_sections_groups_and_coverage():
  sections = [
    Section("ordinals", False, [*questions(NUMBERS[:3]), ("one", "oneth", "two", "seven")]),
    Section("gram1", True, [("one", "oneth", "two", "three")] * 3),
    Section("unknown", True, [("x", "y", "z", "w")]),
  ]
  scores = analogies.score(number_grid(), sections)
  assert scores == {
    "ordinals": {"accuracy": 1.0, "questions": 6, "of": 7},
    "gram1": {"accuracy": 0.0, "questions": 3, "of": 3},
    "unknown": {"accuracy": None, "questions": 0, "of": 1},
    "semantic": {"accuracy": 1.0, "questions": 6, "of": 7},
    "syntactic": {"accuracy": 0.0, "questions": 3, "of": 4},
    "total": {"accuracy": pytest.approx(6 / 9), "questions": 9, "of": 11},
  }


def test_restrict_bounds_the_candidates_and_the_questions():
  sections = [Section("s", False, questions(NUMBERS[:3]))]
  assert analogies.score(number_grid(), sections, restrict=9)["s"] == {
    "accuracy": 1.0,
    "questions": 2,
    "of": 6,
  }
  assert analogies.score(number_grid(), sections, restrict=99)["s"]["questions"] == 6


def test_an_unknown_method_is_refused():
  with pytest.raises(InputError, match="'3cosdiv', expected 3cosadd or 3cosmul"):
    analogies.score(number_grid(), [], method="3cosdiv")


@pytest.mark.realdata
def test_accuracy_is_gensims(data):
  models = pytest.importorskip("gensim.models")
  sections = evaluation_sets.read_analogies(data / "intrinsic/en/questions-words.txt")
  words = [word for section in sections for row in section.questions for word in row]
  words = list(dict.fromkeys(words))[:300]
  vectors = WordVectors(words, np.random.default_rng(0).normal(size=(300, 3)))
  theirs = models.KeyedVectors(3)
  theirs.add_vectors(words, vectors.vectors)
  file = os.fspath(data / "intrinsic/en/questions-words.txt")
  _, expected = theirs.evaluate_word_analogies(file, case_insensitive=False)
  ours = analogies.score(vectors, sections)
  for section in expected[:-1]:
    asked = len(section["correct"]) + len(section["incorrect"])
    assert ours[section["section"]]["questions"] == asked
    if asked:
      assert ours[section["section"]]["accuracy"] == pytest.approx(len(section["correct"]) / asked)
  assert 0 < ours["total"]["accuracy"] < 1
