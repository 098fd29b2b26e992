"""Batches of texts as padded rows of ids, of few different lengths, as a function of (seed, step)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

PADDING, UNKNOWN = 0, 1  # ids that stand for no word, and for words that have no id of their own


class Batch(NamedTuple):
  """B texts of up to T tokens, and what is to be learnt of them; all zeros for a row that is none."""

  ids: np.ndarray     # [B, T] int32; 0 is padding
  mask: np.ndarray    # [B, T] float32, 1 for tokens, 0 for padding
  chars: np.ndarray | None  # [B, T, W] int32, the characters of each token, 0 is padding; None where none are used
  target: np.ndarray  # [B] int32 classes, or [B, T] int32 tags
  weight: np.ndarray  # [B] float32, 1 for texts, 0 for padding
  types: np.ndarray | None = None  # [B, T] int32, of which of two texts a token is; None where none are used
  first: np.ndarray | None = None  # [B, T] int32, where in `ids` each word begins; `mask`, `chars`, tags are words'


class Examples(NamedTuple):
  """N texts as numbers."""

  ids: list[np.ndarray]           # of each text [T] int32
  target: list                    # of each text an integer, or [T] integers
  chars: list[np.ndarray] | None = None  # of each text [T, W] int32
  types: list[np.ndarray] | None = None  # of each text [T] int32
  first: list[np.ndarray] | None = None  # of each text, of each word, no more than T


class SentenceBatches(NamedTuple):
  """`batch(step)`; every text is in one batch of an epoch."""

  batch: Callable[[int], Batch]
  steps_per_epoch: int


def number(texts: Iterable[Sequence[str]], index: Mapping[str, int]) -> list[np.ndarray]:
  """The ids of each text's tokens, [T] int32 each; UNKNOWN for those without."""
  return [np.array([index.get(word, UNKNOWN) for word in text], np.int32) for text in texts]


def alphabet(texts: Iterable[Sequence[str]]) -> dict[str, int]:
  """Ids from 2 on of all characters, the most frequent first; 0 is padding and 1 an unknown one."""
  counts = Counter(character for text in texts for word in text for character in word)
  return {character: i for i, character in enumerate(sorted(counts, key=lambda one: (-counts[one], one)), 2)}


def spell(texts: Iterable[Sequence[str]], index: Mapping[str, int], longest: int = 20) -> list[np.ndarray]:
  """The characters of each token, [T, longest] int32 a text; of a longer token the first and the last ones."""
  head = longest - longest // 2
  def one(word: str) -> list[int]:
    kept = word if len(word) <= longest else word[:head] + word[-(longest - head) :]
    return [index.get(character, UNKNOWN) for character in kept] + [PADDING] * (longest - len(kept))
  known = {}
  def cached(word: str) -> list[int]:
    return known[word] if word in known else known.setdefault(word, one(word))
  return [np.array([cached(word) for word in text], np.int32).reshape(-1, longest) for text in texts]


def lengths(examples: Examples, buckets: int) -> np.ndarray:
  """So many lengths, or fewer, ascending, that texts are padded to: about as many texts under each; multiples of 4."""
  sizes = np.array([len(ids) for ids in examples.ids])
  bounds = np.quantile(sizes, np.arange(1, buckets + 1) / buckets, method="higher")
  return np.unique(np.maximum(4, -(-bounds // 4) * 4).astype(int))


def batches(
  examples: Examples, *, batch_size: int, seed: int, buckets: int = 4,
  augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
) -> SentenceBatches:
  """Every text once an epoch, in batches of one of few lengths, shuffled anew each time.

  Args:
    batch_size: rows; where texts of a length run out they are padding.
    buckets: how many lengths at most.
    augment: (ids [T], generator) -> ids of another length, for texts whose target is one class.
  """
  bounds = lengths(examples, buckets)
  bucket = np.searchsorted(bounds, [len(ids) for ids in examples.ids])
  members = [np.flatnonzero(bucket == i) for i in range(len(bounds))]
  steps = sum(-(-len(own) // batch_size) for own in members)
  latest = {}  # the epoch in use, so that it is not made anew for each of its batches

  def epoch(number: int) -> list[tuple[np.ndarray, int]]:
    rng = np.random.default_rng((seed, number))
    shuffled = [(rng.permutation(own), bound) for own, bound in zip(members, bounds, strict=True)]
    parts = [(own[start : start + batch_size], bound)
             for own, bound in shuffled for start in range(0, len(own), batch_size)]
    return [parts[i] for i in rng.permutation(len(parts))]

  def batch(step: int) -> Batch:
    number, place = divmod(step, steps)
    if latest.get("epoch") != number:
      latest.update(epoch=number, parts=epoch(number))
    chosen, bound = latest["parts"][place]
    if augment is None:
      return gather(examples, chosen, batch_size, bound)
    rng = np.random.default_rng((seed, 1, step))
    changed = Examples([augment(examples.ids[i], rng)[:bound] for i in chosen], [examples.target[i] for i in chosen])
    return gather(changed, range(len(chosen)), batch_size, bound)

  return SentenceBatches(batch, steps)


def in_order(examples: Examples, *, batch_size: int, bounds: np.ndarray) -> Iterator[tuple[np.ndarray, Batch]]:
  """All texts once, those of a length together: (their places, their batch).

  Args:
    bounds: lengths to pad to, such as those of `lengths`; a longer text is padded to a multiple of the last.
  """
  sizes = np.array([len(ids) for ids in examples.ids])
  padded = np.where(sizes <= bounds[-1], bounds[np.minimum(np.searchsorted(bounds, sizes), len(bounds) - 1)],
                    -(-sizes // bounds[-1]) * bounds[-1])
  for bound in np.unique(padded):
    members = np.flatnonzero(padded == bound)
    for start in range(0, len(members), batch_size):
      places = members[start : start + batch_size]
      yield places, gather(examples, places, batch_size, int(bound))


def gather(examples: Examples, places: Sequence[int], rows: int, length: int) -> Batch:
  """The texts at some places in a batch of so many rows and tokens."""
  per_token = len(examples.target) > 0 and np.ndim(examples.target[0]) > 0
  def padded(values: Sequence | None, *inner: int) -> np.ndarray | None:
    if values is None:
      return None
    found = np.zeros((rows, length, *inner), np.int32)
    for row, place in enumerate(places):
      found[row, : len(values[place])] = values[place]
    return found
  mask, target = np.zeros((rows, length), np.float32), np.zeros(rows, np.int32)
  for row, place in enumerate(places):
    mask[row, : len((examples.first or examples.ids)[place])] = 1
    target[row] = 0 if per_token else examples.target[place]
  chars = padded(examples.chars, *(examples.chars[0].shape[1:] if examples.chars else ()))
  return Batch(padded(examples.ids), mask, chars, padded(examples.target) if per_token else target,
               (np.arange(rows) < len(places)).astype(np.float32), padded(examples.types), padded(examples.first))
