"""Finds and reads the files of word similarity and analogies that word vectors are evaluated on."""

import importlib.util
import os
import pathlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from glove_jax.errors import InputError

Pair = tuple[str, str, float]  # two words and their similarity as people rate it
Question = tuple[str, str, str, str]  # the first is to the second as the third is to the fourth

_ANALOGY_FILES = ("questions-words", "CA8")  # how the names of files with analogies begin


class Section(NamedTuple):
  """Analogy questions of one kind."""

  name: str
  syntactic: bool  # whether they are about syntax and morphology, else about meaning
  questions: list[Question]


class EvaluationSets(NamedTuple):
  """Paths of evaluation files for one language, sorted."""

  similarity: list[str]
  analogy: list[str]


def read_pairs(path: str | os.PathLike) -> list[Pair]:
  """Reads lines "word word score", with fields separated by tabs, else commas, else spaces.

  Empty lines and lines that begin with `#` are skipped. A first line whose score is not a number
  is a header.

  Raises:
    InputError: naming the line, what was found and what was expected.
  """
  pairs = []
  may_be_header = True
  for number, line in _lines(path):
    if line.startswith("#"):
      continue
    fields = _split_fields(line)
    score = _parse_float(fields[-1])
    if len(fields) == 3 and all(fields) and score is not None:
      pairs.append((fields[0], fields[1], score))
    elif len(fields) != 3 or not may_be_header:
      raise InputError(f"{path}:{number}: found {line[:80]!r}, expected two words and a score.")
    may_be_header = False
  if not pairs:
    raise InputError(f"{path}: found no pairs, expected lines of two words and a score.")
  return pairs


def read_analogies(path: str | os.PathLike) -> list[Section]:
  """Reads lines of four words under lines ": section", like word2vec's questions-words.txt and CA8.

  A section is syntactic if its name begins with "gram", as in Google's set, or if the file's name
  contains "morpholog" or "syntact", as CA8-morphological.txt (Li et al. 2018). Lines before the
  first section form one with the file's name.

  Raises:
    InputError: naming the line, what was found and what was expected.
  """
  stem = pathlib.Path(path).stem
  is_syntactic_file = "morpholog" in stem.lower() or "syntact" in stem.lower()
  questions: dict[str, list[Question]] = {}
  name = stem
  for number, line in _lines(path):
    if line.startswith(":"):
      name = line[1:].strip()
      continue
    words = re.split("[ \t]+", line)
    if len(words) != 4:
      raise InputError(
        f"{path}:{number}: found {len(words)} words, expected four, or ': section'."
      )
    questions.setdefault(name, []).append(tuple(words))
  if not questions:
    raise InputError(f"{path}: found no questions, expected lines of four words.")
  sections = []
  for name, section_questions in questions.items():
    syntactic = is_syntactic_file or name.startswith("gram")
    sections.append(Section(name, syntactic, section_questions))
  return sections


def find_sets(language: str) -> EvaluationSets:
  """Returns the evaluation files on this machine.

  These are the files under GLOVE_JAX_DATA (by default ../shared/data beside the project), in
  intrinsic/en or intrinsic/zh. If there is no such folder, the English files in gensim's test data
  are used (the extra `demo`).

  Args:
    language: "en" or "zh".
  """
  data = os.environ.get("GLOVE_JAX_DATA") or default_data_folder()
  folder = pathlib.Path(data) / "intrinsic" / language
  if folder.is_dir():
    return _sets_in_folder(folder)
  # find_spec does not import gensim, which takes seconds.
  gensim = importlib.util.find_spec("gensim")
  if gensim is None or language != "en":
    return EvaluationSets(similarity=[], analogy=[])
  folder = pathlib.Path(gensim.submodule_search_locations[0]) / "test" / "test_data"
  return EvaluationSets(
    similarity=_existing(folder / "simlex999.txt", folder / "wordsim353.tsv"),
    analogy=_existing(folder / "questions-words.txt"),
  )


def default_data_folder() -> pathlib.Path:
  """Returns ../shared/data beside the project, where data is unless GLOVE_JAX_DATA says where."""
  project = pathlib.Path(__file__).resolve().parents[2]
  return project / "../shared/data"


def _sets_in_folder(folder: pathlib.Path) -> EvaluationSets:
  sets = EvaluationSets(similarity=[], analogy=[])
  paths = [path.resolve() for path in folder.glob("*.txt")]
  for path in sorted(paths, key=str):
    if path.name.startswith(_ANALOGY_FILES):
      sets.analogy.append(str(path))
    else:
      sets.similarity.append(str(path))
  return sets


def _existing(*paths: pathlib.Path) -> list[str]:
  return [str(path) for path in paths if path.exists()]


def _lines(path: str | os.PathLike) -> Iterator[tuple[int, str]]:
  """Yields the number and text of lines that are not blank, without spaces at their ends."""
  data = pathlib.Path(path).read_bytes()
  try:
    text = data.decode("utf-8-sig")
  except UnicodeDecodeError as error:
    number = data.count(b"\n", 0, error.start) + 1
    byte = data[error.start]
    raise InputError(f"{path}:{number}: found byte 0x{byte:02x}, expected UTF-8.") from None
  for number, line in enumerate(text.split("\n"), 1):
    line = line.strip(" \t\r")
    if line:
      yield number, line


def _split_fields(line: str) -> list[str]:
  if "\t" in line:
    fields = line.split("\t")
  elif "," in line:
    fields = line.split(",")
  else:
    fields = re.split(" +", line)
  return [field.strip() for field in fields]


def _parse_float(text: str) -> float | None:
  try:
    return float(text)
  except ValueError:
    return None
