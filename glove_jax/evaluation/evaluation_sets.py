"""Finds and reads the word-similarity and word-analogy files that word vectors are evaluated on."""

import importlib.util
import os
import pathlib
import re
from typing import NamedTuple

from glove_jax.errors import InputError

Pair = tuple[str, str, float]  # Two words and how similar people find them.
Question = tuple[str, str, str, str]  # The first is to the second as the third is to the fourth.


class Section(NamedTuple):
  """Analogy questions of one kind.

  Attributes:
    name: as the file has it.
    syntactic: whether it counts as syntax and morphology, else as meaning.
    questions: four words each.
  """

  name: str
  syntactic: bool
  questions: list[Question]


class EvaluationSets(NamedTuple):
  """Paths of files for one language."""

  similarity: list[str]
  analogy: list[str]


def read_pairs(path: str | os.PathLike) -> list[Pair]:
  """Reads "word word score" lines, the fields set apart by tabs, else commas, else spaces.

  Empty lines and lines that begin with `#` are skipped; a first line whose score is no number is a header.

  Raises:
    InputError: naming the line, what was found and what was expected.
  """
  pairs, first = [], True
  for number, line in _lines(path):
    if line.startswith("#"):
      continue
    separator = next((mark for mark in "\t," if mark in line), "[ \t]+")
    fields = [field.strip() for field in re.split(separator, line)]
    score = _number(fields[-1])
    if len(fields) == 3 and all(fields) and score is not None:
      pairs.append((fields[0], fields[1], score))
    elif not first or len(fields) != 3:
      raise InputError(f"{path}:{number}: found {line[:80]!r}, expected two words and a score.")
    first = False
  if not pairs:
    raise InputError(f"{path}: found no pairs, expected lines of two words and a score.")
  return pairs


def read_analogies(path: str | os.PathLike) -> list[Section]:
  """Reads four words a line under `: section` lines, the form of word2vec's questions-words.txt and of CA8.

  A section is syntactic if its name begins with "gram", as in Google's set, or if the file is named
  morphological, as CA8-morphological.txt (Li et al. 2018). Lines before any section form one with the file's
  name.

  Raises:
    InputError: naming the line, what was found and what was expected.
  """
  stem = pathlib.Path(path).stem
  sections: dict[str, list[Question]] = {}
  name = stem
  for number, line in _lines(path):
    if line.startswith(":"):
      name = line[1:].strip()
      continue
    words = re.split("[ \t]+", line)
    if len(words) != 4:
      raise InputError(f"{path}:{number}: found {len(words)} words, expected four, or ': section'.")
    sections.setdefault(name, []).append(tuple(words))
  if not sections:
    raise InputError(f"{path}: found no questions, expected lines of four words.")
  morphology = "morpholog" in stem.lower() or "syntact" in stem.lower()
  return [Section(name, morphology or name.startswith("gram"), rows) for name, rows in sections.items()]


def find_sets(language: str) -> EvaluationSets:
  """The evaluation files that are on this machine.

  Those under GLOVE_JAX_DATA (by default ../shared/data beside the project), in intrinsic/en or intrinsic/zh;
  failing that, for English, those that gensim (the `demo` extra) carries in its test data.

  Args:
    language: "en" or "zh".

  Returns:
    Sets of paths, sorted; empty ones where there is nothing.
  """
  root = pathlib.Path(__file__).resolve().parents[1]
  folder = pathlib.Path(os.environ.get("GLOVE_JAX_DATA") or root / "../shared/data") / "intrinsic" / language
  if folder.is_dir():
    files = sorted(str(path.resolve()) for path in folder.glob("*.txt"))
    analogy = [path for path in files if pathlib.Path(path).name.startswith(("questions-words", "CA8"))]
    return EvaluationSets([path for path in files if path not in analogy], analogy)
  gensim = importlib.util.find_spec("gensim")  # Found, not imported: that takes seconds.
  if gensim is None or language != "en":
    return EvaluationSets([], [])
  folder = pathlib.Path(gensim.submodule_search_locations[0]) / "test" / "test_data"
  similarity = [folder / "simlex999.txt", folder / "wordsim353.tsv"]
  return EvaluationSets([str(path) for path in similarity if path.exists()],
              [str(path) for path in [folder / "questions-words.txt"] if path.exists()])


def _lines(path):
  """Yields (number, line) of those that are not blank; "\\r" and a byte order mark are no part of them."""
  data = pathlib.Path(path).read_bytes()
  try:
    text = data.decode("utf-8-sig")
  except UnicodeDecodeError as error:
    line = data.count(b"\n", 0, error.start) + 1
    raise InputError(f"{path}:{line}: found byte 0x{data[error.start]:02x}, expected UTF-8.") from None
  for number, line in enumerate(text.split("\n"), 1):
    if line := line.strip(" \t\r"):
      yield number, line


def _number(text: str) -> float | None:
  try:
    return float(text)
  except ValueError:
    return None
