"""Which analogies have vectors for all their words, and which answers are right."""

import numpy as np

from glove_jax.evaluation import answerable_questions
from glove_jax.evaluation.analogy_sets import Section
from glove_jax.word_vectors import WordVectors

WORDS = ["a", "b", "c", "d", "e"]
VECTORS = WordVectors(WORDS, np.eye(5, dtype=np.float32))


def section(questions, answers=None):
  return Section(name="s", syntactic=False, questions=questions, answers=answers)


def test_questions_count_whose_words_are_all_candidates():
  asked = section([("a", "b", "c", "d"), ("a", "b", "c", "x"), ("a", "b", "c", "e")])
  found = answerable_questions.find(VECTORS, asked, 4)
  assert found.rows.tolist() == [[0, 1, 2, 3]] and found.right is None
  assert found.are_correct(np.array([3])).tolist() == [True]
  assert found.are_correct(np.array([1])).tolist() == [False]
  assert len(answerable_questions.find(VECTORS, asked, 5).rows) == 2


def test_of_several_answers_each_is_right_and_the_first_one_is_the_example():
  answers = {"a": ("x", "b"), "c": ("d", "e")}
  found = answerable_questions.find(VECTORS, section([("a", "x", "c", "d")], answers), 5)
  assert found.rows.tolist() == [[0, 1, 2, 3]]
  assert found.are_correct(np.array([4])).tolist() == [True]


def test_lower_case_joins_the_answers_of_words_that_become_the_same():
  asked = section([("A", "B", "a", "C")], {"A": ("B",), "a": ("C",)})
  lower = answerable_questions.lower_case(asked)
  assert lower.questions == [("a", "b", "a", "c")] and lower.answers == {"a": ("b", "c")}
