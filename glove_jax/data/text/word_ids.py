"""Maps the words of texts to ids by NumPy operations on bytes, several times as fast as by `str`.

A table of bytes tells where the words of ASCII text are. A word of up to 12 bytes is two integers,
which are looked up in a hash table. A dict has the ids of other runs of bytes between spaces: of
longer words, of words for which the hash table has no room, and of runs with other characters,
which the tokenizer splits.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.text.byte_tables import OTHER
from glove_jax.data.text.word_tokenizers import Tokenizer

_LONGEST = 12  # bytes of a word in the hash table
_KEY_BYTES = 16
_PAIR = np.dtype(f"V{_KEY_BYTES}")
_LOW_HALF = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_LOG2_SLOTS = 14  # of an empty hash table
_MAX_LOG2_SLOTS = 21
_MAX_CACHED = 1 << 18  # runs in the dict, some 150 bytes each
_MAX_OTHER = 1 / 8  # of the bytes of a text; where there are more, the dict would be slower
_SPACE, _NEWLINE = b" \n"
_CAPITAL_SIGMA = "\u03a3"  # its lower case depends on letters beyond the run
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)


def _make_masks() -> np.ndarray:
  """Returns the bytes of a key that belong to a word, by the word's length: [L, 2] uint64."""
  masks = np.zeros((_LONGEST + 2, _KEY_BYTES), np.uint8)
  for length in range(_LONGEST + 2):
    masks[length, :length] = 0xFF
  return masks.view("<u8")


_MASKS = _make_masks()


class _Runs(NamedTuple):
  """The words, line ends and other runs of bytes that spaces separate in a text."""

  starts: np.ndarray  # [N] int64
  ends: np.ndarray    # [N] int64
  keys: np.ndarray    # [N, 2] uint64, the first 13 bytes of each, with zeros after its end


class WordIds:
  """Maps the words of texts to ids.

  Attributes:
    tokenizer: splits the texts.
    lookup: returns the id of a word, at least -2, and always the same one; that of "\\n" is no
      other word's. It is called for "\\n", and then for words in the order in which they occur.
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
    if not byte_table or _CAPITAL_SIGMA in text:
      return self._of_tokens(text)
    data = text.encode("utf-8", "surrogatepass")
    words = data.translate(byte_table)
    if words.count(OTHER) > _MAX_OTHER * len(data):
      return self._of_tokens(text)
    runs = _find_runs(words)
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
      data: the text.
      runs: some of its runs.
    """
    bounds = zip(runs.starts.tolist(), runs.ends.tolist(), strict=True)
    names = [data[start:end] for start, end in bounds]
    if len(self._ids) + len(names) > _MAX_CACHED:
      self._clear()
    ids = list(map(self._ids.get, names))
    new = dict.fromkeys(name for name, number in zip(names, ids, strict=True) if number is None)
    if new:
      new = dict(zip(new, self._look_up(list(new)), strict=True))
      ids = [new.get(*pair) for pair in zip(names, ids, strict=True)]
    ids = np.array(ids, np.int32)
    is_added = self._table.add(runs.keys, ids)
    if new:
      others = itertools.compress(names, (~is_added).tolist())
      self._ids.update((name, new[name]) for name in others if name in new)
    return ids

  def _look_up(self, names: Sequence[bytes]) -> list[int]:
    """Returns the ids of runs, none of which is a line end, by those of their words."""
    ids = self._of_tokens(b"\n".join(names).decode("utf-8", "surrogatepass"))
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


def _find_runs(words: bytes) -> _Runs:
  """Returns the runs of a text.

  Args:
    words: the text, translated by a table of `byte_tables`.
  """
  padded = np.frombuffer(b" " + words + b" " * _KEY_BYTES, np.uint8)
  is_inside = padded > _SPACE
  is_newline = padded[1:-_KEY_BYTES] == _NEWLINE
  inside = is_inside[1:-_KEY_BYTES]
  starts = np.flatnonzero((inside & ~is_inside[: len(words)]) | is_newline)
  ends = np.flatnonzero((inside & ~is_inside[2 : len(words) + 2]) | is_newline)
  ends += 1
  lengths = np.minimum(ends - starts, _LONGEST + 1)
  # Every 16 bytes that follow each other, whether they are aligned or not.
  keys = np.ndarray(len(words) + 1, _PAIR, padded, offset=1, strides=(1,))
  keys = keys.take(starts).view("<u8").reshape(-1, 2)
  keys &= _MASKS.take(lengths, axis=0)
  return _Runs(starts, ends, keys)


class _HashTable:
  """Ids of words of ASCII letters, up to 12; a word has one slot, which another may hold."""

  def __init__(self) -> None:
    self._log2_slots = _LOG2_SLOTS
    self._num_words = 0
    self._rows = self._empty_rows()

  def _empty_rows(self) -> np.ndarray:
    # A key, with an id in its last four bytes. No key is zero, as a free slot is.
    return np.zeros((1 << self._log2_slots, 2), np.uint64)

  def find(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the ids of words, [N] int32, and whether each was found, [N] bool."""
    # NumPy gathers 16 bytes several times as fast as a row of two integers.
    rows = self._rows.view(_PAIR).ravel().take(self._slots(keys)).view(np.uint64)
    first, second = rows.reshape(-1, 2).T
    is_found = (first == keys[:, 0]) & ((second & _LOW_HALF) == keys[:, 1])
    return (second >> _HALF).astype(np.int32), is_found

  def add(self, keys: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Adds words whose slots are free, and returns which these are, [N] bool."""
    key_bytes = keys.view(np.uint8).reshape(-1, _KEY_BYTES)
    is_word = (key_bytes != OTHER).all(axis=1) & (key_bytes[:, _LONGEST] == 0)
    slots = self._slots(keys)
    is_added = is_word & (self._rows[slots, 0] == 0)
    rows = keys[is_added]
    rows[:, 1] |= ids[is_added].view(np.uint32).astype(np.uint64) << _HALF
    self._rows[slots[is_added]] = rows
    self._num_words += len(rows)
    if 2 * self._num_words > len(self._rows) and self._log2_slots < _MAX_LOG2_SLOTS:
      self._grow()
    return is_added

  def _grow(self) -> None:
    rows = self._rows[self._rows[:, 0] != 0]
    self._log2_slots = min(self._log2_slots + 2, _MAX_LOG2_SLOTS)
    self._num_words = len(rows)
    self._rows = self._empty_rows()
    keys = np.stack([rows[:, 0], rows[:, 1] & _LOW_HALF], axis=1)
    self._rows[self._slots(keys)] = rows

  def _slots(self, keys: np.ndarray) -> np.ndarray:
    hashes = keys[:, 0] * _FACTORS[0]
    hashes += keys[:, 1] * _FACTORS[1]
    hashes ^= hashes >> _HALF
    hashes *= _FACTORS[0]
    hashes >>= np.uint64(64 - self._log2_slots)
    return hashes.view(np.int64)
