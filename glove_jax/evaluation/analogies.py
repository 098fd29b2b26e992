"""Word analogies: "a is to b as c is to ?", by vector arithmetic."""

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.errors import InputError
from glove_jax.evaluation import answerable_questions
from glove_jax.evaluation.analogy_sets import Section
from glove_jax.evaluation.answerable_questions import Answerable
from glove_jax.progress import count_bar
from glove_jax.word_vectors import WordVectors, normalize_rows, threads

METHODS = ("3cosadd", "3cosmul")
GROUPS = ("semantic", "syntactic", "total")
EPSILON = 1e-3  # Levy & Goldberg 2014, below equation 4.
CACHE_BYTES = 1 << 21  # of cosines at a time: what fits a core's second-level cache
QUESTIONS_PER_BLOCK = 64  # for the same reason


class _Counts(NamedTuple):
  """Numbers of questions: solved, with a vector for all four words, and all."""

  correct: int = 0
  answerable: int = 0
  total: int = 0


class _Questions(NamedTuple):
  """Q questions with U different words."""

  rows: np.ndarray       # [Q, 3], rows of a, b and c among the candidates
  positions: np.ndarray  # [Q, 3], positions of a, b and c in `units`
  units: np.ndarray      # [U, D], unit vectors of the different words


class _Answers(NamedTuple):
  """The best candidate of each question so far; -1 with score -inf if there is none."""

  scores: np.ndarray  # [Q] float32
  rows: np.ndarray    # [Q]


def score(
  vectors: WordVectors,
  sections: Sequence[Section],
  *,
  lowercase: bool = False,
  restrict: int = 0,
  method: str = "3cosadd",
) -> dict:
  """Computes the fraction of analogies that are solved.

  Only questions whose four words are all among the candidates count; of several right answers, one.

  Args:
    vectors: the word vectors.
    sections: the questions.
    lowercase: whether to lower-case the questions.
    restrict: candidates are the first `restrict` words; 0: all words.
    method: one of METHODS; see `solve`. InputError if it is not.

  Returns:
    {section: {"accuracy": fraction or None, "questions": number that count, "of": number of all}},
    then the same for "semantic", "syntactic" and "total", which sum over questions.
  """
  if method not in METHODS:
    raise InputError(f"The method is {method!r}, expected {' or '.join(METHODS)}.")
  num_candidates = min(restrict, len(vectors)) or len(vectors)
  answerable = []
  for section in sections:
    if lowercase:
      section = answerable_questions.lower_case(section)
    answerable.append(answerable_questions.find(vectors, section, num_candidates))
  no_rows = np.zeros((0, 4), np.int64)
  rows = np.concatenate([no_rows, *[each.rows for each in answerable]])
  candidates = vectors.vectors[:num_candidates]
  answers = solve(candidates, rows[:, :3], method=method)
  return _sum_up(sections, answerable, answers)


def _sum_up(
  sections: Sequence[Section], answerable: Sequence[Answerable], answers: np.ndarray
) -> dict:
  """Returns the accuracy of each section, then of the groups of sections."""
  scores = {}
  group_counts = dict.fromkeys(GROUPS, _Counts())
  start = 0
  for section, asked in zip(sections, answerable, strict=True):
    stop = start + len(asked.rows)
    counts = _Counts(
      correct=int(asked.are_correct(answers[start:stop]).sum()),
      answerable=len(asked.rows),
      total=len(section.questions),
    )
    start = stop
    scores[section.name] = _accuracy(counts)
    group = "syntactic" if section.syntactic else "semantic"
    group_counts[group] = _add(group_counts[group], counts)
    group_counts["total"] = _add(group_counts["total"], counts)
  for group, counts in group_counts.items():
    scores[group] = _accuracy(counts)
  return scores


def _add(counts: _Counts, more: _Counts) -> _Counts:
  return _Counts(
    correct=counts.correct + more.correct,
    answerable=counts.answerable + more.answerable,
    total=counts.total + more.total,
  )


def _accuracy(counts: _Counts) -> dict:
  accuracy = counts.correct / counts.answerable if counts.answerable else None
  return {"accuracy": accuracy, "questions": counts.answerable, "of": counts.total}


def solve(matrix: np.ndarray, questions: np.ndarray, *, method: str = "3cosadd") -> np.ndarray:
  """Answers "a is to b as c is to ?" by the best row other than a, b and c.

  Cosines are computed once between the few hundred different words of the questions and a block of
  the vocabulary; each question then combines three rows of that table. Unlike a matrix product for
  each question, this costs the same at any dimension.

  Args:
    matrix: [V, D], the vectors of the candidates.
    questions: [Q, 3], rows of a, b and c.
    method: "3cosadd" (Mikolov et al. 2013) or "3cosmul" (Levy & Goldberg 2014, eq. 4).

  Returns:
    [Q] rows; of equal scores the first; -1 if there is no candidate.
  """
  words, positions = np.unique(questions, return_inverse=True)
  asked = _Questions(
    rows=questions,
    positions=positions.reshape(questions.shape),
    units=normalize_rows(matrix[words]),
  )
  bounds = np.linspace(0, len(matrix), threads.num_cores() + 1).astype(int)
  with count_bar("analogies", len(matrix), unit="candidate") as advance:
    solve_range = functools.partial(_solve_range, matrix, asked, method, advance)
    answers = threads.map_blocks(solve_range, bounds[:-1], bounds[1:])
  best = np.stack([answer.scores for answer in answers]).argmax(0)  # [Q], of the ranges
  rows = np.stack([answer.rows for answer in answers])  # [ranges, Q]
  return rows[best, np.arange(len(questions))]


def _solve_range(
  matrix: np.ndarray,
  questions: _Questions,
  method: str,
  advance: Callable[[int], None],
  low: int,
  high: int,
) -> _Answers:
  """Answers all questions by the best of the rows from `low` to `high`; counts rows."""
  num_questions = len(questions.rows)
  answers = _Answers(
    scores=np.full(num_questions, -np.inf, np.float32),
    rows=np.full(num_questions, -1),
  )
  bytes_per_row = 4 * max(1, len(questions.units))
  step = int(np.clip(CACHE_BYTES // bytes_per_row, 64, 4096))
  for start in range(low, high, step):
    stop = min(start + step, high)
    candidates = normalize_rows(matrix[start:stop])
    cosines = questions.units @ candidates.T  # [U, step]
    for first in range(0, num_questions, QUESTIONS_PER_BLOCK):
      block = slice(first, first + QUESTIONS_PER_BLOCK)
      scores = _combine(cosines, questions.positions[block], method)  # [q, step]
      _exclude(scores, questions.rows[block] - start)
      best = scores.argmax(1)
      best_scores = scores[np.arange(len(best)), best]
      is_better = best_scores > answers.scores[block]
      answers.scores[block] = np.where(is_better, best_scores, answers.scores[block])
      answers.rows[block] = np.where(is_better, best + start, answers.rows[block])
    advance(stop - start)
  return answers


def _exclude(scores: np.ndarray, columns: np.ndarray) -> None:
  """Sets the scores [q, n] in the columns [q, 3] to -inf, where these lie within 0 to n - 1."""
  in_range = (columns >= 0) & (columns < scores.shape[1])
  rows, _ = np.nonzero(in_range)
  scores[rows, columns[in_range]] = -np.inf


def _combine(cosines: np.ndarray, positions: np.ndarray, method: str) -> np.ndarray:
  """Scores candidates for questions: cosines [U, n], positions [q, 3] -> [q, n]."""
  a, b, c = positions.T
  if method == "3cosadd":
    scores = cosines[b]
    scores += cosines[c]
    scores -= cosines[a]
    return scores
  # Equation 4 of Levy & Goldberg 2014 has (1 + cos) / 2: the order is the same without halves.
  scores = 1 + cosines[b]
  scores *= 1 + cosines[c]
  scores /= 1 + 2 * EPSILON + cosines[a]
  return scores
