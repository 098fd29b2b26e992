"""Synthetic texts, token ids and co-occurrence counts, made from seeds, to measure devices with.

Words follow a Zipf law, as those of real text do: a few rows of a table are in every batch.
"""

import pathlib

import numpy as np

from glove_jax.data.counts.cooccurrence import Store

_MOODS = {"good": ("fine", "warm", "moving", "funny"), "bad": ("dull", "cold", "empty", "noisy")}
_NAMES = (("Angela", "Anna"), ("Merkel", "Seghers"))
_FILLERS = ("the", "film", "story", "is", "a", "was", "and", "very", "plot", "cast")


def zipf_ids(size: int, vocab_size: int, *, seed: int = 0) -> np.ndarray:
  """Returns token ids, [size] int32, of which word r is drawn with odds 1 / (r + 1)."""
  rng = np.random.default_rng(seed)
  odds = np.cumsum(1 / np.arange(1, vocab_size + 1))
  return np.searchsorted(odds, rng.random(size) * odds[-1]).astype(np.int32)


def words(vocab_size: int) -> tuple[str, ...]:
  """Returns different words of four letters and more."""
  made = []
  for number in range(vocab_size):
    letters = ""
    rest = number
    while rest or len(letters) < 4:
      letters += chr(ord("a") + rest % 26)
      rest //= 26
    made.append(letters)
  return tuple(made)


def reviews(size: int, *, seed: int = 0) -> tuple[list[str], list[str]]:
  """Returns short texts with words of one mood each, and their labels."""
  rng = np.random.default_rng(seed)
  texts = []
  labels = []
  for number in range(size):
    label = ("bad", "good")[number % 2]
    tokens = [*rng.choice(_FILLERS, 5), *rng.choice(_MOODS[label], 2)]
    rng.shuffle(tokens)
    texts.append(" ".join(tokens))
    labels.append(label)
  return texts, labels


def sentences(size: int, *, seed: int = 0) -> tuple[list[list[str]], list[list[str]]]:
  """Returns tokens of sentences that name a person, and their tags."""
  rng = np.random.default_rng(seed)
  tokens = []
  tags = []
  for _ in range(size):
    before = list(rng.choice(_FILLERS, rng.integers(1, 4)))
    name = [str(rng.choice(part)) for part in _NAMES]
    tokens.append([*map(str, before), *name])
    tags.append(["O"] * len(before) + ["B-PER", "I-PER"])
  return tokens, tags


def counts(nonzeros: int, vocab_size: int, *, seed: int = 0) -> Store:
  """Returns symmetric co-occurrence counts of about this many pairs of words, in memory."""
  half = nonzeros // 2
  rows = zipf_ids(half, vocab_size, seed=seed).astype(np.int64)
  cols = zipf_ids(half, vocab_size, seed=seed + 1)
  pairs = np.concatenate([rows * vocab_size + cols, cols * np.int64(vocab_size) + rows])
  pairs, occurrences = np.unique(pairs, return_counts=True)
  lengths = np.bincount(pairs // vocab_size, minlength=vocab_size)
  return Store(
    folder=pathlib.Path(),
    indptr=np.append(0, np.cumsum(lengths)),
    cols=(pairs % vocab_size).astype(np.int32),
    counts=occurrences.astype(np.float64),
  )
