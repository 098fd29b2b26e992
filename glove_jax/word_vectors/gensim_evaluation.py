"""Evaluates word vectors on pairs and analogies exactly as gensim's `KeyedVectors` does.

What it reads, skips, counts and returns is gensim's, so that scores can be compared with published
ones. `evaluation.intrinsic` reads more layouts, names bad lines and gives the coverage of each set.
"""

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from glove_jax.errors import InputError
from glove_jax.word_vectors import cosines as cosines_lib
from glove_jax.word_vectors import nearest_rows
from glove_jax.word_vectors.table import WordTable

NUM_ANSWERS = 5  # neighbours of which the first that is no word of the question is the answer

Question = tuple[str, str, str, str]
Section = dict[str, Any]  # {"section": name, "correct": questions, "incorrect": questions}


class Options(NamedTuple):
  """What the two evaluations have in common."""

  restrict_vocab: int | None  # only the first so many words count
  case_insensitive: bool  # whether words are compared in upper case
  dummy4unknown: bool  # whether questions with unknown words are wrong, and pairs 0, or left out


def word_pairs(
  table: WordTable, path: str | os.PathLike, options: Options, *, delimiter: str, encoding: str
) -> tuple[Any, Any, float]:
  """Returns the correlations of cosines with scores; see `WordVectors.evaluate_word_pairs`."""
  from scipy import stats  # imported late: it takes longer than all other imports

  index = _index(table, options)
  units = cosines_lib.normalize_rows(table.vectors[: options.restrict_vocab])
  gold = []
  cosines = []
  num_unknown = 0
  for first, second, score in _read_pairs(path, options, delimiter, encoding):
    is_unknown = first not in index or second not in index
    num_unknown += is_unknown
    if is_unknown and not options.dummy4unknown:
      continue
    gold.append(score)
    cosines.append(0.0 if is_unknown else float(units[index[first]] @ units[index[second]]))
  if len(gold) < 2:
    raise InputError(f"{path}: found {len(gold)} pairs whose words have vectors, expected 2.")
  num_pairs = len(gold) if options.dummy4unknown else len(gold) + num_unknown
  unknown_ratio = 100 * num_unknown / num_pairs
  return stats.pearsonr(gold, cosines), stats.spearmanr(gold, cosines), unknown_ratio


def word_analogies(
  table: WordTable, path: str | os.PathLike, options: Options
) -> tuple[float, list[Section]]:
  """Returns the accuracy, and sections; see `WordVectors.evaluate_word_analogies`."""
  index = _index(table, options)
  sections: list[Section] = []
  questions = []
  for name, question in _read_questions(path, options):
    if question is None:
      sections.append({"section": name, "correct": [], "incorrect": []})
    elif all(word in index for word in question) or options.dummy4unknown:
      questions.append((len(sections) - 1, question))
  answers = _answers(table, [question for _, question in questions], index, options)
  for (section, question), answer in zip(questions, answers, strict=True):
    outcome = "correct" if answer == question[3] else "incorrect"
    sections[section][outcome].append(question)
  total: Section = {"section": "Total accuracy", "correct": [], "incorrect": []}
  for outcome in ("correct", "incorrect"):
    for section in sections:
      total[outcome] += section[outcome]
  num_asked = len(total["correct"]) + len(total["incorrect"])
  accuracy = len(total["correct"]) / num_asked if num_asked else 0.0
  return accuracy, [*sections, total]


def _index(table: WordTable, options: Options) -> dict[str, int]:
  """Returns the rows of the words that count; of words that differ in case, the first."""
  index: dict[str, int] = {}
  for row, word in enumerate(table.words[: options.restrict_vocab]):
    index.setdefault(_cased(word, options), row)
  return index


def _cased(word: str, options: Options) -> str:
  return word.upper() if options.case_insensitive else word


def _read_pairs(
  path: str | os.PathLike, options: Options, delimiter: str, encoding: str
) -> Iterator[tuple[str, str, float]]:
  """Yields the lines of two words and a number; other lines are skipped, such as a header."""
  with open(path, encoding=encoding) as file:
    for line in file:
      fields = line.split(delimiter)
      if line.startswith("#") or len(fields) != 3:
        continue
      first, second, score = fields
      try:
        number = float(score)
      except ValueError:
        continue
      yield _cased(first, options), _cased(second, options), number


def _read_questions(
  path: str | os.PathLike, options: Options
) -> Iterator[tuple[str, Question | None]]:
  """Yields a section's name and None, then the name and each question; skips other lines."""
  name = None
  with open(path, encoding="utf-8") as file:
    for number, line in enumerate(file, 1):
      if line.startswith(": "):
        name = line.lstrip(": ").strip()
        yield name, None
        continue
      if name is None:
        raise InputError(f"{path}:{number}: found no section before it, expected ': NAME'.")
      words = tuple(_cased(word, options) for word in line.split())
      if len(words) == 4:
        yield name, words


def _answers(
  table: WordTable, questions: list[Question], index: dict[str, int], options: Options
) -> list[str | None]:
  """Returns the answer to each question by 3CosAdd; None if a word of it is unknown."""
  answers: list[str | None] = [None] * len(questions)
  asked = []
  for position, question in enumerate(questions):
    if all(word in index for word in question):
      asked.append(position)
  if not asked:
    return answers
  rows = np.array([[index[word] for word in questions[position]] for position in asked])
  units = cosines_lib.normalize_rows(table.vectors[rows[:, :3]].reshape(-1, table.dim))
  a, b, c = units.reshape(-1, 3, table.dim).swapaxes(0, 1)
  nearest = nearest_rows.find(
    b + c - a,
    table.vectors[: options.restrict_vocab],
    table.norms[: options.restrict_vocab],
    NUM_ANSWERS,
    exclude=rows[:, :3].tolist(),
  )
  for position, found in zip(asked, nearest, strict=True):
    words = [_cased(table.words[row], options) for row in found.rows]
    answers[position] = _first_other(words, questions[position][:3])
  return answers


def _first_other(words: list[str], question: tuple[str, ...]) -> str | None:
  for word in words:
    if word not in question:
      return word
  return words[-1] if words else None  # as gensim does
