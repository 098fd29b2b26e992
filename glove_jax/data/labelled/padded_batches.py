"""Batches of texts as padded rows of token ids, of few different lengths: by (seed, step)."""

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.shares import WHOLE, Share

PADDING = 0
UNKNOWN = 1  # the id of words and characters that are not in the vocabulary


class PaddedBatch(NamedTuple):
  """B texts of up to T tokens with their labels. Rows of padding are all zeros."""

  ids: np.ndarray     # [B, T] int32; 0 is padding
  mask: np.ndarray    # [B, T] float32, 1 for tokens, 0 for padding
  chars: np.ndarray | None  # [B, T, W] int32, characters of each token; 0 is padding
  target: np.ndarray  # [B] int32 classes, or [B, T] int32 tags
  weight: np.ndarray  # [B] float32, 1 for texts, 0 for rows of padding
  types: np.ndarray | None = None  # [B, T] int32, which text of a pair a token belongs to, 0 or 1
  # [B, T] int32, position in `ids` of each word's first subword. Where it is set, `mask`, `chars`
  # and tags are those of words.
  first: np.ndarray | None = None
  # Where they are set, `ids` and `types` are [R, L], rows that hold several texts.
  documents: np.ndarray | None = None  # [R, L] int32, tells the texts of a row apart; 0 is padding
  places: np.ndarray | None = None     # [B, T] int32, place of each token among the R * L


class Examples(NamedTuple):
  """N texts as arrays of different lengths."""

  ids: list[np.ndarray]           # of each text [T] int32
  target: list                    # of each text an integer, or [T] integers
  chars: list[np.ndarray] | None = None  # of each text [T, W] int32
  types: list[np.ndarray] | None = None  # of each text [T] int32
  first: list[np.ndarray] | None = None  # of each text [words] int32, with words <= T


def take(examples: Examples, indices: Iterable[int]) -> Examples:
  """Returns the texts at some indices."""
  indices = list(indices)
  fields = []
  for values in examples:
    fields.append(None if values is None else [values[index] for index in indices])
  return Examples(*fields)


class PaddedBatches(NamedTuple):
  """`batch(step)` has every text once an epoch."""

  batch: Callable[..., PaddedBatch]  # of a step and a share
  steps_per_epoch: int


Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def token_ids(texts: Iterable[Sequence[str]], index: Mapping[str, int]) -> list[np.ndarray]:
  """Returns the ids of each text's tokens, [T] int32; UNKNOWN for words that are not in `index`."""
  return [np.array([index.get(word, UNKNOWN) for word in text], np.int32) for text in texts]


def character_vocabulary(texts: Iterable[Sequence[str]]) -> dict[str, int]:
  """Returns an id for each character, most frequent first, ties by code point.

  Ids start at 2, after PADDING and UNKNOWN.
  """
  counts = Counter()
  for text in texts:
    for word in text:
      counts.update(word)
  ranked = sorted(counts, key=lambda character: (-counts[character], character))
  return {character: i for i, character in enumerate(ranked, 2)}


def character_ids(
  texts: Iterable[Sequence[str]], index: Mapping[str, int], longest: int = 20
) -> list[np.ndarray]:
  """Returns the character ids of each token, [T, longest] int32 a text.

  Args:
    texts: tokens of each text.
    index: the id of each character.
    longest: characters of a token; of a longer one the first and the last are taken, half each.
  """
  cache = {}
  arrays = []
  for text in texts:
    rows = []
    for word in text:
      if word not in cache:
        cache[word] = _spell(word, index, longest)
      rows.append(cache[word])
    arrays.append(np.array(rows, np.int32).reshape(-1, longest))
  return arrays


def _spell(word: str, index: Mapping[str, int], longest: int) -> list[int]:
  if len(word) > longest:
    tail = longest // 2
    word = word[: longest - tail] + word[len(word) - tail :]
  ids = [PADDING] * longest
  for position, character in enumerate(word):
    ids[position] = index.get(character, UNKNOWN)
  return ids


def length_buckets(examples: Examples, buckets: int, *, min_saving: float = 0) -> np.ndarray:
  """Returns the lengths to pad texts to: at most `buckets` of them, ascending multiples of 4.

  About equally many texts go into each.

  Args:
    examples: the texts.
    buckets: how many lengths, at most.
    min_saving: each further length must save this many tokens of padding an epoch.
  """
  sizes = _sizes(examples)
  lengths = _quantile_lengths(sizes, 1)
  padded = _padded_size(sizes, lengths)
  for number in range(2, buckets + 1):
    candidates = _quantile_lengths(sizes, number)
    candidates_padded = _padded_size(sizes, candidates)
    new_lengths = len(candidates) - len(lengths)
    if padded - candidates_padded >= min_saving * new_lengths:
      lengths = candidates
      padded = candidates_padded
  return lengths


def _quantile_lengths(sizes: np.ndarray, buckets: int) -> np.ndarray:
  quantiles = np.arange(1, buckets + 1) / buckets
  bounds = np.quantile(sizes, quantiles, method="higher")
  rounded = -(-bounds // 4) * 4
  return np.unique(np.maximum(4, rounded).astype(int))


def _padded_size(sizes: np.ndarray, lengths: np.ndarray) -> int:
  """Returns the tokens of texts that are padded to the next of some lengths."""
  return int(lengths[np.searchsorted(lengths, sizes)].sum())


def _sizes(examples: Examples) -> np.ndarray:
  return np.array(list(map(len, examples.ids)))


def shuffled_batches(
  examples: Examples, *, batch_size: int, seed: int, lengths: np.ndarray,
  augment: Augment | None = None,
) -> PaddedBatches:
  """Returns batches of texts of similar length, shuffled anew each epoch.

  Args:
    examples: the texts.
    batch_size: B; the last batch of each length is filled up with padding.
    seed: of the order and of `augment`.
    lengths: to pad to, of `length_buckets`.
    augment: (ids [T], generator) -> ids of any length. Only for texts with one class each.
  """
  bucket_of = np.searchsorted(lengths, _sizes(examples))
  steps = sum(-(-size // batch_size) for size in np.bincount(bucket_of).tolist())

  @functools.lru_cache(maxsize=1)  # an epoch is shuffled once, not for each of its batches
  def epoch_order(epoch: int) -> list[tuple[np.ndarray, int]]:
    rng = np.random.default_rng((seed, epoch))
    return _shuffle(bucket_of, batch_size, rng)

  def batch(step: int, share: Share = WHOLE) -> PaddedBatch:
    epoch, number = divmod(step, steps)
    indices, bucket = epoch_order(epoch)[number]
    length = int(lengths[bucket])
    own = share.rows(batch_size)
    own_indices = own[own < len(indices)]  # in the batch
    if augment is None:
      return collate(examples, indices[own_indices], len(own), length)
    rng = np.random.default_rng((seed, 1, step))
    augmented = Examples(ids=[], target=[])
    for i in indices:
      augmented.ids.append(augment(examples.ids[i], rng)[:length])
      augmented.target.append(examples.target[i])
    return collate(augmented, own_indices, len(own), length)

  return PaddedBatches(batch, steps)


def _shuffle(
  bucket_of: np.ndarray, batch_size: int, rng: np.random.Generator
) -> list[tuple[np.ndarray, int]]:
  """Returns (indices of texts, bucket) of each batch of an epoch, in random order."""
  batches = []
  for bucket in range(bucket_of.max() + 1):
    shuffled = rng.permutation(np.flatnonzero(bucket_of == bucket))
    for start in range(0, len(shuffled), batch_size):
      batches.append((shuffled[start : start + batch_size], bucket))
  return [batches[i] for i in rng.permutation(len(batches))]


def batches_in_order(
  examples: Examples, *, batch_size: int, bounds: np.ndarray
) -> Iterator[tuple[np.ndarray, PaddedBatch]]:
  """Yields (indices of texts, their batch): each text once, those of similar length together.

  All batches but the last are full, so that few texts make batches of few lengths.

  Args:
    examples: the texts.
    batch_size: B.
    bounds: lengths to pad to, ascending, as from `length_buckets`; a text that is longer than the
      last is padded to a multiple of it.
  """
  sizes = _sizes(examples)
  longest = bounds[-1]
  bucket = np.searchsorted(bounds[:-1], sizes)
  multiple = -(-sizes // longest) * longest
  padded = np.where(sizes <= longest, bounds[bucket], multiple)
  order = np.argsort(padded, kind="stable")
  for start in range(0, len(order), batch_size):
    indices = order[start : start + batch_size]
    length = int(padded[indices[-1]])
    yield indices, collate(examples, indices, batch_size, length)


def collate(
  examples: Examples, indices: Sequence[int], rows: int, length: int
) -> PaddedBatch:
  """Returns some texts as one batch.

  Args:
    examples: the texts.
    indices: which of them, no more than `rows`.
    rows: B.
    length: T, no less than the longest of these texts.
  """
  shape = (rows, length)
  tokens = examples.ids if examples.first is None else examples.first
  mask = np.zeros(shape, np.float32)
  for row, i in enumerate(indices):
    mask[row, : len(tokens[i])] = 1
  chars = None
  if examples.chars:
    word_length = examples.chars[0].shape[1]
    chars = _pad(examples.chars, indices, (rows, length, word_length))
  is_row = np.arange(rows) < len(indices)
  return PaddedBatch(
    ids=_pad(examples.ids, indices, shape),
    mask=mask,
    chars=chars,
    target=_targets(examples.target, indices, shape),
    weight=is_row.astype(np.float32),
    types=_pad(examples.types, indices, shape),
    first=_pad(examples.first, indices, shape),
  )


def _targets(target: Sequence, indices: Sequence[int], shape: tuple[int, int]) -> np.ndarray:
  """Returns padded tags, or classes with 0 for rows of padding."""
  if len(target) and np.ndim(target[0]):
    return _pad(target, indices, shape)
  classes = np.zeros(shape[0], np.int32)
  for row, i in enumerate(indices):
    classes[row] = target[i]
  return classes


def _pad(
  values: Sequence | None, indices: Sequence[int], shape: tuple[int, ...]
) -> np.ndarray | None:
  """Returns the arrays at `indices` as rows of one int32 array, followed by zeros."""
  if values is None:
    return None
  padded = np.zeros(shape, np.int32)
  for row, i in enumerate(indices):
    padded[row, : len(values[i])] = values[i]
  return padded
