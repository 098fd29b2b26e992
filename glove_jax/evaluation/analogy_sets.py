"""Reads sets of word analogies: Google's, MSR's, BATS, and Chinese CA8."""

import os
import pathlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from glove_jax.errors import InputError, quote
from glove_jax.evaluation import set_files

Question = tuple[str, str, str, str]  # the first is to the second as the third is to the fourth

_SYNTACTIC = re.compile("morpholog|syntact", re.IGNORECASE)
_BATS_FILE = re.compile(r"[IDEL][0-9]{2} \[.*\]")
_MSR_RELATION = re.compile("[A-Z]+_[A-Z]+")  # parts of speech of the Penn Treebank: JJ_JJR
_CA8_SECTIONS = {
  "A": "reduplication (A)",
  "AB": "reduplication (AB)",
  "prefix": "prefixes",
  "suffix": "suffixes",
}


class Section(NamedTuple):
  """Analogy questions of one kind."""

  name: str
  syntactic: bool  # whether they are about syntax and morphology, else about meaning
  questions: list[Question]
  # All answers that are right for a word, where there are several: word -> words, best first.
  answers: Mapping[str, tuple[str, ...]] | None = None


class _Row(NamedTuple):
  line: int
  words: list[str]
  section: str


def read_analogies(path: str | os.PathLike) -> list[Section]:
  """Reads questions in the layout of Google's set, MSR's, BATS or CA8.

  The first line that is no section tells the layout:

  * four words, under lines ": section" (word2vec's questions-words.txt, CA8);
  * three words, a relation and the fourth (`good better rough JJ_JJR rougher`, MSR), or the
    relation before or after four words: each relation is a section;
  * three words, if a file of the same name and `.answers` has the relations and the fourth words;
  * a word and what it is mapped to, with slashes between several right answers (BATS): each pair of
    lines is a question.

  A section is syntactic if its name begins with "gram", as in Google's set, if it is one of MSR's,
  or if the name of the file or its folder contains "morpholog" or "syntact", as
  CA8-morphological.txt (Li et al. 2018) and BATS' folders. Lines before the first section form one
  with the file's name.

  Raises:
    InputError: naming the line, what was found and what was expected.
  """
  path = pathlib.Path(path)
  rows = _read_rows(path)
  if not rows:
    raise InputError(f"{path}: found no questions, expected lines of four words.")
  num_words = len(rows[0].words)
  read = _LAYOUTS.get(num_words)
  if read is None:
    raise InputError(
      f"{path}:{rows[0].line}: found {num_words} words, expected four, or ': section'."
    )
  for row in rows:
    if len(row.words) != num_words:
      raise InputError(
        f"{path}:{row.line}: found {len(row.words)} words, expected {_COUNTS[num_words]}, or "
        "': section'."
      )
  return read(path, rows)


def _read_rows(path: pathlib.Path) -> list[_Row]:
  rows = []
  section = path.stem
  for number, line in set_files.read_lines(path):
    if line.startswith(":"):
      section = line[1:].strip()
    else:
      rows.append(_Row(number, _split_words(line), section))
  return rows


def _split_words(line: str) -> list[str]:
  """Splits at tabs if these alone make a question, so that words may have spaces; else at both."""
  fields = [field.strip() for field in line.split("\t")]
  if len(fields) in (4, 5) and all(fields):
    return fields
  words = re.split("[ \t]+", line)
  if len(words) == 1 and "," in line:
    words = line.split(",")
  return [word.strip() for word in words if word.strip()]


def _read_questions(path: pathlib.Path, rows: Sequence[_Row]) -> list[Section]:
  """Reads four words a line."""
  questions: dict[str, list[Question]] = {}
  for row in rows:
    questions.setdefault(row.section, []).append(tuple(row.words))
  sections = []
  for name, section_questions in questions.items():
    syntactic = _is_syntactic(path) or name.startswith("gram")
    sections.append(Section(_section_name(path, name), syntactic, section_questions))
  return sections


def _read_relations(path: pathlib.Path, rows: Sequence[_Row]) -> list[Section]:
  """Reads four words and the name of their relation a line."""
  return _relation_sections(path, rows, _relation_column(rows))


def _relation_sections(path: pathlib.Path, rows: Sequence[_Row], column: int) -> list[Section]:
  questions: dict[str, list[Question]] = {}
  for row in rows:
    words = list(row.words)
    relation = words.pop(column)
    questions.setdefault(relation, []).append(tuple(words))
  sections = []
  for name, section_questions in questions.items():
    syntactic = _is_syntactic(path) or _MSR_RELATION.fullmatch(name) is not None
    sections.append(Section(name, syntactic or name.startswith("gram"), section_questions))
  return sections


def _relation_column(rows: Sequence[_Row]) -> int:
  """Returns the column with the relations: MSR's fourth, else the first or last, by its repeats."""
  if all(_MSR_RELATION.fullmatch(row.words[3]) for row in rows):
    return 3
  num_first = len({row.words[0] for row in rows})
  num_last = len({row.words[4] for row in rows})
  return 0 if num_first <= num_last else 4


def _read_with_answers(path: pathlib.Path, rows: Sequence[_Row]) -> list[Section]:
  """Reads three words a line; a second file has a relation and the fourth word on each line."""
  answers_path = path.with_suffix(".answers")
  if path.suffix == ".answers" or not answers_path.is_file():
    raise InputError(
      f"{path}:{rows[0].line}: found 3 words, expected four, or the answers in {answers_path}."
    )
  answers = _read_rows(answers_path)
  if len(answers) != len(rows):
    raise InputError(f"{answers_path}: {len(answers)} answers, expected {len(rows)} as {path}.")
  joined = []
  for row, answer in zip(rows, answers, strict=True):
    if len(answer.words) != 2:
      raise InputError(
        f"{answers_path}:{answer.line}: found {len(answer.words)} words, expected a relation and "
        "the answer."
      )
    joined.append(row._replace(words=[*row.words, *answer.words]))
  return _relation_sections(path, joined, 3)


def _read_pairs(path: pathlib.Path, rows: Sequence[_Row]) -> list[Section]:
  """Reads a word and its answers a line: each line is asked after each other line."""
  answers: dict[str, tuple[str, ...]] = {}
  for row in rows:
    word, answer = row.words
    alternatives = tuple(filter(None, map(str.strip, answer.split("/"))))
    if not alternatives:
      raise InputError(f"{path}:{row.line}: found {quote(answer)}, expected answers.")
    answers[word] = tuple(dict.fromkeys([*answers.get(word, ()), *alternatives]))
  questions = []
  for first, first_answers in answers.items():
    for second, second_answers in answers.items():
      if first != second:
        questions.append((first, first_answers[0], second, second_answers[0]))
  if not questions:
    raise InputError(f"{path}: found one word and its answers, expected two or more.")
  return [Section(path.stem, _is_syntactic(path), questions, answers)]


def _is_syntactic(path: pathlib.Path) -> bool:
  if _BATS_FILE.fullmatch(path.stem):
    return path.stem[0] in "ID"  # inflection and derivation
  names = f"{path.parent.name}/{path.stem}"
  return _SYNTACTIC.search(names) is not None


def _section_name(path: pathlib.Path, name: str) -> str:
  """Returns a name that says what the questions are about: CA8's are A, AB, prefix and so on."""
  if "CA8" not in path.name and path.parent.name != "CA8":
    return name
  return f"CA8 {_CA8_SECTIONS.get(name, name)}"


_LAYOUTS: dict[int, Callable[[pathlib.Path, Sequence[_Row]], list[Section]]] = {
  2: _read_pairs,
  3: _read_with_answers,
  4: _read_questions,
  5: _read_relations,
}
_COUNTS = {2: "two", 3: "three", 4: "four", 5: "five"}
