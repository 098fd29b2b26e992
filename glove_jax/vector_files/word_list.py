"""A list of different words, which finds duplicates in a fraction of the memory of a dict."""

import sys
from collections.abc import Sequence

import numpy as np

_MIN_RECENT = 1 << 12
_RECENT_SHARE = 1 / 64  # of all words, so that the time for sorting grows with their number
_ROW_BITS = np.uint64(32)


class WordList:
  """Different words in the order in which they were added.

  Recent words are in a set. Of all others it has a sorted array of 8 bytes a word, half of them a
  hash and half the row: where the hashes of two words are equal, the words are compared.
  """

  def __init__(self):
    self.words: list[str] = []
    self._recent: set[str] = set()
    self._keys = np.empty(0, np.uint64)  # sorted: hash * 2^32 + row in `words`

  def __len__(self) -> int:
    return len(self.words)

  def add(self, words: Sequence[str], limit: int = sys.maxsize) -> list[int]:
    """Appends those of the words that are new, while there are fewer than `limit`.

    Returns:
      The positions in `words` of those that were appended.
    """
    earlier = self._find_earlier(words)
    kept = []
    for position, word in enumerate(words):
      if len(self.words) >= limit:
        break
      if word not in self._recent and position not in earlier:
        self._recent.add(word)
        self.words.append(word)
        kept.append(position)
    if len(self._recent) > max(_MIN_RECENT, _RECENT_SHARE * len(self.words)):
      self._insert_recent()
    return kept

  def _find_earlier(self, words: Sequence[str]) -> set[int]:
    """Returns the positions of words that are in the list and not recent."""
    if not len(self._keys):
      return set()
    hashes = _hash_all(words)
    starts = np.searchsorted(self._keys, hashes << _ROW_BITS)
    is_equal = self._keys.take(starts, mode="clip") >> _ROW_BITS == hashes
    earlier = set()
    for position in np.flatnonzero(is_equal).tolist():
      if self._has_word(words[position], starts[position]):
        earlier.add(position)
    return earlier

  def _has_word(self, word: str, start: int) -> bool:
    """Returns whether a word is one of those with the hash of the key at `start`."""
    first_key = self._keys[start]
    end = np.searchsorted(self._keys, first_key | np.uint64(2**32 - 1), side="right")
    rows = self._keys[start:end].astype(np.uint32).tolist()
    return any(self.words[row] == word for row in rows)

  def _insert_recent(self) -> None:
    first_row = len(self.words) - len(self._recent)
    rows = np.arange(first_row, len(self.words), dtype=np.uint64)
    keys = _hash_all(self.words[first_row:]) << _ROW_BITS | rows
    self._keys.resize(len(self.words), refcheck=False)
    self._keys[first_row:] = np.sort(keys)
    self._keys.sort(kind="stable")  # which merges two sorted runs in place
    self._recent = set()


def _hash_all(words: Sequence[str]) -> np.ndarray:  # -> [N] uint64, below 2^32
  hashes = np.fromiter(map(hash, words), np.int64, len(words))
  return hashes.astype(np.uint32).astype(np.uint64)
