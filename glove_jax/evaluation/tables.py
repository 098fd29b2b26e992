"""Formats the scores of `intrinsic.evaluate`, and neighbours of words, as text."""

import unicodedata
from collections.abc import Sequence

from glove_jax.word_vectors import WordVectors

Row = tuple[str, str, str]
_NO_SETS = (
  "No evaluation sets: pip install -e '.[demo]', set GLOVE_JAX_DATA, or name your own files."
)


def format_table(scores: dict) -> str:
  """Formats the result of `intrinsic.evaluate` as tables of scores with their coverage."""
  lines = [_settings_line(scores["settings"])]
  if not scores["similarity"] and not scores["analogy"]:
    lines.append(_NO_SETS)
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


def _settings_line(settings: dict) -> str:
  size = f"{settings['words']:,} words x {settings['dim']}"
  case = "lower-cased" if settings["lowercase"] else "as written"
  candidates = f"{settings['candidates']:,} words"
  return f"{size}; questions {case}; {settings['method']} among {candidates}"


def _similarity_row(name: str, result: dict, *, total: int) -> Row:
  score = _format_score(result["spearman"], ".3f")
  coverage = f"{result['pairs']:,} of {total:,} pairs"
  return name, score, coverage


def _analogy_row(name: str, result: dict) -> Row:
  accuracy = _format_score(result["accuracy"], ".2%")
  coverage = f"{result['questions']:,} of {result['of']:,} questions"
  return name, accuracy, coverage


def _format_score(score: float | None, spec: str) -> str:
  return "-" if score is None else format(score, spec)


def format_neighbours(vectors: WordVectors, words: Sequence[str], topn: int = 10) -> str:
  """Formats the nearest neighbours of some words with their cosines, one line a word.

  Raises:
    InputError: for an unknown word.
  """
  rows = [vectors.row(word) for word in words]
  queries = vectors.vectors[rows]
  neighbours = vectors.nearest(queries, topn, exclude=[[row] for row in rows])
  width = _max_width(words)
  lines = []
  for word, nearest in zip(words, neighbours, strict=True):
    entries = []
    for neighbour, cosine in nearest:
      entries.append(f"{neighbour} {cosine:.3f}")
    listed = ", ".join(entries)
    lines.append(f"{_pad(word, width)}  {listed}")
  return "\n".join(lines)


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
