"""Formats the scores of `intrinsic.evaluate`, and neighbours of words, as text."""

import unicodedata
from collections.abc import Mapping, Sequence

from glove_jax import alignment
from glove_jax.errors import printable
from glove_jax.evaluation import evaluation_sets, neighbours
from glove_jax.word_vectors import Neighbours, WordVectors

Row = tuple[str, str, str]
MAX_WORD_LENGTH = 80  # characters of a word that are shown
_RELATIONS = {  # of MSR's analogies, by the parts of speech that they are named after
  "JJ": "adjective",
  "JJR": "comparative",
  "JJS": "superlative",
  "NN": "noun",
  "NNS": "plural",
  "NNPOS": "possessive",
  "VB": "verb",
  "VBD": "past tense",
  "VBZ": "third person",
}


def format_table(scores: dict, *, language: str = "en") -> str:
  """Formats the result of `intrinsic.evaluate` as tables of scores with their coverage.

  Without any scores it says where the sets for a language are.
  """
  lines = [_settings_line(scores["settings"])]
  if not scores["similarity"] and not scores["analogy"]:
    lines.append(evaluation_sets.how_to_get_sets(language))
  similarity_rows = []
  for name, result in scores["similarity"].items():
    similarity_rows.append(_similarity_row(name, result, total=result["of"]))
    composed = result.get("composed")
    if composed:
      row = _similarity_row("  with a composed word", composed, total=result["of"])
      similarity_rows.append(row)
  lines += _align(("similarity", "Spearman", "coverage"), similarity_rows)
  analogy_rows = []
  for name, result in scores["analogy"].items():
    analogy_rows.append(_analogy_row(name, result))
  lines += _align(("analogies", "accuracy", "coverage"), analogy_rows)
  return "\n".join(lines)


def format_translation(scores: dict) -> str:
  """Formats the result of `translation.evaluate` as a table of precisions with their coverage."""
  rows = []
  for name, result in scores.items():
    coverage = f"{result['words']:,} of {result['of']:,} words"
    for method in alignment.METHODS:
      precisions = [_format_score(value, ".1%") for value in result[method].values()]
      label = f"{_shown(name)}, {method.upper()}"
      rows.append((label, " / ".join(precisions), coverage))
  header = ("translation", "precision@1 / 5 / 10", "coverage")
  return "\n".join(_align(header, rows)).lstrip("\n")


def _settings_line(settings: dict) -> str:
  size = f"{settings['words']:,} words x {settings['dim']}"
  case = "lower-cased" if settings["lowercase"] else "as written"
  candidates = f"{settings['candidates']:,} words"
  return f"{size}; questions {case}; {settings['method']} among {candidates}"


def _similarity_row(name: str, result: dict, *, total: int) -> Row:
  score = _format_score(result["spearman"], ".3f")
  coverage = f"{result['pairs']:,} of {total:,} pairs"
  return _shown(name), score, coverage


def _analogy_row(name: str, result: dict) -> Row:
  accuracy = _format_score(result["accuracy"], ".2%")
  coverage = f"{result['questions']:,} of {result['of']:,} questions"
  return _shown(_explained(name)), accuracy, coverage


def _format_score(score: float | None, spec: str) -> str:
  return "-" if score is None else format(score, spec)


def format_neighbours(vectors: WordVectors, queries: Sequence[str], topn: int = 10) -> str:
  """Formats the nearest neighbours of words and sums with their cosines, one line a query.

  Raises:
    InputError: for an unknown word.
  """
  return format_neighbour_lists(neighbours.find(vectors, queries, topn))


def format_neighbour_lists(neighbours_by_query: Mapping[str, Neighbours]) -> str:
  """Formats the result of `neighbours.find`, one line a query."""
  width = max(map(_display_width, map(_shown, neighbours_by_query)), default=0)
  lines = []
  for query, nearest in neighbours_by_query.items():
    entries = [f"{_shown(word)} {cosine:.3f}" for word, cosine in nearest]
    lines.append(f"{_pad(_shown(query), width)}  {', '.join(entries)}")
  return "\n".join(lines)


def format_column(nearest: Neighbours) -> str:
  """Formats the neighbours of one query, one line each: the cosine, then the word."""
  return "\n".join(f"{cosine:6.3f}  {_shown(word)}" for word, cosine in nearest)


def _shown(text: str) -> str:
  """Returns a word or a name for the terminal: escaped, and cut if it is very long."""
  return printable(text, MAX_WORD_LENGTH)


def _explained(name: str) -> str:
  """Returns the name of a section with what it is about, if only its author's code is known."""
  first, separator, second = name.partition("_")
  if separator and first in _RELATIONS and second in _RELATIONS:
    return f"{name} ({_RELATIONS[first]} to {_RELATIONS[second]})"
  return name


def _align(header: Row, rows: Sequence[Row]) -> list[str]:
  """Returns an empty line and an aligned table; no lines if there are no rows."""
  if not rows:
    return []
  table = [header, *rows]
  names, scores, coverages = zip(*table, strict=True)
  name_width = _max_width(names)
  score_width = max(map(len, scores))
  coverage_width = max(map(len, coverages))
  lines = [""]
  for name, score, coverage in table:
    cells = (
      _pad(name, name_width),
      score.rjust(score_width),
      coverage.rjust(coverage_width),
    )
    lines.append("  ".join(cells))
  return lines


def _max_width(texts: Sequence[str]) -> int:
  return max(map(_display_width, texts), default=0)


def _display_width(text: str) -> int:
  """Returns the columns of a terminal that a text takes: Chinese characters take two each."""
  width = 0
  for character in text:
    width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
  return width


def _pad(text: str, width: int) -> str:
  padding = width - _display_width(text)
  return text + " " * padding
