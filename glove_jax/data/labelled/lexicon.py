"""The vocabulary of a task (words, characters, labels) and the initial vectors of its words."""

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

Find = Callable[[str], np.ndarray | None]  # looks up the pretrained vector [D] of a word


class Lexicon(NamedTuple):
  """The words, characters and labels of a task.

  The id of a word or character is its position plus 2, after padding (0) and unknown (1); the id of
  a label is its position.
  """

  words: tuple[str, ...]
  characters: tuple[str, ...]
  labels: tuple[str, ...]
  lengths: tuple[int, ...]  # that texts are padded to
  dim: int  # of the word vectors

  @property
  def index(self) -> dict[str, int]:
    """The id of each word."""
    return {word: i for i, word in enumerate(self.words, 2)}

  @property
  def alphabet(self) -> dict[str, int]:
    """The id of each character."""
    return {character: i for i, character in enumerate(self.characters, 2)}


def choose_words(
  train: Iterable[Sequence[str]],
  others: Iterable[Sequence[str]],
  find: Find | None,
  *,
  min_count: int = 1,
) -> tuple[str, ...]:
  """Returns the words of the training texts, and words of other texts with a pretrained vector.

  Other texts do not influence what is learned from the training texts. The words most frequent in
  the training texts come first, ties in alphabetical order.

  Args:
    train: tokens of the training texts.
    others: tokens of the texts to predict.
    find: looks up pretrained vectors; None if there are none.
    min_count: occurrences that a training word without a pretrained vector needs.
  """
  counts = Counter()
  for text in train:
    counts.update(text)
  words = set()
  for word, count in counts.items():
    if count >= min_count or _has_vector(word, find):
      words.add(word)
  if find is not None:
    new_words = set().union(*others) - set(counts)
    for word in new_words:
      if _has_vector(word, find):
        words.add(word)
  return tuple(sorted(words, key=lambda word: (-counts[word], word)))


def _has_vector(word: str, find: Find | None) -> bool:
  return find is not None and find(word) is not None


def embedding_table(
  words: Sequence[str], find: Find | None, dim: int, *, seed: int
) -> tuple[np.ndarray, int]:
  """Returns (the initial word vectors [V + 2, D] float32, how many of them are pretrained).

  The other vectors depend on the seed and the word alone; their standard deviation is that of the
  pretrained ones (0.1 if there are none). Row 0 is zeros.
  """
  vectors = {}
  if find is not None:
    vectors = {word: find(word) for word in words}
  pretrained = [vectors[word] for word in words if vectors.get(word) is not None]
  spread = float(np.std(pretrained)) if pretrained else 0.1
  rows = [np.zeros(dim), _random_vector("", dim, spread, seed)]
  for word in words:
    vector = vectors.get(word)
    if vector is None:
      vector = _random_vector(word, dim, spread, seed)
    rows.append(vector)
  return np.array(rows, np.float32), len(pretrained)


def _random_vector(word: str, dim: int, spread: float, seed: int) -> np.ndarray:
  checksum = zlib.crc32(word.encode("utf-8", "surrogatepass"))
  return np.random.default_rng((seed, checksum)).normal(0, spread, dim)


def save(lexicon: Lexicon, path: str | os.PathLike) -> None:
  """Writes the lexicon to a JSON file, whole or not at all."""
  with atomic_write(path) as file:
    json.dump(lexicon._asdict(), file, ensure_ascii=False)


def load(path: str | os.PathLike) -> Lexicon:
  """Reads what `save` wrote.

  Raises:
    InputError: the file is missing or no lexicon.
  """
  try:
    fields = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    return Lexicon(
      words=_items(fields["words"], str),
      characters=_items(fields["characters"], str),
      labels=_items(fields["labels"], str),
      lengths=_items(fields["lengths"], int),
      dim=_items([fields["dim"]], int)[0],
    )
  except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
    kind = type(error).__name__
    raise InputError(
      f"{path}: cannot be read ({kind}), expected the lexicon of a fine-tuned run.") from None


def _items(values: list, kind: type) -> tuple:
  """Returns strings, all different, or numbers from 0; raises ValueError for other values."""
  if not isinstance(values, list) or not all(type(value) is kind for value in values):
    raise ValueError
  is_right = len(set(values)) == len(values) if kind is str else min(values, default=0) >= 0
  if not is_right:
    raise ValueError
  return tuple(values)


def encode_examples(
  lexicon: Lexicon,
  texts: Sequence[Sequence[str]],
  target: Sequence,
  *,
  original_tokens: Sequence | None = None,
) -> padded_batches.Examples:
  """Returns tokenized texts as ids.

  Args:
    lexicon: the ids of words and characters.
    texts: tokens of each text, as the words of the lexicon are written.
    target: the class, or the tags, of each text.
    original_tokens: the same tokens as in the text, for their characters; None: no `chars`.
  """
  chars = None
  if original_tokens is not None:
    chars = padded_batches.character_ids(original_tokens, lexicon.alphabet)
  return padded_batches.Examples(
    ids=padded_batches.token_ids(texts, lexicon.index),
    target=list(target),
    chars=chars,
  )
