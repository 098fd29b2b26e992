"""Subsampling of frequent words, as in word2vec, and random access to blocks of the rest."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from glove_jax.data.text import corpus

_SEGMENT = 1 << 20  # words of the text that are subsampled and shuffled at a time


class SubsampledText(NamedTuple):
  """A text without some occurrences of its frequent words, in segments of blocks of T words."""

  segment: Callable[[int, int], "Segment"]  # (epoch, number) -> the segment
  ends: np.ndarray  # [segments] int64, blocks up to the end of each segment
  num_words: int
  block_size: int   # T
  window: int       # w, words on either side of a block that it includes


class Segment(NamedTuple):
  """A segment of the subsampled text, M blocks long. Zeros are padding."""

  words: np.ndarray     # [w + M T + w] int32, 1 + word id
  document: np.ndarray  # [w + M T + w] int32, number of the document that each word belongs to
  reach: np.ndarray     # [M T] int32, window size of each word
  order: np.ndarray     # [M], the blocks in random order


def keep_rates(counts: np.ndarray, sample: float) -> np.ndarray:
  """Returns the share of each word's occurrences to keep.

  A word of relative frequency f > t keeps sqrt(t / f) + t / f of them, the others all. This is the
  rule of the word2vec program; Mikolov et al. 2013b, sec. 2.3, describe dropping 1 - sqrt(t / f).

  Args:
    counts: [V], occurrences of each word.
    sample: t, 1e-3 in word2vec and gensim, 1e-4 in fastText; 0 keeps all.

  Returns:
    [V] float32, from 0 to 1.
  """
  if not sample:
    return np.ones(len(counts), np.float32)
  ratio = sample * counts.sum() / np.maximum(counts, 1)
  rates = np.minimum(1.0, np.sqrt(ratio) + ratio)
  return rates.astype(np.float32)


def subsampled_text(
  ids: np.ndarray,
  rates: np.ndarray,
  *,
  block_size: int,
  window: int,
  dynamic_window: bool,
  seed: int,
) -> SubsampledText:
  """Returns a text with the expected number of words of each segment, so that epochs have one size.

  Args:
    ids: [N] int32; corpus.BREAK ends a document.
    rates: [V] float32, the share of each word's occurrences to keep.
    block_size: T.
    window: w.
    dynamic_window: draw each word's window size evenly from 1 to w; otherwise all are w.
    seed: of the words that are kept, their window sizes, and the order of blocks.
  """
  starts = range(0, len(ids), _SEGMENT)
  kept = [_expected_words(ids[start : start + _SEGMENT], rates) for start in starts]
  kept = np.array(kept, np.int64)

  @functools.lru_cache(maxsize=1)  # consecutive batches come from the same segment
  def segment(epoch: int, number: int) -> Segment:
    start = starts[number]
    rng = np.random.default_rng((seed, epoch, number))
    positions = _subsample(ids[start : start + _SEGMENT], rates, int(kept[number]), rng)
    reach = _window_sizes(len(positions), window, dynamic_window, rng)
    return _segment(ids[start : start + _SEGMENT], positions, reach, block_size, window, rng)

  return SubsampledText(
    segment=segment,
    ends=np.cumsum(-(-kept // block_size)),
    num_words=int(kept.sum()),
    block_size=block_size,
    window=window,
  )


def read_blocks(
  text: SubsampledText, epoch: int, numbers: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
  """Returns some of the shuffled blocks of an epoch; zeros for numbers beyond the last block.

  Args:
    text: of `subsampled_text`.
    epoch: from 0.
    numbers: [N], of the blocks.

  Returns:
    words [N, T + 2 w], documents [N, T + 2 w] and reaches [N, T], as in `Segment`.
  """
  columns = np.arange(text.block_size + 2 * text.window)
  words = np.zeros((len(numbers), len(columns)), np.int32)
  document = np.zeros_like(words)
  reach = np.zeros((len(numbers), text.block_size), np.int32)
  segments = np.searchsorted(text.ends, numbers, "right")
  for number in np.unique(segments[segments < len(text.ends)]).tolist():
    segment = text.segment(epoch, number)
    is_here = segments == number
    segment_start = int(text.ends[number]) - len(segment.order)
    blocks = segment.order[numbers[is_here] - segment_start]
    positions = blocks[:, None] * text.block_size + columns
    words[is_here] = segment.words[positions]
    document[is_here] = segment.document[positions]
    reach[is_here] = segment.reach[positions[:, : text.block_size]]
  return words, document, reach


def _expected_words(ids: np.ndarray, rates: np.ndarray) -> int:
  words = ids[ids != corpus.BREAK]
  expected = rates[words].sum(dtype=np.float64)
  return round(float(expected))


def _subsample(
  ids: np.ndarray, rates: np.ndarray, num_kept: int, rng: np.random.Generator
) -> np.ndarray:
  """Returns the positions of exactly `num_kept` words, in ascending order."""
  positions = np.flatnonzero(ids != corpus.BREAK)
  rate = rates[ids[positions]]
  uniform = rng.random(len(positions), np.float32)
  # Words that are always kept come first. Of the others those with the least u / rate are kept, so
  # that each is kept with a probability close to its rate.
  priority = np.where(rate < 1, uniform / rate, np.float32(0.0))
  if num_kept == 0 or num_kept == len(positions):
    return positions[:num_kept]
  last = np.partition(priority, num_kept - 1)[num_kept - 1]
  is_kept = priority < last
  ties = np.flatnonzero(priority == last)
  is_kept[ties[: num_kept - np.count_nonzero(is_kept)]] = True
  return positions[is_kept]


def _window_sizes(
  size: int, window: int, dynamic_window: bool, rng: np.random.Generator
) -> np.ndarray:
  if not dynamic_window:
    return np.full(size, window, np.int32)
  return rng.integers(1, window + 1, size, dtype=np.int32)


def _segment(
  ids: np.ndarray,
  positions: np.ndarray,
  reach: np.ndarray,
  block_size: int,
  window: int,
  rng: np.random.Generator,
) -> Segment:
  """Returns the words at these positions in shuffled blocks, padded to whole ones."""
  document = np.cumsum(ids == corpus.BREAK, dtype=np.int32)
  num_blocks = -(-len(positions) // block_size)
  padding = num_blocks * block_size - len(positions)
  return Segment(
    words=np.pad(ids[positions] + 1, (window, padding + window)),
    document=np.pad(document[positions], (window, padding + window)),
    reach=np.pad(reach, (0, padding)),
    order=rng.permutation(num_blocks),
  )
