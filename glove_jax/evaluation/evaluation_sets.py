"""Finds the files of word similarity and analogies that word vectors are evaluated on."""

import importlib.util
import os
import pathlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from glove_jax import installation
from glove_jax.errors import InputError
from glove_jax.evaluation import similarity_sets
from glove_jax.evaluation.analogy_sets import Question, Section, read_analogies
from glove_jax.evaluation.similarity_sets import Pair, read_pairs

__all__ = [
  "EvaluationSets", "Pair", "Question", "Section", "default_data_folder", "expand_folders",
  "find_sets", "how_to_get_sets", "read_analogies", "read_pairs", "set_name",
]

_SUFFIXES = (".txt", ".csv", ".tsv", ".tab", ".questions")
# Parts of the paths of files with analogies; other files are word similarity.
_ANALOGY_PATH = re.compile("questions|ca8|ca_translated|analog|bats|msr", re.IGNORECASE)
_NOT_A_SET = re.compile("readme|licen[sc]e", re.IGNORECASE)
# Sets whose files are published under names that say little: CWE's 240.txt, WordSim-353's set1.csv.
_SET_NAMES = {
  "240": "wordsim-240",
  "296": "wordsim-296",
  "297": "wordsim-297",
  "combined": "wordsim353",
  "set1": "wordsim353-set1",
  "set2": "wordsim353-set2",
}
_HOW_TO_GET = {
  "en": (
    "No evaluation sets: {install}, set GLOVE_JAX_DATA, or name your own files."
  ),
  "zh": (
    "No Chinese evaluation sets: wordsim-240 and wordsim-297 (Chen et al. 2015) are in "
    "github.com/Leonard-Xu/CWE, data/; CA8 (analogies, Li et al. 2018) is in "
    "github.com/Embedding/Chinese-Word-Vectors, testsets/CA8/. Put them into FOLDER/intrinsic/zh "
    "and set GLOVE_JAX_DATA=FOLDER, or name them with --similarity=… and --analogies=…"
  ),
}


class EvaluationSets(NamedTuple):
  """Paths of evaluation files for one language, sorted."""

  similarity: list[str]
  analogy: list[str]


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


def how_to_get_sets(language: str) -> str:
  """Returns a line on which sets there are for a language, where, and how to have them found."""
  advice = _HOW_TO_GET.get(language, _HOW_TO_GET["en"])
  return advice.replace("{install}", installation.extra("demo"))


def default_data_folder() -> pathlib.Path:
  """Returns ../shared/data beside the project, where data is unless GLOVE_JAX_DATA says where."""
  project = pathlib.Path(__file__).resolve().parents[2]
  return project / "../shared/data"


def set_name(path: str | os.PathLike) -> str:
  """Returns the name of a set of word similarity for tables: mostly that of its file."""
  stem = pathlib.Path(path).stem
  return _SET_NAMES.get(stem, stem)


def expand_folders(paths: Sequence[str | os.PathLike]) -> list[pathlib.Path]:
  """Returns files in the order of `paths`; a folder, such as that of BATS, becomes all its sets.

  Files of gold scores are left out where the file that they belong to is there.

  Raises:
    InputError: if a folder has no sets.
  """
  files = []
  for path in map(pathlib.Path, paths):
    if not path.is_dir():
      files.append(path)
      continue
    files_in_folder = _files_in(path)
    if not files_in_folder:
      raise InputError(f"{path}: a folder without evaluation sets, expected .txt, .csv or .tsv.")
    files += files_in_folder
  return _without_gold(files)


def _sets_in_folder(folder: pathlib.Path) -> EvaluationSets:
  sets = EvaluationSets(similarity=[], analogy=[])
  for path in sorted(_files_in(folder), key=lambda path: str(path.resolve())):
    relative_path = str(path.relative_to(folder))
    kind = sets.analogy if _ANALOGY_PATH.search(relative_path) else sets.similarity
    kind.append(str(path.resolve()))
  return sets


def _files_in(folder: pathlib.Path) -> list[pathlib.Path]:
  files = []
  for path in sorted(folder.rglob("*")):
    is_set = path.suffix in _SUFFIXES and not _NOT_A_SET.search(path.name)
    if is_set and path.is_file() and not path.name.startswith("."):
      files.append(path)
  return _without_gold(files)


def _without_gold(files: list[pathlib.Path]) -> list[pathlib.Path]:
  gold_files = set()
  for path in files:
    gold = similarity_sets.gold_file(path)
    if gold is not None:
      gold_files.add(gold.resolve())
  return [path for path in files if path.resolve() not in gold_files]


def _existing(*paths: pathlib.Path) -> list[str]:
  return [str(path) for path in paths if path.exists()]
