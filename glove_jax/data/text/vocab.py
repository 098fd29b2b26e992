"""The vocabulary: the words that have an id, their order, and their counts in the corpus."""

import functools
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glove_jax.data.text import corpus
from glove_jax.data.text.word_tokenizers import Tokenizer
from glove_jax.errors import InputError, quote
from glove_jax.files import atomic_write


@dataclass(frozen=True, eq=False)
class Vocabulary:
  """V words, most frequent first; a word's id is its position."""

  words: tuple[str, ...]  # V words, all different
  counts: np.ndarray      # [V] int64, occurrences of each in the corpus

  def __len__(self) -> int:
    return len(self.words)

  @functools.cached_property
  def index(self) -> dict[str, int]:
    """The id of each word."""
    return {word: i for i, word in enumerate(self.words)}


def count(
  paths: Sequence[os.PathLike], tokenizer: Tokenizer, *, encoding: str = "utf-8",
  errors: str = "strict", progress: corpus.Progress | None = None,
) -> Counter:
  """Counts the words in the files.

  Every distinct word is held in memory, about 100 bytes each.

  Args:
    paths: files, as `corpus.find_files` returns them.
    tokenizer: splits the text into words (`word_tokenizers.make`).
    encoding, errors, progress: as for `corpus.read_tokens`.

  Raises:
    InputError: a file cannot be read, or the files hold no token.
  """
  counter = Counter()
  blocks = corpus.read_tokens(
    paths, tokenizer, encoding=encoding, errors=errors, progress=progress)
  for tokens in blocks:
    counter.update(tokens)
  del counter["\n"]
  if not counter:
    raise InputError(f"{corpus.describe(paths)}: no words, expected a text.")
  return counter


def build(
  counter: Mapping[str, int], *, min_count: int = 1, max_vocab: int | None = None
) -> Vocabulary:
  """Returns the vocabulary of the words that occur at least `min_count` times.

  The most frequent come first; words with equal counts are sorted by their UTF-8 bytes.

  Args:
    counter: occurrences of each word.
    min_count: words that occur less often have no id.
    max_vocab: the largest number of words; rarer words are left out. None or 0 means no limit.

  Raises:
    InputError: no word is left.
  """
  if not counter:
    raise InputError("The corpus has no words.")
  kept = [(-n, word) for word, n in counter.items() if n >= min_count]
  if not kept:
    word = max(counter, key=counter.get)
    raise InputError(
      f"No word of the corpus occurs min_count={min_count} times or more; "
      f"the most frequent, {quote(word)}, occurs {counter[word]} times.")
  kept.sort()
  kept = kept[: max_vocab or None]
  counts = [-negative_count for negative_count, _ in kept]
  words = [word for _, word in kept]
  return Vocabulary(tuple(words), np.array(counts, np.int64))


def save(vocab: Vocabulary, path: str | os.PathLike) -> None:
  """Writes a line `word count` for each word, as Stanford's vocab_count does."""
  with atomic_write(path) as file:
    for word, n in zip(vocab.words, vocab.counts.tolist(), strict=True):
      file.write(f"{word} {n}\n")


def load(path: str | os.PathLike) -> Vocabulary:
  """Reads lines `word count` that `save` or Stanford's vocab_count wrote, in the order of the file.

  Raises:
    InputError: a line has no word or no count, or repeats a word; the message names it.
  """
  line_numbers = {}
  counts = []
  for number, line in enumerate(corpus.read_lines(path), 1):
    word, _, digits = line.rpartition(" ")
    if not word or not _is_int64(digits):
      raise InputError(f"{path}:{number}: {quote(line)}, expected a word, a space and a count.")
    if word in line_numbers:
      raise InputError(f"{path}:{number}: {quote(word)} is already on line {line_numbers[word]}.")
    line_numbers[word] = number
    counts.append(int(digits))
  if not counts:
    raise InputError(f"{path}: no lines, expected a word, a space and a count on each.")
  return Vocabulary(tuple(line_numbers), np.array(counts, np.int64))


def _is_int64(digits: str) -> bool:
  """Returns whether a string is a decimal number of at most 63 bits."""
  if not digits.isascii() or not digits.isdigit():
    return False
  return len(digits) < 20 and int(digits) < 2**63
