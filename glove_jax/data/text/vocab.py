"""The vocabulary: which words have an id, in which order, and how often each occurs in the corpus."""

import functools
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from glove_jax.data.text import corpus
from glove_jax.data.text.word_tokenizers import Tokenizer
from glove_jax.errors import InputError
from glove_jax.files import atomic_write


@dataclass(frozen=True, eq=False)
class Vocabulary:
  """V words, most frequent first; a word's id is its place."""

  words: tuple[str, ...]  # V words, all different
  counts: np.ndarray      # [V] int64, how often each occurs in the corpus

  def __len__(self) -> int:
    return len(self.words)

  @functools.cached_property
  def index(self) -> dict[str, int]:
    """The id of each word."""
    return {word: i for i, word in enumerate(self.words)}


def count(
  paths: Sequence[os.PathLike], tokenizer: Tokenizer, *, encoding: str = "utf-8", errors: str = "strict",
  progress: Callable[[int, int], None] | None = None,
) -> Counter:
  """How often each word occurs in the files; holds every distinct word in memory (about 100 bytes each).

  Args:
    paths: what `corpus.find` gave.
    tokenizer: what `tokenizers.make` gave.
    encoding, errors, progress: as for `corpus.tokens`.

  Raises:
    InputError: a file cannot be read, or there is no token in any.
  """
  counter = Counter()
  for tokens in corpus.read_tokens(paths, tokenizer, encoding=encoding, errors=errors, progress=progress):
    counter.update(tokens)
  del counter["\n"]
  if not counter:
    raise InputError(f"No word in {corpus.describe(paths)}; expected a text.")
  return counter


def build(counter: Counter, *, min_count: int = 1, max_vocab: int | None = None) -> Vocabulary:
  """The words that occur `min_count` times or more, most frequent first, ties as their UTF-8 bytes sort.

  Args:
    counter: how often each word occurs.
    min_count: words that occur less often have no id.
    max_vocab: keep that many words, the first in that order; None or 0 keeps all.

  Raises:
    InputError: no word is left.
  """
  if not counter:
    raise InputError("The corpus has no words.")
  kept = [(-n, word) for word, n in counter.items() if n >= min_count]
  if not kept:
    word, most = max(counter.items(), key=lambda item: item[1])
    raise InputError(f"No word of the corpus occurs min_count={min_count} times or more; "
                     f"the most frequent, {word!r}, occurs {most} times.")
  kept = sorted(kept)[:max_vocab or None]
  return Vocabulary(tuple(word for _, word in kept), np.array([-n for n, _ in kept], np.int64))


def save(vocab: Vocabulary, path: str | os.PathLike) -> None:
  """Writes a line `word count` for each word, as Stanford's vocab_count does."""
  with atomic_write(path) as file:
    file.writelines(f"{word} {n}\n" for word, n in zip(vocab.words, vocab.counts.tolist(), strict=True))


def load(path: str | os.PathLike) -> Vocabulary:
  """Reads the lines `word count` of `save` or of Stanford's vocab_count, in the order of the file.

  Raises:
    InputError: names the file and the line that has no word or no count, or repeats a word.
  """
  index, counts = {}, []
  for number, line in enumerate(corpus.read_lines(path), 1):
    word, _, n = line.rpartition(" ")
    if not (word and n.isascii() and n.isdigit() and len(n) < 20 and int(n) < 2**63):
      raise InputError(f"{path}:{number}: {line!r}; expected a word, a space and a count.")
    if index.setdefault(word, number) != number:
      raise InputError(f"{path}:{number}: {word!r} is already on line {index[word]}.")
    counts.append(int(n))
  if not counts:
    raise InputError(f"{path}: no lines; expected a word, a space and a count on each.")
  return Vocabulary(tuple(index), np.array(counts, np.int64))
