"""What turns the texts of a task into numbers: its words, characters and labels; and the table its words start from."""

import json
import os
import pathlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.labelled import padded_batches
from glove_jax.errors import InputError
from glove_jax.files import atomic_write

Find = Callable[[str], np.ndarray | None]  # the vector [D] of a word, None if it has none


class Lexicon(NamedTuple):
  """Ids of words and characters are their places plus 2: 0 is padding, 1 what is unknown. Ids of labels are places."""

  words: tuple[str, ...]
  characters: tuple[str, ...]
  labels: tuple[str, ...]
  lengths: tuple[int, ...]  # that texts are padded to
  dim: int  # of the words' vectors

  @property
  def index(self) -> dict[str, int]:
    """The id of each word."""
    return {word: i for i, word in enumerate(self.words, 2)}

  @property
  def alphabet(self) -> dict[str, int]:
    """The id of each character."""
    return {character: i for i, character in enumerate(self.characters, 2)}


def choose_words(train: Iterable[Sequence[str]], others: Iterable[Sequence[str]], find: Find | None, *,
                 min_count: int = 1) -> tuple[str, ...]:
  """The words of `train`, and those of other texts that have a vector: what is learnt has no part in them.

  Most frequent in `train` first, ties in alphabetical order.

  Args:
    min_count: how often a word of `train` without a vector has to occur.
  """
  counts = Counter(word for text in train for word in text)
  known = {} if find is None else {word for word in counts if counts[word] < min_count and find(word) is not None}
  kept = {word for word, count in counts.items() if count >= min_count or word in known}
  if find is not None:
    kept.update(word for word in {word for text in others for word in text} - set(counts) if find(word) is not None)
  return tuple(sorted(kept, key=lambda word: (-counts[word], word)))


def table(words: Sequence[str], find: Find | None, dim: int, *, seed: int) -> tuple[np.ndarray, int]:
  """The vectors that words start with, [V + 2, D], and how many have one of their own.

  Others are drawn by the seed and the word alone, with the spread of those given (0.1 for none). Row 0 is zeros.
  """
  found = [None if find is None else find(word) for word in words]
  given = [vector for vector in found if vector is not None]
  spread = float(np.std(given)) if given else 0.1
  def drawn(word: str) -> np.ndarray:
    return np.random.default_rng((seed, zlib.crc32(word.encode("utf-8", "surrogatepass")))).normal(0, spread, dim)
  rows = [drawn(word) if vector is None else vector for word, vector in zip(words, found, strict=True)]
  return np.array([np.zeros(dim), drawn(""), *rows], np.float32), len(given)


def save(lexicon: Lexicon, path: str | os.PathLike) -> None:
  """Writes a JSON file, whole or not at all."""
  with atomic_write(path) as file:
    json.dump(lexicon._asdict(), file, ensure_ascii=False)


def load(path: str | os.PathLike) -> Lexicon:
  """Reads what `save` wrote. InputError if it is something else."""
  try:
    found = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    return Lexicon(*(tuple(found[name]) for name in Lexicon._fields[:-1]), int(found["dim"]))
  except (OSError, ValueError, KeyError, TypeError) as error:
    raise InputError(f"{path}: no lexicon of a fine-tuned run ({type(error).__name__}).") from None


def number(lexicon: Lexicon, texts: Sequence[Sequence[str]], target: Sequence, *, spelled: Sequence | None = None):
  """Texts as `sentences.Examples`; with `spelled`, the same texts as they are written, characters too."""
  chars = None if spelled is None else padded_batches.spell(spelled, lexicon.alphabet)
  return padded_batches.Examples(padded_batches.number(texts, lexicon.index), list(target), chars)
