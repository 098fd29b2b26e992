"""Joins pairs of neighbouring words in a tokenized text, from left to right."""

import os
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.text import token_store
from glove_jax.data.text.phrase_pairs import PairScores, pair_keys
from glove_jax.data.text.token_store import TokenStore
from glove_jax.errors import InputError

_BLOCK = 1 << 20  # ids merged at a time


def merge(
  text: TokenStore, pairs: PairScores, folder: str | os.PathLike, *, delimiter: str = "_"
) -> TokenStore:
  """Returns the text with the pairs joined, in another temporary file; `text` stays as it is.

  Phrases that are new words get ids after those of the words. A word may be left with a count of 0.

  Args:
    text: a tokenized text.
    pairs: the pairs of words to join.
    folder: where the temporary file is created.
    delimiter: what is put between the words of a phrase.

  Raises:
    InputError: the file cannot be written.
  """
  table = _phrase_table(text.words, pairs, delimiter)
  counts = np.zeros(len(table.words), np.int64)
  pending = np.zeros(0, np.int32)  # a last word that the next block may join
  try:
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
    for block in token_store.read_blocks(text, _BLOCK):
      ids, pending = _merge_block(np.concatenate([pending, block]), table)
      counts += np.bincount(ids, minlength=len(counts))
      file.write(ids.data)
    counts[pending] += 1
    file.write(pending.data)
    file.flush()
  except OSError as error:
    reason = error.strerror or error
    raise InputError(f"{folder}: cannot write the text with phrases ({reason}).") from None
  return TokenStore(file, table.words, counts)


class _PhraseTable(NamedTuple):
  """The pairs to join, as ids."""

  vocab_size: int         # words of the text, V
  words: tuple[str, ...]  # the words of the text and, after them, new phrases
  keys: np.ndarray        # [P + 1] int64, first * V + second of each pair, ascending, after a -1
  phrases: np.ndarray     # [P + 1] int32, the id of each pair's phrase


def _phrase_table(words: Sequence[str], pairs: PairScores, delimiter: str) -> _PhraseTable:
  ids_by_word = {word: i for i, word in enumerate(words)}
  phrases_by_key = {}
  for first, second in pairs:
    if first in ids_by_word and second in ids_by_word:
      key = ids_by_word[first] * len(words) + ids_by_word[second]
      phrases_by_key[key] = first + delimiter + second
  # A first key below all others, so that a search never ends before the first.
  keys = [-1, *sorted(phrases_by_key)]
  phrases = [0]
  for key in keys[1:]:
    # A phrase may be a word of the text already, or be made of two pairs: a_b c and a b_c.
    phrases.append(ids_by_word.setdefault(phrases_by_key[key], len(ids_by_word)))
  return _PhraseTable(
    vocab_size=len(words),
    words=tuple(ids_by_word),
    keys=np.array(keys, np.int64),
    phrases=np.array(phrases, np.int32),
  )


def _merge_block(ids: np.ndarray, table: _PhraseTable) -> tuple[np.ndarray, np.ndarray]:
  """Joins pairs in a block, in place.

  Args:
    ids: [T] int32.
    table: the pairs.

  Returns:
    The ids with pairs joined, without a last word that the next block may join; and that word,
    [0] or [1] int32.
  """
  keys = pair_keys(ids, table.vocab_size)
  matches = np.searchsorted(table.keys, keys, side="right") - 1
  is_pair = table.keys[matches] == keys
  first = _leftmost(np.flatnonzero(is_pair))
  ids[first] = table.phrases[matches[first]]
  kept = np.ones(len(ids), bool)
  kept[first + 1] = False
  pending = ids[-1:][kept[-1:]]
  kept[-1:] = False
  return ids[kept], pending


def _leftmost(positions: np.ndarray) -> np.ndarray:
  """Selects from left to right among ascending positions; each one selected excludes the next."""
  order = np.arange(len(positions))
  starts_run = np.diff(positions, prepend=-2) > 1  # of neighbours, every other one is selected
  run_start = np.maximum.accumulate(np.where(starts_run, order, 0))
  return positions[(order - run_start) % 2 == 0]
