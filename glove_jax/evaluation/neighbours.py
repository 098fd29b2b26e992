"""Answers queries: neighbours of words and of sums, such as "king - man + woman"; similarity."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.evaluation import intrinsic
from glove_jax.word_vectors import Neighbours, WordVectors, normalize_rows

# Only operators between spaces: x-ray, C++ and 2-3 are words.
_OPERATOR = re.compile(r"(?:^|\s+)([-+\u2212\uff0b\uff0d])\s+")
_MINUS = ("-", "\u2212", "\uff0d")
_LIST_SEPARATORS = re.compile("[\uff0c\u3001]")  # Chinese commas
_SIGN = re.compile(r"[-+\u2212\uff0b\uff0d]")
_COMMA = re.compile("[,\uff0c\u3001]")
_BETWEEN_WORDS = re.compile("([\\s,:;\uff0c\u3001\uff1a\uff1b]+)")
_PAIR_SEPARATOR = re.compile(r"\s*[,\uff0c\u3001]\s*|\s+~\s+")


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
  sums = [_sum(vectors, query) for query in parsed]
  rows = [[vectors.index[word] for word in query.words if word in vectors] for query in parsed]
  if not sums:
    return {}
  nearest = vectors.nearest(np.stack(sums), topn, exclude=rows)
  return dict(zip(names, nearest, strict=True))


def match_case(vectors: WordVectors, text: str) -> str:
  """Returns a question with its unknown words in lower case, if the words of the vectors are.

  Args:
    vectors: the word vectors.
    text: words with spaces or punctuation between them.
  """
  if text in vectors or text == text.lower() or not intrinsic.is_lower_case(vectors.words):
    return text
  parts = [part if part in vectors else part.lower() for part in _BETWEEN_WORDS.split(text)]
  return "".join(parts)


def zero_words(vectors: WordVectors, query: str) -> list[str]:
  """Returns the words of a query of `find` whose vectors are all zero."""
  words = dict.fromkeys(_parse(vectors, query).words)
  return [word for word in words if not vectors.get_vector(word).any()]


def parse_pair(vectors: WordVectors, text: str) -> tuple[str, str]:
  """Returns the two words of "paris, france" or "paris ~ france"; a word may hold a separator.

  Args:
    vectors: the word vectors.
    text: two words with a comma, Latin or Chinese, or ` ~ ` between them.

  Raises:
    InputError: for an unknown word, with similar ones, or for another number of words.
  """
  pairs = []
  for separator in _PAIR_SEPARATOR.finditer(text):
    pairs.append((text[: separator.start()].strip(), text[separator.end() :].strip()))
  for first, second in pairs:
    if first in vectors and second in vectors:
      return first, second
  if len(pairs) != 1 or not all(pairs[0]):
    raise InputError(f"{quote(text)}: expected two words, as in paris,france.")
  for word in pairs[0]:
    vectors.get_vector(word)  # raises the error of an unknown word
  return pairs[0]


def split_words(text: str) -> list[str]:
  """Returns the parts of a text between commas, Latin or Chinese."""
  return [word.strip() for word in _COMMA.split(text)]


def parse_analogy(vectors: WordVectors, text: str) -> str:
  """Returns the sum that solves an analogy: a sum itself, or three words as in files of analogies.

  Args:
    vectors: the word vectors.
    text: "king - man + woman"; or "man, king, woman": man is to king as woman is to ?

  Raises:
    InputError: for two words, or more than three.
  """
  words = split_words(text)
  if text in vectors or len(words) == 1:
    return text
  if len(words) != 3 or not all(words):
    raise InputError(f"{quote(text)}: expected king - man + woman, or man,king,woman.")
  first, second, third = words
  return f"{second} - {first} + {third}"


def records(neighbours_by_query: Mapping[str, Neighbours]) -> dict[str, list[dict]]:
  """Returns the result of `find` for JSON: query -> [{"word", "cosine"}], best first."""
  lists = {}
  for query, nearest in neighbours_by_query.items():
    lists[query] = [{"word": word, "cosine": finite(cosine)} for word, cosine in nearest]
  return lists


def finite(cosine: float) -> float | None:
  """Returns a cosine for JSON; None for those of vectors whose squares overflow 32 bits."""
  return cosine if math.isfinite(cosine) else None


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
