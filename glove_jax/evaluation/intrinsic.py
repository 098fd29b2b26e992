"""Intrinsic evaluation of word vectors on word similarity and analogies.

Scores depend on the set of candidates, on lower-casing and on coverage. So every score comes with
the number of questions that it is taken over, and the settings are part of the result.
"""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import numpy as np

from glove_jax.evaluation import analogies, evaluation_sets, similarity
from glove_jax.evaluation.analogy_sets import Section
from glove_jax.evaluation.similarity_sets import Pair
from glove_jax.progress import count_bar
from glove_jax.word_vectors import WordVectors

CJK = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def evaluate(
  vectors: WordVectors,
  *,
  similarity_files: Sequence[str] | None = None,
  analogy_files: Sequence[str] | None = None,
  lowercase: bool | str = "auto",
  restrict: int = 0,
  method: str = "3cosadd",
  compose: Callable[[str], np.ndarray] | None = None,
) -> dict:
  """Evaluates vectors on files of word similarity and analogies.

  Args:
    vectors: the word vectors.
    similarity_files, analogy_files: files or folders; None: all of `evaluation_sets.find_sets`.
    lowercase: the questions? "auto": if under 1 % of the words have an upper-case letter.
    restrict: candidates for answers are the first `restrict` words; 0: all words.
    method: "3cosadd" or "3cosmul"; see `analogies.solve`.
    compose: returns a vector for a word without one; see `similarity.score`.

  Returns:
    JSON-ready: {"similarity": {set: see `similarity.score`}, "analogy": see `analogies.score`,
    "settings": {"words", "dim", "lowercase", "method", "candidates"}}.

  Raises:
    InputError: if a file cannot be parsed, naming its line.
  """
  settings = _settings(vectors, lowercase, restrict, method)
  sets = evaluation_sets.find_sets(language(vectors))
  sections = _read_sections(sets.analogy if analogy_files is None else analogy_files)
  pairs_by_set = _read_pair_sets(sets.similarity if similarity_files is None else similarity_files)
  lowercase = settings["lowercase"]
  analogy_scores = analogies.score(
    vectors, sections, lowercase=lowercase, restrict=restrict, method=method
  )
  return {
    "similarity": _score_pairs(vectors, pairs_by_set, lowercase=lowercase, compose=compose),
    "analogy": analogy_scores if sections else {},
    "settings": settings,
  }


def _score_pairs(
  vectors: WordVectors, pairs_by_set: Mapping[str, Sequence[Pair]], **options: Any
) -> dict[str, dict]:
  """Returns the result of `similarity.score` of each set, with a progress bar over pairs."""
  results = {}
  num_pairs = sum(map(len, pairs_by_set.values()))
  with count_bar("similarity", num_pairs, unit="pair") as advance:
    for name, pairs in pairs_by_set.items():
      results[name] = similarity.score(vectors, pairs, **options)
      advance(len(pairs))
  return results


def _settings(vectors: WordVectors, lowercase: bool | str, restrict: int, method: str) -> dict:
  if lowercase == "auto":
    lowercase = is_lower_case(vectors.words)
  return {
    "words": len(vectors),
    "dim": vectors.dim,
    "lowercase": bool(lowercase),
    "method": method,
    "candidates": min(restrict, len(vectors)) or len(vectors),
  }


def language(vectors: WordVectors) -> str:
  """Returns "zh" if most of the first 50,000 words have a Chinese character, else "en"."""
  sample = vectors.words[:50_000]
  num_chinese = sum(CJK.search(word) is not None for word in sample)
  return "zh" if 2 * num_chinese > len(sample) else "en"


def is_lower_case(words: Sequence[str]) -> bool:
  """Returns whether under 1 % of words have an upper-case letter."""
  # Under 1 %, not none: BERT's [PAD] or a stray word must not change every score.
  num_upper = sum(word != word.lower() for word in words)
  return 100 * num_upper < len(words)


def _read_pair_sets(paths: Sequence[str]) -> dict[str, list[Pair]]:
  """Returns the pairs of all files by the files' names, made different."""
  pairs_by_set: dict[str, list[Pair]] = {}
  for path in evaluation_sets.expand_folders(paths):
    name = _unused_name(evaluation_sets.set_name(path), pairs_by_set)
    pairs_by_set[name] = evaluation_sets.read_pairs(path)
  return pairs_by_set


def _read_sections(paths: Sequence[str]) -> list[Section]:
  """Returns the sections of all files, with their names made different."""
  sections: dict[str, Section] = {}
  for path in evaluation_sets.expand_folders(paths):
    for section in evaluation_sets.read_analogies(path):
      name = section.name
      if name in analogies.GROUPS or name in sections:
        name = _unused_name(f"{path.stem}/{name}", sections)
      sections[name] = section._replace(name=name)
  return list(sections.values())


def _unused_name(name: str, used: Container[str]) -> str:
  """Returns a name that is not used: itself, or with -2, -3, … at its end."""
  number = 1
  candidate = name
  while candidate in used:
    number += 1
    candidate = f"{name}-{number}"
  return candidate
