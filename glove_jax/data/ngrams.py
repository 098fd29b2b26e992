"""Character and word n-grams, extracted and hashed as Facebook's fastText does.

Papers: Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information", sec. 3.2; Joulin
et al. 2017, "Bag of Tricks for Efficient Text Classification", sec. 2.2. Details that the papers
leave open follow fastText's dictionary.cc.

Bytes that are not valid UTF-8 are kept in a `str` as surrogates (`errors="surrogateescape"`), so
none is lost.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

MAX_BUCKETS = 2_000_000  # Facebook's number for texts of any size
NUM_HASHES = 2**31 - 1  # as many as int32 has: for counting distinct n-grams

EOS = "</s>"  # the end of a line; a word without n-grams

_FNV_BASIS = 2166136261
_FNV_PRIME = 16777619
_WORD_PRIME = 116049371
_BLOCK = 10_000  # words hashed at a time
# A character is a byte and the UTF-8 continuation bytes after it, whether or not they form a valid
# character.
_CHARACTER = re.compile("[^\udc80-\udcbf][\udc80-\udcbf]*")


def encode(word: str) -> bytes:
  """Returns the bytes of a word that are hashed.

  Raises:
    UnicodeEncodeError: the word has a surrogate that stands for no byte.
  """
  return word.encode("utf-8", "surrogateescape")


def fnv1a(data: bytes) -> int:
  """Returns fastText's 32-bit FNV-1a hash, from 0 to 2^32 - 1.

  It differs from standard FNV-1a in one point: bytes from 0x80 are negative `char`s, which are
  sign-extended first.
  """
  value = _FNV_BASIS
  for byte in data:
    if byte & 0x80:
      byte |= 0xFFFFFF00
    value = ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
  return value


def hash_words(words: Sequence[str]) -> np.ndarray:
  """Returns the `fnv1a` of each word, [V] uint32; they grow together, a byte at a time."""
  encoded = list(map(encode, words))
  data = _sign_extended(np.frombuffer(b"".join(encoded), np.uint8))
  sizes = np.array(list(map(len, encoded)), np.int64)
  starts = np.cumsum(sizes) - sizes
  hashes = np.full(len(words), _FNV_BASIS, np.uint32)
  active = np.arange(len(words))
  for position in range(sizes.max(initial=0)):
    active = active[sizes[active] > position]
    hashes[active] = (hashes[active] ^ data[starts[active] + position]) * np.uint32(_FNV_PRIME)
  return hashes


def ngrams(word: str, min_n: int, max_n: int) -> list[str]:
  """Returns the n-grams of `min_n` to `max_n` characters of `<word>`, by start, then by length.

  The unigrams `<` and `>` are left out, including any UTF-8 continuation bytes attached to them.
  `</s>` has no n-grams.
  """
  if word == EOS:
    return []
  characters = _CHARACTER.findall(f"<{word}>")
  size = len(characters)
  result = []
  for start in range(size):
    is_bracket = start in (0, size - 1)
    shortest = max(min_n, 2 if is_bracket else 1)
    longest = min(max_n, size - start)
    for n in range(shortest, longest + 1):
      result.append("".join(characters[start : start + n]))
  return result


def ids(word: str, min_n: int, max_n: int, buckets: int) -> np.ndarray:
  """Returns the bucket, from 0 to `buckets` - 1, of each of a word's `ngrams`, [N] int32.

  Without buckets there are no n-grams.
  """
  if buckets < 1:
    return np.zeros(0, np.int32)
  hashes = [fnv1a(encode(ngram)) % buckets for ngram in ngrams(word, min_n, max_n)]
  return np.array(hashes, np.int32)


def table(
  words: Sequence[str], min_n: int, max_n: int, buckets: int
) -> tuple[np.ndarray, np.ndarray]:
  """Returns the `ids` of all words at once, in the layout of a compressed sparse row matrix.

  Returns:
    indptr [V + 1] int64 and ids [N] int32: those of `words[i]` are `ids[indptr[i] : indptr[i +
    1]]`.
  """
  if buckets < 1:
    return np.zeros(len(words) + 1, np.int64), np.zeros(0, np.int32)
  counts = [np.zeros(1, np.int64)]
  bucket_ids = [np.zeros(0, np.int32)]
  for start in range(0, len(words), _BLOCK):
    block_counts, block_ids = _hash_words(words[start : start + _BLOCK], min_n, max_n, buckets)
    counts.append(block_counts)
    bucket_ids.append(block_ids)
  return np.cumsum(np.concatenate(counts)), np.concatenate(bucket_ids)


def suitable_buckets(num_ngrams: int) -> int:
  """Returns how many buckets suit so many distinct n-grams: a power of two, at most `MAX_BUCKETS`.

  There are three to six times as many as n-grams, so that about four in five have a bucket of their
  own, and the table of a small text is small.
  """
  buckets = 1
  while buckets < 3 * num_ngrams and buckets < MAX_BUCKETS:
    buckets *= 2
  return min(buckets, MAX_BUCKETS)


def count_distinct(words: Sequence[str], min_n: int, max_n: int) -> int:
  """Returns how many distinct n-grams words have, up to `MAX_BUCKETS`; n-grams count by a hash."""
  distinct = np.zeros(0, np.int32)
  for start in range(0, len(words), _BLOCK):
    _, hashes = _hash_words(words[start : start + _BLOCK], min_n, max_n, NUM_HASHES)
    distinct = distinct_hashes(np.concatenate([distinct, hashes]))
    if len(distinct) >= MAX_BUCKETS:
      return MAX_BUCKETS
  return len(distinct)


def distinct_hashes(hashes: np.ndarray) -> np.ndarray:
  """Returns the distinct ones of hashes [N] int32, ascending; far faster than `np.unique`."""
  in_order = np.sort(hashes)
  return in_order[np.diff(in_order, prepend=-1) != 0]  # none is negative


def word_ngram_ids(hashes: Sequence[int] | np.ndarray, n: int, buckets: int) -> np.ndarray:
  """Returns the buckets of a line's n-grams of 2 to `n` words, by start, then by length, [N] int32.

  Args:
    hashes: `fnv1a` of each word, [T].
    n: the length of the longest n-gram; below 2 there are none.
    buckets: number of buckets; if 0 there are no n-grams.
  """
  # fastText keeps hashes as int32 and adds them, sign-extended, to uint64.
  hashes = np.asarray(hashes, np.int64).astype(np.int32).astype(np.int64).view(np.uint64)
  bucket_ids = [np.zeros(0, np.uint64)]
  starts = [np.zeros(0, np.int64)]
  longest = min(n, len(hashes)) if buckets > 0 else 0
  ngram_hashes = hashes
  for length in range(2, longest + 1):
    last_words = hashes[length - 1 :]
    ngram_hashes = ngram_hashes[:-1] * np.uint64(_WORD_PRIME) + last_words  # [T - length + 1]
    bucket_ids.append(ngram_hashes % np.uint64(buckets))
    starts.append(np.arange(len(ngram_hashes)))
  by_start = np.argsort(np.concatenate(starts), kind="stable")
  return np.concatenate(bucket_ids).astype(np.int32)[by_start]


class _Characters(NamedTuple):
  """The C characters of V words in angle brackets, one word after another, and their B bytes."""

  data: np.ndarray        # [B] uint32, each byte sign-extended
  start: np.ndarray       # [C], position of each character's first byte
  size: np.ndarray        # [C], bytes of each character
  word_start: np.ndarray  # [V], position of each word's first character
  word_size: np.ndarray   # [V], characters of each word


def _hash_words(
  words: Sequence[str], min_n: int, max_n: int, buckets: int
) -> tuple[np.ndarray, np.ndarray]:
  """Returns each word's number of n-grams [V] and the buckets of all n-grams [N] int32."""
  characters = _split_characters(words)
  shortest, longest = _ngram_lengths(characters, words, min_n, max_n)
  bucket_ids = _hash_ngrams(characters, shortest, longest, buckets)
  counts = np.add.reduceat(_num_ngrams(shortest, longest), characters.word_start)
  return counts, bucket_ids


def _split_characters(words: Sequence[str]) -> _Characters:
  bracketed = [b"<%b>" % encode(word) for word in words]
  text = np.frombuffer(b"".join(bracketed), np.uint8)
  is_continuation = (text & 0xC0) == 0x80  # of a UTF-8 character
  start = np.flatnonzero(~is_continuation)
  byte_ends = np.cumsum([len(word) for word in bracketed])
  word_end = np.searchsorted(start, byte_ends)
  word_size = np.diff(word_end, prepend=0)
  return _Characters(
    data=_sign_extended(text),
    start=start,
    size=np.diff(start, append=len(text)),
    word_start=word_end - word_size,
    word_size=word_size,
  )


def _sign_extended(text: np.ndarray) -> np.ndarray:
  """Returns bytes as `fnv1a` hashes them, uint32: those from 0x80 are negative."""
  return text.view(np.int8).astype(np.int32).view(np.uint32)


def _ngram_lengths(
  characters: _Characters, words: Sequence[str], min_n: int, max_n: int
) -> tuple[np.ndarray, np.ndarray]:
  """Returns the lengths of the shortest and longest n-grams that start at each character, [C]."""
  word_size = np.repeat(characters.word_size, characters.word_size)
  word_end = np.repeat(characters.word_start + characters.word_size, characters.word_size)
  remaining = word_end - np.arange(len(word_end))  # characters from here to the end of the word
  is_bracket = (remaining == 1) | (remaining == word_size)
  shortest = np.maximum(min_n, np.where(is_bracket, 2, 1))
  longest = np.minimum(max_n, remaining)
  is_eos = np.repeat([word == EOS for word in words], characters.word_size)
  longest[is_eos] = 0
  return shortest, longest


def _num_ngrams(shortest: np.ndarray, longest: np.ndarray) -> np.ndarray:
  return np.maximum(longest - shortest + 1, 0)


def _hash_ngrams(
  characters: _Characters, shortest: np.ndarray, longest: np.ndarray, buckets: int
) -> np.ndarray:
  """Returns the bucket of every n-gram, by its start, then by its length, [N] int32.

  The hash of n + 1 characters continues that of n, so the n-grams from all starts grow together, a
  byte at a time.
  """
  counts = _num_ngrams(shortest, longest)
  offsets = np.cumsum(counts) - counts - shortest  # the n-gram of n characters is at offsets + n
  bucket_ids = np.empty(counts.sum(), np.int32)
  hashes = np.full(len(counts), _FNV_BASIS, np.uint32)
  for n in range(1, int(longest.max(initial=0)) + 1):
    active = np.flatnonzero(longest >= n)
    last = active + (n - 1)  # the character to append
    for byte in range(characters.size[last].max()):
      has_byte = characters.size[last] > byte
      starts = active[has_byte]
      data = characters.data[characters.start[last[has_byte]] + byte]
      hashes[starts] = (hashes[starts] ^ data) * np.uint32(_FNV_PRIME)
    complete = active[shortest[active] <= n]
    positions = offsets[complete] + n
    bucket_ids[positions] = hashes[complete] % np.uint32(buckets)
  return bucket_ids
