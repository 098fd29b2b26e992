"""Finds the analogy questions that word vectors can answer: those whose words all have a vector."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.evaluation.analogy_sets import Section
from glove_jax.word_vectors import WordVectors


class Answerable(NamedTuple):
  """The N questions of a section that can be answered."""

  rows: np.ndarray  # [N, 4], rows of the words; the last is one right answer
  right: list[frozenset[int]] | None  # rows of all right answers, where there are several

  def are_correct(self, answers: np.ndarray) -> np.ndarray:  # [N] rows -> [N] bool
    if self.right is None:
      return answers == self.rows[:, 3]
    pairs = zip(answers.tolist(), self.right, strict=True)
    return np.array([answer in right for answer, right in pairs], bool)


def lower_case(section: Section) -> Section:
  """Returns a section with all its words lower-cased."""
  questions = []
  for question in section.questions:
    questions.append(tuple(word.lower() for word in question))
  if section.answers is None:
    return section._replace(questions=questions)
  answers = {}
  for word, words in section.answers.items():
    lower_words = [answer.lower() for answer in words]
    answers[word.lower()] = (*answers.get(word.lower(), ()), *lower_words)
  return section._replace(questions=questions, answers=answers)


def find(vectors: WordVectors, section: Section, num_candidates: int) -> Answerable:
  """Returns the questions whose words are all among the candidates."""
  index = vectors.index
  answerable = []
  right = []
  for first, first_answer, second, second_answer in section.questions:
    first_answers = (first_answer,)
    second_answers = (second_answer,)
    if section.answers is not None:
      first_answers = section.answers[first]
      second_answers = section.answers[second]
    example_rows = _candidate_rows(index, first_answers, num_candidates)
    right_rows = _candidate_rows(index, second_answers, num_candidates)
    word_rows = _candidate_rows(index, (first, second), num_candidates)
    if example_rows and right_rows and len(word_rows) == 2:
      answerable.append([word_rows[0], example_rows[0], word_rows[1], right_rows[0]])
      right.append(frozenset(right_rows))
  rows = np.array(answerable, np.int64).reshape(-1, 4)
  return Answerable(rows, right if section.answers is not None else None)


def _candidate_rows(
  index: Mapping[str, int], words: Sequence[str], num_candidates: int
) -> list[int]:
  """Returns the rows of the words that are among the candidates."""
  rows = [index.get(word, num_candidates) for word in words]
  return [row for row in rows if row < num_candidates]
