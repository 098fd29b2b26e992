"""A text as blocks of neighbouring words, for methods that learn from windows: a function of (seed, step).

A block is T words in a row with w more on either side: every word of it meets all of its window, and what a block
shares (its rows of the tables, its negative samples) is read once rather than once a pair.
"""

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from glove_jax.data import array_store
from glove_jax.data.text import corpus
from glove_jax.files import atomic_folder

_SEGMENT = 1 << 20  # words of the text that are thinned out and shuffled at a time


class Blocks(NamedTuple):
  """B blocks, each in `turns` that follow one another. S = T + 2 w. Zeros everywhere are padding."""

  words: np.ndarray      # [B, turns, S] int32, 1 + id; 0: none
  document: np.ndarray   # [B, turns, S] int32, which document a word stands in
  reach: np.ndarray      # [B, turns, T] int32, how far the window of each of the T words in the middle reaches; 0: none
  negatives: np.ndarray  # [B, turns, K] int32, 1 + id


class WindowBatches(NamedTuple):
  """`batch(step)`: every word of the thinned text once an epoch."""

  batch: Callable[[int], Blocks]
  steps_per_epoch: int
  words_per_epoch: int  # of the thinned text


def write(ids: Iterable[np.ndarray], folder: str | os.PathLike, *, key: str = "") -> np.ndarray:
  """Writes ids as `corpus.encode` gives them into `folder`, 4 bytes a token, and returns them memory-mapped.

  Raises:
    InputError: the disk is full.
  """
  with atomic_folder(folder, what="the numbered text") as building:
    with open(building / "ids", "wb") as file:
      for block in ids:
        file.write(np.ascontiguousarray(block, np.int32).data)
    array_store.write_metadata(building, {"ids": np.int32}, key=key)
  return open_ids(folder, key=key)


def open_ids(folder: str | os.PathLike, *, key: str = "") -> np.ndarray | None:
  """What `write` has written for this key; None if there is nothing.

  Raises:
    InputError: the file is damaged.
  """
  found = array_store.load(folder, key=key)
  return None if found is None else found[0]["ids"]


def keep_rates(counts: np.ndarray, sample: float) -> np.ndarray:
  """The share of each word's occurrences that is kept, [V] float32: sqrt(t / f) + t / f for a frequency f above t.

  (word2vec's rule; Mikolov et al. 2013b, sec. 2.3, describe 1 - sqrt(t / f) as the share that is dropped.) `sample`, t,
  is 1e-3 in word2vec and gensim, 1e-4 in fastText; 0 keeps all.
  """
  if not sample:
    return np.ones(len(counts), np.float32)
  ratio = sample * counts.sum() / np.maximum(counts, 1)
  return np.minimum(1.0, np.sqrt(ratio) + ratio).astype(np.float32)


class Sampler(NamedTuple):
  """Draws from a distribution over V in constant time (Walker's alias method, 1977)."""

  share: np.ndarray  # [V] float32, how often a draw of i stands for i itself
  alias: np.ndarray  # [V] int32, and for whom else

  def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    found = rng.integers(len(self.share), size=shape, dtype=np.int32)
    return np.where(rng.random(shape, np.float32) < self.share[found], found, self.alias[found])


def sampler(weights: np.ndarray) -> Sampler:
  """Draws i with probability weights[i] / sum."""
  share = (weights / weights.sum() * len(weights)).tolist()
  alias = list(range(len(share)))
  small = [i for i, value in enumerate(share) if value < 1]
  large = [i for i, value in enumerate(share) if value >= 1]
  while small and large:
    low, high = small.pop(), large[-1]
    alias[low] = high
    share[high] -= 1 - share[low]
    if share[high] < 1:
      small.append(large.pop())
  for i in small + large:  # what is left there differs from 1 by rounding
    share[i] = 1.0
  return Sampler(np.array(share, np.float32), np.array(alias, np.int32))


def window_batches(
  ids: np.ndarray, counts: np.ndarray, *, window: int, batch_size: int, turns: int = 1, block: int = 32,
  sample: float = 1e-3, shared: int = 32, power: float = 0.75, dynamic: bool = True, seed: int = 0,
) -> WindowBatches:
  """Blocks of the text as a function of (seed, step).

  Of each segment of the text exactly as many words are kept as are to be expected, so that epochs are of one length;
  then its blocks are shuffled.

  Args:
    ids: as `write` gives them.
    counts: [V], occurrences of each word.
    window: w, the furthest a context may stand, in words that are kept.
    batch_size: words of a turn (rounded up to whole blocks).
    turns: turns of a batch.
    block: T.
    sample: see `keep_rates`.
    shared: K, negative samples of a block, drawn from counts^power (Mikolov et al. 2013b, sec. 2.2).
    dynamic: windows reach from 1 to w words, evenly; else all reach w.
  """
  rates, draws = keep_rates(counts, sample), sampler(np.maximum(counts, 1e-9) ** power)
  starts = range(0, len(ids), _SEGMENT)
  kept = np.array([_expected(ids[start : start + _SEGMENT], rates) for start in starts], np.int64)
  ends = np.cumsum(-(-kept // block))  # of each segment, in blocks
  rows = -(-batch_size // block)
  per_epoch = -(-int(ends[-1]) // (rows * turns))
  latest = {}

  def segment(epoch: int, number: int):
    if latest.get("key") != (epoch, number):
      part, rng = ids[starts[number] : starts[number] + _SEGMENT], np.random.default_rng((seed, epoch, number))
      latest.update(key=(epoch, number), value=_thinned(part, rates, int(kept[number]), window, block, dynamic, rng))
    return latest["value"]

  def blocks(epoch: int, first: int, last: int):
    number = int(np.searchsorted(ends, first, "right"))
    while first < last:
      words, document, reach, order = segment(epoch, number)
      begin = int(ends[number]) - len(order)
      chosen = order[first - begin : last - begin]
      places = chosen[:, None] * block + np.arange(block + 2 * window)
      yield words[places], document[places], reach[places[:, :block]]
      first, number = first + len(chosen), number + 1

  def batch(step: int) -> Blocks:
    epoch, place = divmod(step, per_epoch)
    first = place * rows * turns
    last = min(first + rows * turns, int(ends[-1]))
    parts = zip(*blocks(epoch, first, last), strict=True)
    def shaped(array: np.ndarray) -> np.ndarray:  # turn after turn -> [B, turns, ...]
      array = np.pad(array, ((0, rows * turns - len(array)), (0, 0)))
      return np.ascontiguousarray(array.reshape(turns, rows, -1).swapaxes(0, 1))
    negatives = draws.draw(np.random.default_rng((seed, 1, step)), (rows, turns, shared)) + np.int32(1)
    return Blocks(*(shaped(np.concatenate(part)) for part in parts), negatives)

  return WindowBatches(batch, per_epoch, int(kept.sum()))


def _expected(ids: np.ndarray, rates: np.ndarray) -> int:
  return round(float(rates[ids[ids != corpus.BREAK]].sum(dtype=np.float64)))


def _thinned(ids: np.ndarray, rates: np.ndarray, kept: int, window: int, block: int, dynamic: bool, rng):
  """A segment with just `kept` words: padded words (1 + id) and documents, reaches, and the order of its blocks."""
  document = np.cumsum(ids == corpus.BREAK, dtype=np.int32)
  inside = np.flatnonzero(ids != corpus.BREAK)
  rate = rates[ids[inside]]
  # A word that is never dropped comes first; of the others those with the least u / rate, each with odds near its rate.
  order = np.where(rate < 1, rng.random(len(inside), np.float32) / rate, 0.0)
  chosen = np.sort(np.argpartition(order, kept - 1)[:kept]) if 0 < kept < len(inside) else np.arange(kept)
  inside = inside[chosen]
  after = -kept % block + window
  words = np.pad(ids[inside] + 1, (window, after))
  document = np.pad(document[inside], (window, after))
  reach = rng.integers(1, window + 1, kept, dtype=np.int32) if dynamic else np.full(kept, window, np.int32)
  return words, document, np.pad(reach, (0, -kept % block)), rng.permutation(-(-kept // block))
