"""Texts as bags of rows of a table, as Facebook's fastText counts and cuts them, and their batches by (seed, step).

A text's bag holds the rows of its words, of its words' pieces, of its runs of words, and of `</s>`, which ends it. Rows
are numbered as in that program's models: words first, most frequent first, then buckets.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import ngrams
from glove_jax.errors import InputError

LABEL_PREFIX = "__label__"  # what the program takes for a label, wherever it stands in a text
SPACES = re.compile("[ \n\r\t\v\f\0]+")  # what ends a word
_LARGEST = 1 << 20  # numbers of a batch of several turns: dozens of batches wait in memory
_ROUND = 32  # rows of a turn are a multiple of this: shapes that suit a device


class Dictionary(NamedTuple):
  """The words and labels of the texts that are learnt from, most frequent first, ties alphabetical."""

  words: tuple[str, ...]
  counts: np.ndarray        # [V] int64
  labels: tuple[str, ...]   # without `LABEL`
  label_counts: np.ndarray  # [C] int64
  tokens: int               # words, ends of texts and labels in all


class NgramOptions(NamedTuple):
  """What is looked up of a text beside its words: as in `facebook_files.Args`."""

  word_ngrams: int = 1  # runs of 2 to so many words; 1: none
  minn: int = 0         # n-grams of so many characters
  maxn: int = 0         # to so many; 0: none
  bucket: int = 0       # hashed to so many rows


class FeatureBags(NamedTuple):
  """N bags in the layout of a sparse matrix's rows; the same row as often as it occurs."""

  indptr: np.ndarray  # [N + 1] int64
  rows: np.ndarray    # [M] int64


class BagBatch(NamedTuple):
  """B bags in each of `turns` that follow one another, and the U rows that a turn's bags hold. Zeros are padding."""

  mean: np.ndarray    # [B, turns, U] float32, the share of each row in the mean over a bag
  labels: np.ndarray  # [B, turns, K] int32, 1 + label; 0: none, as of a bag without rows
  rows: np.ndarray    # [U, turns] int32, 1 + row, every row once; 0: none


class BagBatches(NamedTuple):
  """`batch(step)`: every bag once an epoch."""

  batch: Callable[[int], BagBatch]
  steps_per_epoch: int
  turns: int  # of a batch


def split_words(tokens: Iterable[str]) -> list[str]:
  """The words of a text as the program reads tokens with spaces between: no labels, up to a `</s>`, which it adds."""
  text = " ".join(tokens)
  words = list(filter(None, SPACES.split(text)))
  if LABEL_PREFIX in text:
    words = [word for word in words if not word.startswith(LABEL_PREFIX)]
  words.append(ngrams.EOS)
  return words[: words.index(ngrams.EOS) + 1]


def build_dictionary(texts: Sequence[Sequence[str]], labels: Sequence[Sequence[str]], min_count: int = 1) -> Dictionary:
  """The words that occur `min_count` times or more in texts as `split` gives them, and all labels.

  Raises:
    InputError: no word does.
  """
  def ranked(counter: Counter, least: int):
    kept = sorted(((word, number) for word, number in counter.items() if number >= least),
                  key=lambda entry: (-entry[1], entry[0]))
    return tuple(word for word, _ in kept), np.array([number for _, number in kept], np.int64)
  words, classes = (Counter(entry for entries in part for entry in entries) for part in (texts, labels))
  found = Dictionary(*ranked(words, min_count), *ranked(classes, 1), words.total() + classes.total())
  if not found.words:
    raise InputError(f"min_count={min_count} leaves no word of {len(words):,}; expected less.")
  return found


def encode(texts: Sequence[Sequence[str]], words: Sequence[str], pieces: NgramOptions) -> FeatureBags:
  """The bags of texts as `split` gives them. Unknown words count through their pieces and runs only."""
  ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
  flat = [word for text in texts for word in text]
  distinct = {word: number for number, word in enumerate(dict.fromkeys(flat))}
  numbers = np.array([distinct[word] for word in flat], np.int64)
  text = np.repeat(np.arange(len(texts)), np.diff(ends, prepend=0))  # [T], in which text each word stands
  known = {word: row for row, word in enumerate(words)}
  rows = np.array([known.get(word, -1) for word in distinct], np.int64)[numbers]
  found = [(text[rows >= 0], rows[rows >= 0])]
  if pieces.bucket and pieces.maxn:
    places, ids = _pieces(list(distinct), numbers, pieces)
    found.append((text[places], len(words) + ids))
  if pieces.bucket and pieces.word_ngrams > 1:
    hashes = np.array([ngrams.fnv1a(ngrams.encode(word)) for word in distinct], np.int64)[numbers]
    places, ids = _runs(hashes, text, pieces)
    found.append((text[places], len(words) + ids))
  text, rows = (np.concatenate(part) for part in zip(*found, strict=True))
  order = np.argsort(text, kind="stable")
  return FeatureBags(np.concatenate([[0], np.cumsum(np.bincount(text, minlength=len(texts)))]), rows[order])


def _pieces(words: list[str], numbers: np.ndarray, pieces: NgramOptions) -> tuple[np.ndarray, np.ndarray]:
  """(places [N], buckets [N]) of the pieces of the words that stand at each place, by their numbers [T]."""
  indptr, ids = ngrams.table(words, pieces.minn, pieces.maxn, pieces.bucket)
  sizes = np.diff(indptr)[numbers]
  before = np.cumsum(sizes) - sizes
  return (np.repeat(np.arange(len(numbers)), sizes),
          ids[np.arange(sizes.sum()) + np.repeat(indptr[numbers] - before, sizes)].astype(np.int64))


def _runs(hashes: np.ndarray, text: np.ndarray, pieces: NgramOptions) -> tuple[np.ndarray, np.ndarray]:
  """(places [N], buckets [N]) of the runs of words that start at each place and end in the same text."""
  ids = ngrams.word_ngram_ids(hashes, pieces.word_ngrams, pieces.bucket)  # of all texts as if they were one
  sizes = np.minimum(pieces.word_ngrams, len(hashes) - np.arange(len(hashes))) - 1
  starts = np.repeat(np.arange(len(hashes)), sizes)
  last = starts + 1 + np.arange(len(ids)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
  inside = text[starts] == text[last]
  return starts[inside], ids[inside].astype(np.int64)


def bag_batches(
  bags: FeatureBags, labels: Sequence[Sequence[int]], *, batch_size: int, turns: int = 64, seed: int = 0
) -> BagBatches:
  """Bags as a function of (seed, step), all of one shape.

  Ordered by their sizes, the bags are cut into B groups, and a turn gets one of each: so all turns are about as large,
  and none has more rows than the largest of every group together. Within a group the order is random.

  Args:
    labels: N times one label or more.
    batch_size: B, bags of a turn.
    turns: of a batch, at most; fewer where bags are so large that a batch of so many would be too.
  """
  sizes = np.diff(bags.indptr)
  size = min(batch_size, len(sizes))
  per_epoch = -(-len(sizes) // size)  # turns
  # Bag -1, of no rows, fills up the last group.
  largest = np.sort(np.pad(sizes, (0, size * per_epoch - len(sizes)))).reshape(size, per_epoch)[:, -1].sum()
  width = -(-int(largest) // _ROUND) * _ROUND
  steps = -(-per_epoch // min(turns, max(1, _LARGEST // (size * width))))
  turns = -(-per_epoch // steps)
  wanted = _wanted(labels, sizes)
  latest = {}

  def plan(epoch: int) -> np.ndarray:  # [B, turns of an epoch], bags
    if latest.get("epoch") != epoch:
      rng = np.random.default_rng((seed, epoch))
      order = np.lexsort((rng.random(len(sizes)), sizes))
      order = np.pad(order, (size * per_epoch - len(sizes), 0), constant_values=-1).reshape(size, per_epoch)
      order = rng.permuted(order, axis=1)
      latest.update(epoch=epoch, plan=np.pad(order, ((0, 0), (0, steps * turns - per_epoch)), constant_values=-1))
    return latest["plan"]

  def batch(step: int) -> BagBatch:
    epoch, place = divmod(step, steps)
    chosen = plan(epoch)[:, place * turns : (place + 1) * turns]
    return _batch(bags, chosen, width, wanted)

  return BagBatches(batch, steps, turns)


def _wanted(labels: Sequence[Sequence[int]], sizes: np.ndarray) -> np.ndarray:
  """[N + 1, K], 1 + each label of a bag; bags without rows want nothing, and bag -1 is one."""
  wanted = np.zeros((len(sizes) + 1, max(map(len, labels))), np.int32)
  for bag in np.flatnonzero(sizes):
    wanted[bag, : len(labels[bag])] = np.array(labels[bag]) + 1
  return wanted


def _batch(bags: FeatureBags, chosen: np.ndarray, width: int, wanted: np.ndarray) -> BagBatch:
  """The bags [B, turns] of a batch; -1 is none."""
  sizes = np.where(chosen < 0, 0, np.diff(bags.indptr)[chosen]).ravel()
  slot = np.repeat(np.arange(chosen.size), sizes)  # of B x turns, that of each row
  starts = bags.indptr[chosen.ravel()] - (np.cumsum(sizes) - sizes)
  rows = bags.rows[np.arange(sizes.sum()) + np.repeat(starts, sizes)]
  turns = chosen.shape[1]
  span = int(bags.rows.max(initial=0)) + 1
  keys, place = np.unique(slot % turns * span + rows, return_inverse=True)
  turn = keys // span
  place -= np.searchsorted(turn, np.arange(turns))[slot % turns]
  mean = np.bincount(slot * width + place, weights=1.0 / sizes[slot], minlength=chosen.size * width)
  table = np.zeros((width, turns), np.int32)
  table[np.arange(len(keys)) - np.searchsorted(turn, turn), turn] = keys % span + 1
  return BagBatch(mean.astype(np.float32).reshape(*chosen.shape, width), wanted[chosen], table)
