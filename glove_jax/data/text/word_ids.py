"""Maps the words of texts to integer ids with NumPy operations on UTF-8 bytes.

A text is divided into runs: bytes without a space, as `byte_tables` defines spaces. A run of up to
16 bytes is stored as two 64-bit integers and looked up in a hash table. Other runs are looked up in
a dict: longer runs, runs whose slot of the hash table is taken, and runs that the tokenizer splits
into several words or none. English text is mapped in less than half the time that strings take.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.text.word_tokenizers import Tokenizer

_LONGEST = 16  # bytes of a run in the hash table
_PAIR = np.dtype(f"V{_LONGEST}")
_LOG2_SLOTS = 14  # of an empty hash table
_MAX_LOG2_SLOTS = 21
_FREE = np.uint64(0xFFFFFFFFFFFFFFFF)  # no bytes of UTF-8
_MAX_CACHED = 1 << 18  # runs in the dict, some 150 bytes each
# Where more bytes of a text continue a character, few runs are one word: the tokenizer is faster.
_MAX_CONTINUED = 1 / 8
_SPACE, _NEWLINE = b" \n"
_CAPITAL_SIGMA = "\u03a3"  # its lower case depends on letters beyond the run
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)


def _make_masks() -> np.ndarray:
  """Returns the bytes of a key by the length of the run, none for longer ones: [L, 2] uint64."""
  masks = np.zeros((_LONGEST + 2, _LONGEST), np.uint8)
  for length in range(_LONGEST + 1):
    masks[length, :length] = 0xFF
  return masks.view("<u8")


_MASKS = _make_masks()


class _Runs(NamedTuple):
  """The line ends of a text, and the runs of other bytes that spaces separate."""

  starts: np.ndarray  # [N] int64
  ends: np.ndarray    # [N] int64
  keys: np.ndarray    # [N, 2] uint64, the bytes of each, filled up with zeros; 0 if it is longer


class WordIds:
  """Maps the words of texts to ids.

  Attributes:
    tokenizer: splits the texts.
    lookup: returns the id of a word: an integer of at least -2, the same one for each call. "\\n"
      must have an id of its own. New words are looked up in the order in which they first occur.
  """

  def __init__(self, tokenizer: Tokenizer, lookup: Callable[[str], int]):
    self.tokenizer = tokenizer
    self.lookup = lookup
    self._table = _HashTable()
    self._newline = lookup("\n")
    self._clear()

  def _clear(self) -> None:
    self._ids = {b"\n": self._newline}  # by run; -3, -4, … for those in self._lists
    self._lists: list[list[int]] = []  # the ids of runs that are no word or several

  def of_text(self, text: str) -> np.ndarray:
    """Returns the ids of `tokenizer.tokens(text)`, [N] int32."""
    byte_table = self.tokenizer.byte_table
    if not byte_table or _CAPITAL_SIGMA in text or "\0" in text:  # keys are filled up with zeros
      return self._of_tokens(text)
    data = text.encode("utf-8", "surrogatepass")
    if len(data) - len(text) > _MAX_CONTINUED * len(data):
      return self._of_tokens(text)
    data = data.translate(byte_table)
    runs = _find_runs(data)
    ids, is_found = self._table.find(runs.keys)
    missed = np.flatnonzero(~is_found)
    if len(missed):
      ids[missed] = self._of_missed(data, _Runs(*(values[missed] for values in runs)))
      if ids.min() <= -3:
        ids = self._with_lists(ids)
    return ids

  def _of_tokens(self, text: str) -> np.ndarray:
    tokens = self.tokenizer.tokens(text)
    return np.fromiter(map(self.lookup, tokens), np.int32, len(tokens))

  def _of_missed(self, data: bytes, runs: _Runs) -> np.ndarray:
    """Returns the ids of runs that are not in the hash table; it gets those it has room for.

    Args:
      data: the text, translated.
      runs: some of its runs.
    """
    bounds = zip(runs.starts.tolist(), runs.ends.tolist(), strict=True)
    texts = [data[start:end] for start, end in bounds]
    if len(self._ids) + len(texts) > _MAX_CACHED:
      self._clear()
    ids = list(map(self._ids.get, texts))
    new = dict.fromkeys(text for text, number in zip(texts, ids, strict=True) if number is None)
    if new:
      new = dict(zip(new, self._look_up(list(new)), strict=True))
      ids = [new.get(*pair) for pair in zip(texts, ids, strict=True)]
    ids = np.array(ids, np.int32)
    is_added = self._table.add(runs.keys, ids)
    if new:
      others = itertools.compress(texts, (~is_added).tolist())
      self._ids.update((text, new[text]) for text in others if text in new)
    return ids

  def _look_up(self, texts: Sequence[bytes]) -> list[int]:
    """Returns the ids of runs, none of which is a line end, by those of their words."""
    ids = self._of_tokens(b"\n".join(texts).decode("utf-8", "surrogatepass"))
    ends = np.append(np.flatnonzero(ids == self._newline), len(ids))
    starts = np.append(0, ends[:-1] + 1)
    is_list = ends - starts != 1
    first_ids = np.append(ids, 0)[starts]
    first_ids[is_list] = -3 - len(self._lists) - np.arange(np.count_nonzero(is_list))
    ids = ids.tolist()
    for start, end in zip(starts[is_list].tolist(), ends[is_list].tolist(), strict=True):
      self._lists.append(ids[start:end])
    return first_ids.tolist()

  def _with_lists(self, ids: np.ndarray) -> np.ndarray:
    """Returns ids with those of `self._lists` in place of their numbers."""
    numbers = ids <= -3
    lists = [self._lists[-3 - number] for number in ids[numbers].tolist()]
    lengths = np.ones(len(ids), np.int64)
    lengths[numbers] = list(map(len, lists))
    ids = np.repeat(ids, lengths)
    ids[ids <= -3] = list(itertools.chain.from_iterable(lists))
    return ids


def _find_runs(text: bytes) -> _Runs:
  """Returns the runs of a text that was translated by a table of `byte_tables`."""
  padded = np.frombuffer(b" " + text + b" " * _LONGEST, np.uint8)
  is_inside = (padded != _SPACE) & (padded != _NEWLINE)
  is_newline = padded[1:-_LONGEST] == _NEWLINE
  inside = is_inside[1:-_LONGEST]
  starts = np.flatnonzero((inside & ~is_inside[: len(text)]) | is_newline)
  ends = np.flatnonzero((inside & ~is_inside[2 : len(text) + 2]) | is_newline)
  ends += 1
  lengths = np.minimum(ends - starts, _LONGEST + 1)
  # Every 16 bytes that follow each other, whether they are aligned or not.
  keys = np.ndarray(len(text) + 1, _PAIR, padded, offset=1, strides=(1,))
  keys = keys.take(starts).view("<u8").reshape(-1, 2)
  keys &= _MASKS.take(lengths, axis=0)
  return _Runs(starts, ends, keys)


class _HashTable:
  """Ids of runs of up to 16 bytes; each has one slot, which another may hold."""

  def __init__(self) -> None:
    self._log2_slots = _LOG2_SLOTS
    self._num_runs = 0
    self._rows = self._free_rows()

  def _free_rows(self) -> np.ndarray:
    return np.full((1 << self._log2_slots, 3), _FREE)  # key, id

  def find(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the ids of runs, [N] int32, and whether each was found, [N] bool."""
    # NumPy gathers 24 bytes several times as fast as a row of three integers.
    rows = self._rows.view("V24").ravel().take(self._slots(keys)).view(np.uint64)
    first, second, ids = rows.reshape(-1, 3).T
    return ids.astype(np.int32), (first == keys[:, 0]) & (second == keys[:, 1])

  def add(self, keys: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Adds those runs of one word whose slots are free; returns which these are, [N] bool."""
    slots = self._slots(keys)
    is_added = (keys[:, 0] != 0) & (ids > -3) & (self._rows[slots, 1] == _FREE)
    rows = np.column_stack([keys[is_added], ids[is_added].astype(np.uint64)])
    self._rows[slots[is_added]] = rows
    self._num_runs += len(rows)
    if 2 * self._num_runs > len(self._rows) and self._log2_slots < _MAX_LOG2_SLOTS:
      self._grow()
    return is_added

  def _grow(self) -> None:
    rows = self._rows[self._rows[:, 1] != _FREE]
    self._log2_slots = min(self._log2_slots + 2, _MAX_LOG2_SLOTS)
    self._num_runs = len(rows)
    self._rows = self._free_rows()
    self._rows[self._slots(rows)] = rows

  def _slots(self, keys: np.ndarray) -> np.ndarray:
    hashes = keys[:, 0] * _FACTORS[0]
    hashes += keys[:, 1] * _FACTORS[1]
    hashes ^= hashes >> np.uint64(32)
    hashes *= _FACTORS[0]
    hashes >>= np.uint64(64 - self._log2_slots)
    return hashes.view(np.int64)
