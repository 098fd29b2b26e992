"""Learns phrases, words that occur together more often than by chance, and joins them into words.

`new york times` becomes `new_york_times` in two passes over the text: each pass joins pairs of
neighbours, and a later pass can join what an earlier one made. Mikolov et al. (2013b), sec. 4.
"""

import math
import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from glove_jax.data.text import corpus, phrase_merging, phrase_pairs
from glove_jax.data.text.phrase_pairs import DEFAULT_SCORING, SCORES, PairScores, Scoring, check
from glove_jax.data.text.token_store import TokenStore
from glove_jax.errors import InputError, quote
from glove_jax.files import atomic_write

__all__ = ["SCORES", "Phrases", "Scoring", "apply", "check", "join", "learn", "load", "save"]

_SCORE = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?(e[-+]?[0-9]{1,4})?")


class Phrases(NamedTuple):
  """Pairs of words to join, one mapping per pass.

  The words of a later pass may be phrases of an earlier one.
  """

  passes: tuple[PairScores, ...]
  delimiter: str = "_"


def learn(
  text: TokenStore,
  folder: str | os.PathLike,
  *,
  scoring: Scoring = DEFAULT_SCORING,
  passes: int = 1,
  delimiter: str = "_",
  memory_gb: float = 1.0,
  threads: int | None = None,
) -> tuple[Phrases, TokenStore]:
  """Finds phrases of up to 2^passes words and joins them.

  Args:
    text: a tokenized text; its file stays open.
    folder: where temporary files are created: 4 bytes a token and, for a while, 16 for each pair of
      a block.
    scoring: which pairs become phrases.
    passes: number of passes; 0 returns the text unchanged.
    delimiter: what is put between the words of a phrase.
    memory_gb: about how much memory is used besides the words, in units of 10^9 bytes.
    threads: number of threads; None means one per core.

  Raises:
    InputError: a setting makes no sense, or a temporary file cannot be written.
  """
  if passes < 0:
    raise InputError(f"passes is {passes}, expected 0 or more.")
  if delimiter.split() != [delimiter]:
    raise InputError(f"delimiter is {delimiter!r}, expected characters without white space.")
  learned = []
  for _ in range(passes):
    pairs = phrase_pairs.find_pairs(text, folder, scoring, memory_gb=memory_gb, threads=threads)
    if not pairs:
      break
    learned.append(pairs)
    text = phrase_merging.merge(text, pairs, folder, delimiter=delimiter)
  return Phrases(tuple(learned), delimiter), text


def apply(phrases: Phrases, text: TokenStore, folder: str | os.PathLike) -> TokenStore:
  """Returns the text with phrases joined, as `learn` did for the text it learned them from.

  Args:
    phrases: the phrases to join.
    text: a tokenized text; its file stays open.
    folder: where temporary files are created.

  Raises:
    InputError: a temporary file cannot be written.
  """
  for pairs in phrases.passes:
    text = phrase_merging.merge(text, pairs, folder, delimiter=phrases.delimiter)
  return text


def join(phrases: Phrases, tokens: Sequence[str]) -> list[str]:
  """Returns tokens with phrases joined, as `apply` does for a text on disk.

  Args:
    phrases: the phrases to join.
    tokens: tokens, with a "\\n" between documents.
  """
  for pairs in phrases.passes:
    tokens = _join_pairs(pairs, phrases.delimiter, tokens)
  return list(tokens)


def _join_pairs(pairs: PairScores, delimiter: str, tokens: Sequence[str]) -> list[str]:
  joined = []
  words = iter(tokens)
  word = next(words, None)
  for following in words:
    if (word, following) in pairs:
      joined.append(word + delimiter + following)
      word = next(words, None)
    else:
      joined.append(word)
      word = following
  if word is not None:
    joined.append(word)
  return joined


def save(phrases: Phrases, path: str | os.PathLike) -> None:
  """Writes a line `first second score` for each phrase and an empty line between passes."""
  with atomic_write(path) as file:
    for number, pairs in enumerate(phrases.passes):
      if number:
        file.write("\n")
      for (first, second), score in pairs.items():
        file.write(f"{first} {second} {score!r}\n")


def load(path: str | os.PathLike, *, delimiter: str = "_") -> Phrases:
  """Reads the lines that `save` wrote.

  Raises:
    InputError: a line is not `first second score`; the message names it.
  """
  passes = [{}]
  for number, line in enumerate(corpus.read_lines(path), 1):
    if not line:
      passes.append({})
      continue
    fields = line.split(" ")
    if len(fields) != 3 or not all(fields) or not _is_score(fields[2]):
      raise InputError(
        f"{path}:{number}: {quote(line)}, expected two words and a score, separated by spaces.")
    first, second, score = fields
    passes[-1][first, second] = float(score)
  return Phrases(tuple(filter(None, passes)), delimiter)


def _is_score(field: str) -> bool:
  """Returns whether a field is a finite decimal number."""
  return _SCORE.fullmatch(field) is not None and math.isfinite(float(field))
