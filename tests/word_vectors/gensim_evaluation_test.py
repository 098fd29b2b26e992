"""Evaluations with gensim's meaning; gensim_test.py compares them with gensim's."""

import numpy as np
import pytest
from example_vectors import number_grid

from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors


@pytest.fixture
def pairs(tmp_path):
  path = tmp_path / "pairs.tsv"
  path.write_text("# a comment\nword1\tword2\tscore\nOne\ttwo\t1\none\toneth\t8\n"
                  "two\ttwoth\t9\none\tx\t5\nx\ty\t0\n")
  return path


@pytest.fixture
def questions(tmp_path):
  path = tmp_path / "questions.txt"
  path.write_text(": ordinals\none oneth TWO twoth\none oneth three fourth\n"
                  "five words are not four\n: unknown\none oneth x xth\n")
  return path


def test_pairs_with_unknown_words_are_left_out_or_0(pairs):
  vectors = number_grid()
  pearson, spearman, unknown = vectors.evaluate_word_pairs(pairs)
  cosine = np.sqrt(0.5)
  expected = np.corrcoef([1, 8, 9], [0, cosine, cosine])[0, 1]
  assert pearson.statistic == pytest.approx(expected) and unknown == 40
  assert spearman.statistic == pytest.approx(np.sqrt(0.75))
  pearson, _, unknown = vectors.evaluate_word_pairs(pairs, dummy4unknown=True)
  expected = np.corrcoef([1, 8, 9, 5, 0], [0, cosine, cosine, 0, 0])[0, 1]
  assert pearson.statistic == pytest.approx(expected) and unknown == 40


def test_case_and_rare_words_may_count(pairs):
  vectors = number_grid()
  _, _, unknown = vectors.evaluate_word_pairs(pairs, case_insensitive=False)
  assert unknown == 60
  with pytest.raises(InputError, match="found 1 pairs"):
    vectors.evaluate_word_pairs(pairs, restrict_vocab=7)


def test_analogies_are_counted_by_section(questions):
  accuracy, sections = number_grid().evaluate_word_analogies(questions)
  assert accuracy == 0.5
  assert [section["section"] for section in sections] == ["ordinals", "unknown", "Total accuracy"]
  assert sections[0]["correct"] == [("ONE", "ONETH", "TWO", "TWOTH")]
  assert sections[0]["incorrect"] == [("ONE", "ONETH", "THREE", "FOURTH")]
  assert sections[1] == {"section": "unknown", "correct": [], "incorrect": []}
  accuracy, sections = number_grid().evaluate_word_analogies(questions, dummy4unknown=True)
  assert accuracy == pytest.approx(1 / 3) and len(sections[1]["incorrect"]) == 1


def test_case_and_the_number_of_words_matter_to_analogies(questions):
  vectors = number_grid()
  accuracy, sections = vectors.evaluate_word_analogies(questions, case_insensitive=False)
  assert accuracy == 0 and len(sections[-1]["incorrect"]) == 1
  accuracy, sections = vectors.evaluate_word_analogies(questions, 7)
  assert accuracy == 0 and not sections[-1]["incorrect"]


def test_answers_that_differ_from_the_question_in_case_only_are_passed_over(tmp_path):
  grid = number_grid().subset(["one", "two", "oneth", "twoth"])
  words = ["one", "two", "TWO", "oneth", "twoth"]
  matrix = grid[["one", "two", "twoth", "oneth", "twoth"]]
  path = tmp_path / "questions.txt"
  path.write_text(": ordinals\none two oneth twoth\n")
  accuracy, _ = WordVectors(words, matrix).evaluate_word_analogies(path)
  assert accuracy == 1


def test_a_question_needs_a_section(tmp_path):
  path = tmp_path / "questions.txt"
  path.write_text("one oneth two twoth\n")
  with pytest.raises(InputError, match=r"questions.txt:1: found no section"):
    number_grid().evaluate_word_analogies(path)
