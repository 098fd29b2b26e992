"""Blocks of text with the subwords of their words: what fastText learns from."""

from typing import NamedTuple

import numpy as np

from glove_jax.data import ngrams
from glove_jax.data.windows.blocks import Blocks, WindowBatches

PIECE = 2048  # subwords of a turn are padded to a multiple of so many, and of an eighth: few shapes, little padding


class SubwordBlocks(NamedTuple):
  """`Blocks`, and which rows make up the words of each turn. U different words, P rows of theirs in all.

  Arrays of P are split across devices like those of B: they are what all blocks of a turn share.
  """

  blocks: Blocks
  place: np.ndarray  # [B, turns, S] int32, 1 + place among the turn's different words; 0: none
  rows: np.ndarray   # [P, turns] int32, 1 + row of the table of words, then n-grams, ascending; 0, at the end: none
  owner: np.ndarray  # [P, turns] int32, the place of the word that the row belongs to
  same: np.ndarray   # [P, turns] int32, of all places of P where a row stands the first


class WordRows(NamedTuple):
  """The rows of every word, its own first: `ids[indptr[i] : indptr[i + 1]]` of the table of V words, then buckets."""

  indptr: np.ndarray  # [V + 1] int64
  ids: np.ndarray     # [N] int32


def word_rows(words: tuple[str, ...], min_n: int, max_n: int, buckets: int) -> WordRows:
  """A word's row and those of its character n-grams (Bojanowski et al. 2017, sec. 3.2), hashed as fastText does."""
  indptr, ids = ngrams.table(words, min_n, max_n, buckets)
  ids = np.insert(ids + np.int32(len(words)), indptr[:-1], np.arange(len(words), dtype=np.int32))
  return WordRows(indptr + np.arange(len(words) + 1), ids)


def subword_batches(data: WindowBatches, rows: WordRows, *, margin: int = 0) -> WindowBatches:
  """The same batches with their words' subwords.

  Args:
    margin: so many words at either end of a block need none, and have place 0: the window, for skip-gram.
  """
  def batch(step: int) -> SubwordBlocks:
    blocks = data.batch(step)
    found = [_turn(words, rows, margin) for words in blocks.words.swapaxes(0, 1)]
    size = max(len(turn[1]) for turn in found)
    size += -size % max(PIECE, 1 << max(0, size.bit_length() - 3))
    def joined(number: int) -> np.ndarray:
      return np.stack([np.pad(turn[number], (0, size - len(turn[number]))) for turn in found], 1)
    return SubwordBlocks(blocks, np.stack([turn[0] for turn in found], 1), joined(1), joined(2), joined(3))
  return data._replace(batch=batch)


def _turn(words: np.ndarray, rows: WordRows, margin: int) -> tuple[np.ndarray, ...]:
  """words: [B, S], 1 + id -> place [B, S], and of the turn's different words: rows, owner, same, [P] each."""
  words = words[:, margin : words.shape[1] - margin]
  different, place = np.unique(words, return_inverse=True)
  place = place.reshape(words.shape).astype(np.int32) + np.int32(different[0] > 0)  # 0 stands for none
  different = different[different > 0] - 1
  starts, sizes = rows.indptr[different], rows.indptr[different + 1] - rows.indptr[different]
  owner = np.repeat(np.arange(len(different), dtype=np.int32), sizes)
  within = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
  ids = rows.ids[np.repeat(starts, sizes) + within] + np.int32(1)
  # By row, then by word: a long table is read and written twice as fast in the order of its memory.
  pairs = np.sort(ids.astype(np.int64) << 32 | owner)
  ids, owner = (pairs >> 32).astype(np.int32), pairs.astype(np.int32)
  same = np.arange(len(ids), dtype=np.int32) * (np.diff(ids, prepend=0) > 0)
  return np.pad(place, ((0, 0), (margin, margin))), ids, owner, np.maximum.accumulate(same)
