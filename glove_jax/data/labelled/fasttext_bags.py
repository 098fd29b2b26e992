"""Texts as bags of features, as Facebook's fastText reads them.

A text's features are its words, their character n-grams, its word n-grams, and `</s>`, which ends
it. Each is a row of the embedding table, numbered as in fastText's models: words first, most
frequent first, then the buckets of n-grams.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import ngrams
from glove_jax.errors import InputError

LABEL_PREFIX = "__label__"  # marks labels wherever they are in a text
SPACES = re.compile("[ \n\r\t\v\f\0]+")  # separate words


class Dictionary(NamedTuple):
  """The words and labels of the training texts, most frequent first, ties alphabetical."""

  words: tuple[str, ...]
  counts: np.ndarray        # [V] int64
  labels: tuple[str, ...]   # without LABEL_PREFIX
  label_counts: np.ndarray  # [C] int64
  tokens: int               # words, ends of texts and labels in all


class NgramOptions(NamedTuple):
  """The n-grams that are features of a text beside its words, by the names of `fasttext.Args`."""

  word_ngrams: int = 1  # longest word n-grams; 1: none
  minn: int = 0         # shortest and
  maxn: int = 0         # longest character n-grams; 0: none
  bucket: int = 0       # rows that n-grams are hashed to


class FeatureBags(NamedTuple):
  """The features of N texts in the layout of a sparse matrix; a repeated feature is repeated."""

  indptr: np.ndarray  # [N + 1] int64
  rows: np.ndarray    # [M] int64, `rows[indptr[i] : indptr[i + 1]]` of text i


class Tokens(NamedTuple):
  """The T tokens of N texts, one text after another."""

  words: list[str]    # the W distinct ones
  hashes: np.ndarray  # [W] uint32, `ngrams.fnv1a` of each
  index: np.ndarray   # [T] int64, of each token's word in `words`
  text: np.ndarray    # [T] int64, which text a token belongs to
  num_texts: int


def split_words(tokens: Iterable[str]) -> list[str]:
  """Returns the words that fastText reads of these tokens with spaces between.

  Labels are left out, and the text ends at the first `</s>`, which is added.
  """
  text = " ".join(tokens)
  # Of these characters only the space is printable, and `str.split` is faster.
  words = list(filter(None, text.split(" ") if text.isprintable() else SPACES.split(text)))
  if LABEL_PREFIX in text:
    words = [word for word in words if not word.startswith(LABEL_PREFIX)]
  words.append(ngrams.EOS)
  return words[: words.index(ngrams.EOS) + 1]


def number_words(texts: Sequence[Sequence[str]]) -> Tokens:
  """Numbers the distinct words of texts.

  Args:
    texts: words as from `split_words`.
  """
  flat = list(itertools.chain.from_iterable(texts))
  index = {word: number for number, word in enumerate(dict.fromkeys(flat))}
  words = list(index)
  sizes = np.array(list(map(len, texts)), np.int64)
  return Tokens(
    words=words,
    hashes=ngrams.hash_words(words),
    index=np.fromiter(map(index.__getitem__, flat), np.int64, len(flat)),
    text=np.repeat(np.arange(len(texts)), sizes),
    num_texts=len(texts),
  )


def build_dictionary(
  tokens: Tokens, labels: Iterable[Sequence[str]], min_count: int = 1
) -> Dictionary:
  """Counts words and labels.

  Args:
    tokens: of the training texts.
    labels: of each text.
    min_count: occurrences of the words that are kept; labels are all kept.

  Raises:
    InputError: no word is kept.
  """
  counts = np.bincount(tokens.index, minlength=len(tokens.words)).tolist()
  word_counts = Counter(dict(zip(tokens.words, counts, strict=True)))
  label_counts = Counter(itertools.chain.from_iterable(labels))
  words, counts = _rank(word_counts, min_count)
  if not words:
    raise InputError(
      f"min_count={min_count} leaves no word of {len(word_counts):,}, expected a smaller one.")
  ranked_labels, counts_of_labels = _rank(label_counts, 1)
  return Dictionary(
    words=words,
    counts=np.array(counts, np.int64),
    labels=ranked_labels,
    label_counts=np.array(counts_of_labels, np.int64),
    tokens=word_counts.total() + label_counts.total(),
  )


def _rank(counts: Counter[str], min_count: int) -> tuple[tuple[str, ...], list[int]]:
  """Returns (entries, their counts), most frequent first, ties alphabetical."""
  ranked = sorted(counts, key=lambda entry: (-counts[entry], entry))
  kept = []
  kept_counts = []
  for entry in ranked:
    if counts[entry] < min_count:
      break
    kept.append(entry)
    kept_counts.append(counts[entry])
  return tuple(kept), kept_counts


def encode(tokens: Tokens, words: Sequence[str], options: NgramOptions) -> FeatureBags:
  """Returns the features of texts. Words out of the vocabulary count by their n-grams only.

  Args:
    tokens: of the texts.
    words: the vocabulary.
    options: which n-grams are features.
  """
  row_of = {word: row for row, word in enumerate(words)}
  word_rows = np.array([row_of.get(word, -1) for word in tokens.words], np.int64)
  token_rows = word_rows[tokens.index]
  in_vocabulary = token_rows >= 0
  owners = [tokens.text[in_vocabulary]]
  rows = [token_rows[in_vocabulary]]
  for positions, buckets in _ngrams(tokens, options):
    owners.append(tokens.text[positions])
    rows.append(len(words) + buckets)
  owner = np.concatenate(owners)
  order = np.argsort(owner, kind="stable")
  sizes = np.bincount(owner, minlength=tokens.num_texts)
  return FeatureBags(
    indptr=np.concatenate([[0], np.cumsum(sizes)]),
    rows=np.concatenate(rows)[order],
  )


def suitable_buckets(tokens: Tokens, options: NgramOptions) -> int:
  """Returns how many buckets suit the n-grams of texts; see `ngrams.suitable_buckets`.

  Args:
    tokens: of the texts.
    options: which n-grams are features, whatever their buckets.
  """
  hashed = _ngrams(tokens, options._replace(bucket=ngrams.NUM_HASHES))
  hashes = np.concatenate([np.zeros(0, np.int64), *(hashes for _, hashes in hashed)])
  return ngrams.suitable_buckets(len(ngrams.distinct_hashes(hashes.astype(np.int32))))


def _ngrams(
  tokens: Tokens, options: NgramOptions
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
  """Yields the positions and the buckets of n-grams, first of characters, then of words."""
  if options.bucket and options.maxn:
    yield _character_ngrams(tokens, options)
  if options.bucket and options.word_ngrams > 1:
    yield _word_ngrams(tokens, options)


def _character_ngrams(tokens: Tokens, options: NgramOptions) -> tuple[np.ndarray, np.ndarray]:
  """Returns (the position of its token, its bucket) of each character n-gram, [N] int64 both."""
  indptr, buckets = ngrams.table(tokens.words, options.minn, options.maxn, options.bucket)
  sizes = np.diff(indptr)[tokens.index]
  indices = ranges(indptr[tokens.index], sizes)
  positions = np.repeat(np.arange(len(tokens.index)), sizes)
  return positions, buckets[indices].astype(np.int64)


def _word_ngrams(tokens: Tokens, options: NgramOptions) -> tuple[np.ndarray, np.ndarray]:
  """Returns (the position of its first token, its bucket) of each word n-gram, [N] int64 both."""
  hashes = tokens.hashes[tokens.index]
  # Those of all texts as if they were one; n-grams that cross the end of a text are dropped.
  buckets = ngrams.word_ngram_ids(hashes, options.word_ngrams, options.bucket)
  positions = np.arange(len(hashes))
  left = len(hashes) - positions  # tokens from each one to the end
  sizes = np.minimum(options.word_ngrams, left) - 1  # n-grams that begin at each token
  first = np.repeat(positions, sizes)
  last = ranges(positions + 1, sizes)
  inside = tokens.text[first] == tokens.text[last]
  return first[inside], buckets[inside].astype(np.int64)


def ranges(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
  """Returns start, start + 1, ... of each range, one range after another: [sum of sizes]."""
  before = np.cumsum(sizes) - sizes
  return np.arange(sizes.sum()) + np.repeat(starts - before, sizes)
