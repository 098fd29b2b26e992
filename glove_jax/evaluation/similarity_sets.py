"""Reads sets of word similarity: SimLex-999, WordSim-353, RW, MEN, SimVerb-3500, SemEval-2017."""

import os
import pathlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from glove_jax.errors import InputError, quote
from glove_jax.evaluation import set_files

Pair = tuple[str, str, float]  # two words and their similarity as people rate it

# Names of columns, in lower case without other characters than letters and digits.
_FIRST_WORD = ("word1", "w1", "verb1", "term1", "first", "firstword", "词1", "词语1")
_SECOND_WORD = ("word2", "w2", "verb2", "term2", "second", "secondword", "词2", "词语2")
_SCORE = (
  "simlex999", "simlex", "simverb", "score", "humanmean", "human", "mean", "meanscore",
  "meanrating", "average", "averagescore", "averagerating", "avg", "rating", "gold", "goldscore",
  "similarity", "sim", "relatedness", "rel", "分数", "得分", "评分", "相似度",
)
_PARTS = ("n", "v", "a", "r", "s")  # parts of speech in WordNet
_LEMMA_TAG = re.compile(r".+[-_/][a-zA-Z]")  # sun-n: MEN's lemmas have their part of speech
# Where SemEval's gold scores lie, seen from the folder of the words.
_GOLD_FOLDERS = (".", "../keys", "../key", "../gold")
_GOLD_NAMES = (("data", "gold"), ("data", "keys"), ("words", "gold"), ("pairs", "gold"))


class _Row(NamedTuple):
  line: int
  text: str
  fields: list[str]


class _Columns(NamedTuple):
  """Positions of the two words and of their score."""

  first: int
  second: int
  score: int


def read_pairs(path: str | os.PathLike) -> list[Pair]:
  """Reads pairs of words with their scores.

  A line is two words and a score, then any other columns, separated by tabs, else semicolons, else
  commas, else spaces. Below a header, columns are found by their names. Without one, the score is
  the first column of numbers after the words, a first column that counts the lines or has a letter
  for their kind is skipped, and lines of two words have their scores in another file, as SemEval's
  `en.test.data.txt` and `../keys/en.test.gold.txt`. Empty lines and those that begin with `#` are
  skipped. The parts of speech of MEN's lemmas (`sun-n`) are taken off.

  Raises:
    InputError: naming the line, what was found and what was expected.
  """
  rows = _read_rows(path)
  if not rows:
    raise InputError(f"{path}: found no pairs, expected lines of two words and a score.")
  if all(len(row.fields) == 2 for row in rows):
    rows = _add_gold(rows, path)
  columns = _named_columns(rows, path)
  if columns:
    rows = rows[1:]
  else:
    columns = _columns_by_position(rows)
  pairs = [_parse_pair(row, columns, path) for row in rows]
  if not pairs:
    raise InputError(f"{path}: found no pairs, expected lines of two words and a score.")
  _check_words(pairs, path)
  return _without_tags(pairs)


def gold_file(path: str | os.PathLike) -> pathlib.Path | None:
  """Returns the file of scores that belongs to a file of pairs of words, if there is one."""
  path = pathlib.Path(path)
  for folder in _GOLD_FOLDERS:
    for words_part, gold_part in _GOLD_NAMES:
      candidate = path.parent / folder / path.name.replace(words_part, gold_part)
      if words_part in path.name and candidate.is_file():
        return candidate
  return None


def _read_rows(path: str | os.PathLike) -> list[_Row]:
  rows = []
  for number, line in set_files.read_lines(path):
    if not line.startswith("#"):
      rows.append(_Row(number, line, set_files.split_columns(line)))
  return rows


def _add_gold(rows: list[_Row], path: str | os.PathLike) -> list[_Row]:
  """Returns rows of two words with their scores, which another file has."""
  gold_path = gold_file(path)
  if gold_path is None:
    raise InputError(
      f"{path}:{rows[0].line}: found {quote(rows[0].text)}, expected two words and a score."
    )
  scores = _read_rows(gold_path)
  if len(scores) != len(rows):
    raise InputError(
      f"{gold_path}: {len(scores)} scores, expected {len(rows)} as {path} has pairs."
    )
  scored_rows = []
  for row, score in zip(rows, scores, strict=True):
    scored_rows.append(row._replace(fields=[*row.fields, score.fields[-1]]))
  return scored_rows


def _named_columns(rows: Sequence[_Row], path: str | os.PathLike) -> _Columns | None:
  """Returns the columns by the names in the first row, None if it is no header."""
  header = rows[0].fields
  if len(header) < 3 or any(map(set_files.looks_like_number, header[2:3])):
    return None
  names = [re.sub(r"[\W_]", "", name.lower()) for name in header]
  score = _find(names, _SCORE)
  if score is not None and not _may_be_score(rows[1:2], score):
    score = None  # a word such as "mean"
  if score is None and any(map(set_files.looks_like_number, header)):
    return None
  if score is None:
    score = 2 if len(header) == 3 else _first_number_column(rows[1:], start=2)
  if score is None:
    raise InputError(
      f"{path}:{rows[0].line}: found the columns {quote(', '.join(header), 200)}, expected one for "
      "the score, such as score, mean or similarity."
    )
  first = _find(names, _FIRST_WORD)
  second = _find(names, _SECOND_WORD)
  if first is None or second is None:
    first, second = [column for column in range(3) if column != score][:2]
  return _Columns(first, second, score)


def _may_be_score(next_rows: Sequence[_Row], column: int) -> bool:
  """Returns whether the row after a header, if there is one, has no text in the score's column."""
  for row in next_rows:
    if column < len(row.fields):
      return set_files.looks_like_number(row.fields[column])
  return True


def _find(names: Sequence[str], candidates: Sequence[str]) -> int | None:
  for candidate in candidates:
    if candidate in names:
      return names.index(candidate)
  return None


def _columns_by_position(rows: Sequence[_Row]) -> _Columns:
  """Returns the columns of a file without a header."""
  first = 1 if _has_extra_first_column(rows) else 0
  second = first + 1
  if _are_parts_of_speech(rows, first + 1) and _are_parts_of_speech(rows, first + 3):
    second = first + 2  # as in SCWS: word, part of speech, word, part of speech
  score = _first_number_column(rows, start=second + 1)
  return _Columns(first, second, second + 1 if score is None else score)


def _are_parts_of_speech(rows: Sequence[_Row], column: int) -> bool:
  """Returns whether a column has nothing but letters for nouns, verbs, adjectives and adverbs."""
  return all(column < len(row.fields) and row.fields[column].lower() in _PARTS for row in rows)


def _has_extra_first_column(rows: Sequence[_Row]) -> bool:
  """Returns whether words begin in the second column, after a number or a letter for their kind."""
  for row in rows:
    extra = row.fields[0]
    is_extra = extra.isdecimal() or (len(extra) == 1 and extra.isascii())
    if not is_extra or len(row.fields) < 4 or set_files.looks_like_number(row.fields[2]):
      return False
  return True


def _first_number_column(rows: Sequence[_Row], *, start: int) -> int | None:
  """Returns the first column from `start` that has a number in the first row."""
  for row in rows[:1]:
    for column in range(start, len(row.fields)):
      if set_files.looks_like_number(row.fields[column]):
        return column
  return None


def _parse_pair(row: _Row, columns: _Columns, path: str | os.PathLike) -> Pair:
  if len(row.fields) > max(columns):
    first = row.fields[columns.first]
    second = row.fields[columns.second]
    score = set_files.parse_number(row.fields[columns.score])
    if first and second and score is not None:
      return first, second, score
  raise InputError(f"{path}:{row.line}: found {quote(row.text)}, expected two words and a score.")


def _check_words(pairs: Sequence[Pair], path: str | os.PathLike) -> None:
  """Raises an InputError where all words of a column are numbers."""
  for position in (0, 1):
    words = [pair[position] for pair in pairs]
    if all(map(set_files.looks_like_number, words)):
      message = f"found {quote(words[0])} for a word, expected two words and a score."
      raise InputError(f"{path}: {message}")


def _without_tags(pairs: list[Pair]) -> list[Pair]:
  """Takes the part of speech off words such as `sun-n`, if all words have one."""
  for pair in pairs:
    if not all(map(_LEMMA_TAG.fullmatch, pair[:2])):
      return pairs
  return [(first[:-2].rstrip(), second[:-2].rstrip(), score) for first, second, score in pairs]
