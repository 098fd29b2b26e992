"""Maps the words of texts to integer ids with NumPy operations on UTF-8 bytes.

A text is divided into runs: bytes without a space, as `byte_tables` defines spaces. A run of up to
16 bytes is stored as two 64-bit integers and looked up in a hash table. If a run is not in the
table and has only ASCII letters and digits, it is one word, which needs no tokenizer. Other runs
are looked up in a dict: longer runs, and runs that the tokenizer may change or split. English text
is mapped in a third of the time that strings take.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.text.word_tokenizers import Tokenizer

_LONGEST = 16  # bytes of a run in the hash table
_PAIR = np.dtype(f"V{_LONGEST}")
_LOG2_SLOTS = 16  # of an empty hash table
_MAX_LOG2_SLOTS = 21
_SLOTS_PER_RUN = 4
_FREE = np.uint64(0xFFFFFFFFFFFFFFFF)  # no bytes of UTF-8
_MAX_CACHED = 1 << 18  # runs in the dict, some 150 bytes each
# Where more bytes of a text continue a character, few runs are one word: the tokenizer is faster.
_MAX_CONTINUED = 1 / 8
_SPACE = ord(" ")
_CAPITAL_SIGMA = "\u03a3"  # its lower case depends on letters beyond the run
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)


def _make_masks() -> np.ndarray:
  """Returns the bytes of a key by the length of the run, none for longer ones: [L]."""
  masks = np.zeros((_LONGEST + 2, _LONGEST), np.uint8)
  for length in range(_LONGEST + 1):
    masks[length, :length] = 0xFF
  return masks.view(_PAIR).ravel()


_MASKS = _make_masks()
# Whether a byte is an ASCII letter or digit, or the zero that fills up a key.
_IS_PLAIN = np.array([byte == 0 or bytes([byte]).isalnum() for byte in range(256)])


class _Runs(NamedTuple):
  """The runs of a text that spaces separate; each line end is one."""

  starts: np.ndarray  # [N] int64
  ends: np.ndarray    # [N] int64
  keys: np.ndarray    # [N, 2] uint64, the bytes of each, filled up with zeros; 0 if it is longer


class WordIds:
  """Maps the words of texts to ids.

  Attributes:
    tokenizer: splits the texts.
    look_up: returns the ids of words: integers of at least -2, the same ones for each call. "\\n"
      must have an id of its own. New words are looked up in the order in which they first occur.
  """

  def __init__(self, tokenizer: Tokenizer, look_up: Callable[[Sequence[str]], list[int]]):
    self.tokenizer = tokenizer
    self.look_up = look_up
    self._table = _HashTable()
    self._newline, = look_up(["\n"])
    self._clear()

  def _clear(self) -> None:
    self._ids = {b"\n": self._newline}  # by run; -3, -4, … for those in self._lists
    self._lists: list[list[int]] = []  # the ids of runs that are no word or several

  def of_text(self, text: str) -> np.ndarray:
    """Returns the ids of `tokenizer.tokens(text)`, [N] int32."""
    byte_table = self.tokenizer.byte_table
    if not byte_table:
      return self._of_tokens(text)
    if _CAPITAL_SIGMA in text:
      return self._of_lines(text)
    data = text.encode("utf-8", "surrogatepass")
    num_continued = len(data) - len(text)
    if num_continued > _MAX_CONTINUED * len(data) or b"\0" in data:  # keys are filled with zeros
      return self._of_tokens(text)
    data = data.translate(byte_table).replace(b"\n", b" \n ")
    runs = _find_runs(data)
    ids, is_found = self._table.find(runs.keys)
    missed = np.flatnonzero(~is_found)
    if len(missed):
      ids[missed] = self._of_missed(data, _Runs(*(values[missed] for values in runs)))
      if ids.min() <= -3:
        ids = self._with_lists(ids)
    return ids

  def _of_lines(self, text: str) -> np.ndarray:
    """Returns the ids of a text of which some lines are split by the tokenizer."""
    ids = []
    start = 0
    while (position := text.find(_CAPITAL_SIGMA, start)) >= 0:
      line_start = max(start, text.rfind("\n", start, position) + 1)
      line_end = text.find("\n", position) + 1 or len(text)
      ids += [self.of_text(text[start:line_start]), self._of_tokens(text[line_start:line_end])]
      start = line_end
    return np.concatenate([*ids, self.of_text(text[start:])])

  def _of_tokens(self, text: str) -> np.ndarray:
    return np.array(self.look_up(self.tokenizer.tokens(text)), np.int32)

  def _of_missed(self, data: bytes, runs: _Runs) -> np.ndarray:
    """Returns the ids of runs that are not in the hash table, and adds them to it.

    Args:
      data: the text, translated.
      runs: some of its runs.
    """
    is_plain = (runs.keys[:, 0] != 0) & _IS_PLAIN[runs.keys.view(np.uint8)].all(1)
    words = _plain_words(runs.keys[is_plain])
    bounds = zip(runs.starts[~is_plain].tolist(), runs.ends[~is_plain].tolist(), strict=True)
    others = [data[start:end] for start, end in bounds]
    if len(self._ids) + len(others) > _MAX_CACHED:
      self._clear()
    # New words are looked up in the order of the text.
    words_before = np.cumsum(is_plain)[~is_plain].tolist()
    looked_up: list[str] = []
    bounds_of_runs = []
    num_words = 0
    for text, position, tokens in self._new_runs(others):
      looked_up += words[num_words : words_before[position]]
      num_words = words_before[position]
      bounds_of_runs.append((text, len(looked_up), len(looked_up) + len(tokens)))
      looked_up += tokens
    looked_up += words[num_words:]
    ids_of_words = self.look_up(looked_up)
    for text, start, end in bounds_of_runs:
      self._ids[text] = self._number(ids_of_words[start:end])
    for _, start, end in reversed(bounds_of_runs):
      del ids_of_words[start:end]
    ids = np.empty(len(is_plain), np.int32)
    ids[is_plain] = ids_of_words
    ids[~is_plain] = list(map(self._ids.__getitem__, others))
    self._table.add(runs.keys, ids)
    return ids

  def _new_runs(self, texts: Sequence[bytes]) -> list[tuple[bytes, int, list[str]]]:
    """Returns the distinct runs that `_ids` lacks, their first positions, and their tokens."""
    first = {}
    for position, text in enumerate(texts):
      if text not in self._ids:
        first.setdefault(text, position)
    tokens = self.tokenizer.tokens(b"\n".join(first).decode("utf-8", "surrogatepass"))
    ends = [index for index, token in enumerate(tokens) if token == "\n"]
    bounds = zip([0, *(end + 1 for end in ends)], [*ends, len(tokens)], strict=True)
    lists = [tokens[start:end] for start, end in bounds]
    return list(zip(first, first.values(), lists, strict=True)) if first else []

  def _number(self, ids: list[int]) -> int:
    """Returns the id of a run that is one word; else a number below -2, for the ids of several."""
    if len(ids) == 1:
      return ids[0]
    self._lists.append(ids)
    return -2 - len(self._lists)

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
  is_inside = padded != _SPACE
  changes = np.flatnonzero(is_inside[1:] != is_inside[:-1])
  starts, ends = changes[::2], changes[1::2]
  lengths = np.minimum(ends - starts, _LONGEST + 1)
  # Every 16 bytes that follow each other, whether they are aligned or not.
  keys = np.ndarray(len(text) + 1, _PAIR, padded, offset=1, strides=(1,))
  keys = keys.take(starts).view("<u8").reshape(-1, 2)
  keys &= _MASKS.take(lengths).view("<u8").reshape(-1, 2)
  return _Runs(starts, ends, keys)


def _plain_words(keys: np.ndarray) -> list[str]:
  """Returns the words of ASCII letters and digits that are stored as keys."""
  texts = keys.view(f"S{_LONGEST}").ravel().tolist()
  return b"\n".join(texts).decode().split("\n") if texts else []


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

  def add(self, keys: np.ndarray, ids: np.ndarray) -> None:
    """Adds those runs of one word whose slots are free."""
    slots = self._slots(keys)
    is_added = (keys[:, 0] != 0) & (ids > -3) & (self._rows[slots, 1] == _FREE)
    rows = np.column_stack([keys[is_added], ids[is_added].astype(np.uint64)])
    self._rows[slots[is_added]] = rows
    self._num_runs += len(rows)
    if _SLOTS_PER_RUN * self._num_runs > len(self._rows) and self._log2_slots < _MAX_LOG2_SLOTS:
      self._grow()

  def _grow(self) -> None:
    rows = self._rows[self._rows[:, 1] != _FREE]
    self._num_runs = len(rows)
    self._log2_slots += 1
    self._rows = self._free_rows()
    self._rows[self._slots(rows)] = rows

  def _slots(self, keys: np.ndarray) -> np.ndarray:
    hashes = keys[:, 0] * _FACTORS[0]
    hashes += keys[:, 1] * _FACTORS[1]
    hashes ^= hashes >> np.uint64(32)
    hashes *= _FACTORS[0]
    hashes >>= np.uint64(64 - self._log2_slots)
    return hashes.view(np.int64)
