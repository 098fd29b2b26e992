"""Reads and writes the dictionary of fastText's models: words and labels with their counts."""

import struct
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple

import numpy as np

from glove_jax.data import ngrams
from glove_jax.errors import InputError
from glove_jax.interop.binary_reader import Reader

MAX_COUNT = 10**15  # fastText's Huffman trees treat it as infinity
SIZES = struct.Struct("<3i2q")
OLD_SIZES = struct.Struct("<3iq")
_ENTRY = struct.Struct("<qb")  # count, kind
_MIN_ENTRY_BYTES = 1 + _ENTRY.size  # the null byte that ends a word, and the rest
_WORD_KIND = 0
_LABEL_KIND = 1


class Sizes(NamedTuple):
  """Entry counts in the header of a dictionary."""

  entries: int
  words: int
  labels: int
  tokens: int
  pruned: int = -1  # n-grams that were kept; -1: the model is not pruned

  def are_consistent(self) -> bool:
    """Returns whether words and labels add up and no number is negative."""
    add_up = self.entries == self.words + self.labels
    return add_up and min(self.words, self.labels, self.tokens) >= 0 and self.pruned >= -1


class Dictionary(NamedTuple):
  """Words and labels with their counts, and for a pruned model the n-grams that were kept."""

  words: list[str]
  counts: np.ndarray        # [V] int64
  labels: list[str]
  label_counts: np.ndarray  # [L] int64
  tokens: int               # of the training text
  prune: np.ndarray | None  # [P, 2] int32: (bucket, row), ordered by bucket


def old_sizes(data: bytes, offset: int) -> Sizes:
  """Returns the sizes of a dictionary in a file from before there was a magic number."""
  return Sizes(*OLD_SIZES.unpack_from(data, offset))


def write(file: IO[bytes], dictionary: Any) -> None:
  """Writes the fields of a `Dictionary` that is not pruned.

  Raises:
    InputError: for a word that the format cannot hold.
  """
  num_words = len(dictionary.words)
  num_labels = len(dictionary.labels)
  sizes = Sizes(num_words + num_labels, num_words, num_labels, dictionary.tokens)
  file.write(SIZES.pack(*sizes))
  file.writelines(_pack_entries(dictionary.words, dictionary.counts, _WORD_KIND))
  file.writelines(_pack_entries(dictionary.labels, dictionary.label_counts, _LABEL_KIND))


def read(reader: Reader, num_buckets: int, *, old_format: bool) -> Dictionary:
  """Reads a dictionary.

  Args:
    reader: at the dictionary.
    num_buckets: how many buckets n-grams are hashed to.
    old_format: whether the file is from before there was a magic number, and pruning.

  Raises:
    InputError: if the file is truncated or sizes, kinds, counts or rows make no sense.
  """
  start = reader.position
  form = OLD_SIZES if old_format else SIZES
  sizes = Sizes(*reader.unpack(form, "the dictionary's sizes"))
  if not sizes.are_consistent():
    raise reader.error(
      start,
      f"found {sizes.entries:,} entries, {sizes.words:,} words, {sizes.labels:,} labels, "
      f"{sizes.tokens:,} tokens, {sizes.pruned:,} pruned n-grams, expected words and labels to add "
      "up, none below 0",
    )
  reader.require(_MIN_ENTRY_BYTES * sizes.entries, f"{sizes.entries:,} entries")
  counts_by_word = _read_entries(reader, sizes)
  entries = list(counts_by_word)
  counts = np.array(list(counts_by_word.values()), np.int64)
  prune = None
  if sizes.pruned >= 0:
    prune = _read_prune(reader, sizes.pruned, num_buckets)
  return Dictionary(
    words=entries[: sizes.words],
    counts=counts[: sizes.words],
    labels=entries[sizes.words :],
    label_counts=counts[sizes.words :],
    tokens=sizes.tokens,
    prune=prune,
  )


def _pack_entries(words: list[str], counts: Iterable[int], kind: int) -> Iterator[bytes]:
  for word, count in zip(words, counts, strict=True):
    try:
      data = ngrams.encode(word)
    except UnicodeEncodeError as error:
      message = f"The word {word!r} cannot be written as UTF-8 ({error.reason})."
      raise InputError(message) from None
    if b"\0" in data:
      raise InputError(f"A fastText model cannot hold the word {word!r}: it has a null character.")
    yield data + b"\0" + _ENTRY.pack(count, kind)


def _read_entries(reader: Reader, sizes: Sizes) -> dict[str, int]:
  """Reads words, then labels, with their counts."""
  counts: dict[str, int] = {}
  for number in range(sizes.entries):
    start = reader.position
    word = reader.read_word()
    count, kind = reader.unpack(_ENTRY, "an entry")
    expected_kind = _WORD_KIND if number < sizes.words else _LABEL_KIND
    if word in counts:
      raise reader.error(start, f"found {word!r} a second time, expected different words")
    if kind != expected_kind or not 0 <= count < MAX_COUNT:
      raise reader.error(
        start,
        f"found {word!r} of kind {kind} with count {count:,}, expected kind {expected_kind} (0 "
        f"word, 1 label) and 0 to {MAX_COUNT:,}",
      )
    counts[word] = count
  return counts


def _read_prune(reader: Reader, size: int, num_buckets: int) -> np.ndarray:
  """Reads the buckets of kept n-grams and their rows: [size, 2] int32, ordered by bucket."""
  start = reader.position
  pairs = reader.read_array("<i4", 2 * size, "kept n-grams").reshape(size, 2)
  if not size:
    return pairs
  pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
  buckets, rows = pairs.T
  in_range = buckets[0] >= 0 and buckets[-1] < num_buckets
  all_differ = np.diff(buckets).all()
  rows_are_valid = rows.min() >= 0 and rows.max() < size
  if not (in_range and all_differ and rows_are_valid):
    raise reader.error(
      start,
      f"found n-grams {buckets[0]:,} to {buckets[-1]:,} with rows {rows.min():,} to "
      f"{rows.max():,}, expected different ones below {num_buckets:,} with rows below {size:,}",
    )
  return pairs
