"""Subwords as Facebook's fastText cuts and hashes them: pieces of `<word>`, and runs of words.

Ideas: Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information", sec. 3.2; Joulin et al. 2017, "Bag of
Tricks for Efficient Text Classification", sec. 2.2. What the papers leave open is as in that program's dictionary.cc.

Bytes of a file that are no UTF-8 live in a `str` as surrogates (`errors="surrogateescape"`), so none is lost.
"""

import re
from collections.abc import Sequence

import numpy as np

EOS = "</s>"  # the end of a line; a word without subwords

_BASIS, _PRIME = 2166136261, 16777619  # 32-bit FNV-1a
_WORD_PRIME = 116049371
_BLOCK = 10_000  # words hashed at a time
# A character is a byte and the UTF-8 continuation bytes after it, be they whole characters or not.
_CHARACTER = re.compile("[^\udc80-\udcbf][\udc80-\udcbf]*")


def encode(word: str) -> bytes:
  """The bytes that are hashed; UnicodeEncodeError for a surrogate that stands for no byte."""
  return word.encode("utf-8", "surrogateescape")


def fnv1a(data: bytes) -> int:
  """The 32-bit FNV-1a hash, 0 to 2^32 - 1, with a twist: bytes from 0x80 are negative `char`s, sign-extended first."""
  value = _BASIS
  for byte in data:
    value = ((value ^ (byte | (0xFFFFFF00 if byte & 0x80 else 0))) * _PRIME) & 0xFFFFFFFF
  return value


def ngrams(word: str, min_n: int, max_n: int) -> list[str]:
  """The runs of `min_n` to `max_n` characters of `<word>`, by their start, then their length; none of `</s>`.

  The lone `<` and `>` are left out, and so is whatever UTF-8 continuation byte is glued to them.
  """
  if word == EOS:
    return []
  characters = _CHARACTER.findall(f"<{word}>")
  size = len(characters)
  return ["".join(characters[start : start + n])
          for start in range(size)
          for n in range(max(min_n, 1), min(max_n, size - start) + 1)
          if n > 1 or 0 < start < size - 1]


def ids(word: str, min_n: int, max_n: int, buckets: int) -> np.ndarray:
  """[N] int32, the bucket of each of `ngrams`, 0 to `buckets` - 1; no buckets, no n-grams."""
  if buckets < 1:
    return np.zeros(0, np.int32)
  return np.array([fnv1a(encode(piece)) % buckets for piece in ngrams(word, min_n, max_n)], np.int32)


def table(words: Sequence[str], min_n: int, max_n: int, buckets: int) -> tuple[np.ndarray, np.ndarray]:
  """The `ids` of all words at once, in the layout of a sparse matrix's rows.

  Returns:
    indptr [V + 1] int64 and ids [N] int32: those of `words[i]` are `ids[indptr[i] : indptr[i + 1]]`.
  """
  if buckets < 1:
    return np.zeros(len(words) + 1, np.int64), np.zeros(0, np.int32)
  blocks = [_hash_words(words[start : start + _BLOCK], min_n, max_n, buckets) for start in range(0, len(words), _BLOCK)]
  counts = np.concatenate([np.zeros(1, np.int64), *(counts for counts, _ in blocks)])
  return np.cumsum(counts), np.concatenate([np.zeros(0, np.int32), *(found for _, found in blocks)])


def word_ngram_ids(hashes: Sequence[int] | np.ndarray, n: int, buckets: int) -> np.ndarray:
  """[N] int32, the buckets of the runs of 2 to `n` words of a line, by their start, then their length.

  Args:
    hashes: [T], `fnv1a` of each word.
    n: the longest run; below 2 there is none.
    buckets: their number; none, no n-grams.
  """
  # The program keeps hashes as int32 and adds them, sign-extended, to uint64.
  hashes = np.asarray(hashes, np.int64).astype(np.int32).astype(np.int64).view(np.uint64)
  runs, longer = [], hashes
  for length in range(2, min(n, len(hashes)) + 1 if buckets > 0 else 0):
    longer = longer[:-1] * np.uint64(_WORD_PRIME) + hashes[length - 1 :]  # [T - length + 1]
    runs.append(longer % np.uint64(buckets))
  found = np.concatenate([np.zeros(0, np.uint64), *runs]).astype(np.int32)
  starts = np.concatenate([np.zeros(0, np.int64), *(np.arange(len(run)) for run in runs)])
  return found[np.argsort(starts, kind="stable")]


def _hash_words(words: Sequence[str], min_n: int, max_n: int, buckets: int) -> tuple[np.ndarray, np.ndarray]:
  """Each word's number of n-grams [V] and their buckets [N]; those that start at each of C characters grow together."""
  coded = [b"<%b>" % encode(word) for word in words]
  text = np.frombuffer(b"".join(coded), np.uint8)
  signed = text.view(np.int8).astype(np.int32).view(np.uint32)
  heads = np.flatnonzero((text & 0xC0) != 0x80)  # [C], where characters start
  sizes = np.diff(heads, append=len(text))  # [C], their bytes
  ends = np.searchsorted(heads, np.cumsum([len(word) for word in coded]))  # [V], the character after each word
  lengths = np.diff(ends, prepend=0)  # [V], in characters
  place = np.arange(len(heads))
  left = np.repeat(ends, lengths) - place  # [C], characters from here to the word's end
  border = (left == 1) | (left == np.repeat(lengths, lengths))
  shortest = np.maximum(min_n, np.where(border, 2, 1))
  longest = np.minimum(max_n, left)
  longest[np.repeat([word == EOS for word in words], lengths)] = 0
  counts = np.maximum(longest - shortest + 1, 0)  # [C]
  offsets = np.cumsum(counts) - counts - shortest  # that of n characters goes to offsets + n
  found = np.empty(counts.sum(), np.int32)
  hashes = np.full(len(heads), _BASIS, np.uint32)
  for n in range(1, int(longest.max(initial=0)) + 1):
    alive = np.flatnonzero(longest >= n)
    last = alive + (n - 1)  # the character that joins
    for byte in range(sizes[last].max()):
      on = sizes[last] > byte
      starts = alive[on]
      hashes[starts] = (hashes[starts] ^ signed[heads[last[on]] + byte]) * np.uint32(_PRIME)
    whole = alive[shortest[alive] <= n]
    found[offsets[whole] + n] = hashes[whole] % np.uint32(buckets)
  return np.add.reduceat(counts, ends - lengths), found
