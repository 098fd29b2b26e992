"""Finds the nearest neighbours of words and of sums of words, such as "king - man + woman"."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.word_vectors import Neighbours, WordVectors, normalize_rows

# Only operators between spaces: x-ray, C++ and 2-3 are words.
_OPERATOR = re.compile(r"(?:^|\s+)([-+\u2212\uff0b\uff0d])\s+")
_MINUS = ("-", "\u2212", "\uff0d")
_LIST_SEPARATORS = re.compile("[\uff0c\u3001]")  # Chinese commas
_SIGN = re.compile(r"[-+\u2212\uff0b\uff0d]")


class _Query(NamedTuple):
  """A sum of words."""

  words: list[str]
  signs: list[int]  # 1 or -1


def find(vectors: WordVectors, queries: Sequence[str], topn: int = 10) -> dict[str, Neighbours]:
  """Returns the words with the largest cosines to each query, without the words of the query.

  Args:
    vectors: the word vectors.
    queries: words, or sums of words with ` + ` and ` - ` between spaces. A word that itself holds
      them goes first. Queries may be separated by Chinese commas.
    topn: how many neighbours of each query, at most.

  Returns:
    Query -> [(word, cosine)], best first.

  Raises:
    InputError: for an unknown word, with similar ones.
  """
  names = _split_lists(vectors, queries)
  parsed = [_parse(vectors, name) for name in names]
  rows = [[vectors.row(word) for word in query.words] for query in parsed]
  sums = [_sum(vectors, query) for query in parsed]
  if not sums:
    return {}
  nearest = vectors.nearest(np.stack(sums), topn, exclude=rows)
  return dict(zip(names, nearest, strict=True))


def _split_lists(vectors: WordVectors, queries: Sequence[str]) -> list[str]:
  names = []
  for query in queries:
    parts = [query] if query in vectors else _LIST_SEPARATORS.split(query)
    names += [part if part in vectors else part.strip() for part in parts]
  return list(dict.fromkeys(filter(None, names)))


def _parse(vectors: WordVectors, query: str) -> _Query:
  if query in vectors:
    return _Query([query], [1])
  first, *rest = _OPERATOR.split(query)
  words = [first] if first.strip() else []
  signs = [1] if words else []
  for operator, word in zip(rest[::2], rest[1::2], strict=True):
    words.append(word)
    signs.append(-1 if operator in _MINUS else 1)
  words = [word if word in vectors else word.strip() for word in words]
  if not all(words) or any(map(_OPERATOR.match, words)):
    raise InputError(f"{quote(query)}: expected words between + and -, as in king - man + woman.")
  for word in words:
    _check_spaces(vectors, word)
  return _Query(words, signs)


def _check_spaces(vectors: WordVectors, word: str) -> None:
  """Raises an InputError for an unknown word whose parts between + and - are words."""
  parts = [part.strip() for part in _SIGN.split(word)]
  if word in vectors or len(parts) < 2:
    return
  if all(part in vectors for part in parts):
    signs = _SIGN.findall(word)
    example = parts[0]
    for sign, part in zip(signs, parts[1:], strict=True):
      example += f" {'-' if sign in _MINUS else '+'} {part}"
    raise InputError(
      f"The word {quote(word)} is not among the {len(vectors):,} words; for a sum write spaces: "
      f"{quote(example)}."
    )


def _sum(vectors: WordVectors, query: _Query) -> np.ndarray:  # -> [D]
  units = normalize_rows(vectors[query.words])
  signs = np.array(query.signs, np.float32)
  return signs @ units
