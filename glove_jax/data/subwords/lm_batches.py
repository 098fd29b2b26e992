"""Texts in pieces, one after another in rows of T tokens: batches for language models, functions of (seed, step).

A text's end is a BREAK in the ids, as in `corpus`. As input a BREAK is the start token of the text that follows it, as
target it is the end token of the text before: every token and every end is predicted once an epoch, from its own text.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from glove_jax.data.counts import record_batches
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.data.text import corpus

_TEXTS = 1000         # cut into pieces at a time, by threads of the tokenizers library
_COUNTED = 1 << 20    # ids that are counted at a time
_LONGEST = 1 << 16    # characters that are cut at a time; longer texts are divided before a space


class Rows(NamedTuple):
  """B rows of T tokens."""

  ids: np.ndarray        # [B, T] int32
  documents: np.ndarray  # [B, T] int32, which text of the row a token is of, from 1 on; 0: padding
  targets: np.ndarray    # [B, T] int32, the token that follows


class Masked(NamedTuple):
  """B rows of T tokens, some of them masked, at most K in a row."""

  ids: np.ndarray        # [B, T] int32
  documents: np.ndarray  # [B, T] int32, as in Rows
  places: np.ndarray     # [B, K] int32, where tokens are to be guessed
  targets: np.ndarray    # [B, K] int32, what stood there
  weight: np.ndarray     # [B, K] float32, 1; 0: padding


class RowBatches(NamedTuple):
  """`batch(step)`: every row once an epoch, shuffled; `in_order()`: all batches once, as the text has them."""

  batch: Callable[[int], Rows]
  steps_per_epoch: int
  in_order: Callable[[], Iterator[Rows]]


class Vocabulary(NamedTuple):
  """What masking needs to know of the pieces."""

  mask: int               # the piece that stands for what is to be guessed
  ordinary: np.ndarray    # [N] int32, pieces that may be guessed, or stand in the place of another
  continues: np.ndarray   # [V] bool, goes on with a word (##)
  weights: np.ndarray     # [V] float, how readily a piece is chosen to be guessed, above 0 where ordinary


def encode(texts: Iterable[str], tokenizer: subword_tokenizers.Tokenizer, *, end: int | None = None) -> Iterator[np.ndarray]:
  """Ids of texts, int32 arrays [n], a BREAK after each text; texts without a piece are left out.

  end: a piece to put at the end of each text, such as BERT's [SEP].
  """
  texts = iter(texts)
  while some := list(itertools.islice(texts, _TEXTS)):
    parts = [(number, part) for number, text in enumerate(some) for part in _parts(text)]
    found = tokenizer.encode_batch_fast([part for _, part in parts], add_special_tokens=False)
    ids = []
    for _, group in itertools.groupby(zip(parts, found, strict=True), key=lambda pair: pair[0][0]):
      pieces = [piece for _, one in group for piece in one.ids]
      ids += [*pieces, *([] if end is None else [end]), corpus.BREAK] if pieces else []
    yield np.array(ids, np.int32)


def documents(lines: Iterable[str], *, by: str = "lines") -> Iterator[str]:
  """Texts of a corpus: each of its `lines`, or what stands between empty ones (`blocks`), line ends included."""
  if by not in ("lines", "blocks"):
    raise ValueError(f"by is {by!r}, expected lines or blocks.")
  if by == "lines":
    yield from filter(None, map(str.strip, lines))
    return
  for filled, group in itertools.groupby(lines, key=lambda line: bool(line.strip())):
    if filled:
      yield "\n".join(group)


def row_batches(ids: np.ndarray, *, length: int, batch_size: int, start: int, end: int, seed: int = 0) -> RowBatches:
  """Rows of `length` tokens from ids that end with a BREAK (see `windows.write`).

  Args:
    ids: [N] int32, memory-mapped or not.
    length: T.
    batch_size: B; the last batch of an epoch is filled up with rows of padding.
    start, end: pieces that a BREAK stands for.
  """
  count = -(-len(ids) // length)
  steps = -(-count // batch_size)
  def chosen(numbers: np.ndarray) -> Rows:
    return _rows(ids, numbers, length, start, end)
  def batch(step: int) -> Rows:
    epoch, step = divmod(step, steps)
    numbers = np.arange(step * batch_size, (step + 1) * batch_size)
    shuffled = record_batches.permute(np.minimum(numbers, count - 1), count, seed=(seed, epoch))
    return chosen(np.where(numbers < count, shuffled, count))
  def in_order() -> Iterator[Rows]:
    return (chosen(np.arange(i * batch_size, (i + 1) * batch_size)) for i in range(steps))
  return RowBatches(batch, steps, in_order)


def _rows(ids: np.ndarray, numbers: np.ndarray, length: int, start: int, end: int) -> Rows:
  places = numbers[:, None].astype(np.int64) * length + np.arange(length)
  real = places < len(ids)
  places = np.where(real, places, 0)
  inputs, targets = ids[places - 1], ids[places]  # before the first is the last, a BREAK
  number = 1 + np.cumsum(inputs == corpus.BREAK, axis=1, dtype=np.int32)
  return Rows(*(np.where(real, array, 0).astype(np.int32) for array in (
    np.where(inputs == corpus.BREAK, start, inputs), number, np.where(targets == corpus.BREAK, end, targets))))


def mask(
  rows: Rows, vocabulary: Vocabulary, *, rate: float = 0.15, whole_words: bool = False, seed: int, step: int
) -> Masked:
  """Rows with a share of their ordinary tokens to be guessed (Devlin et al. 2019, sec. 3.1, task 1).

  Of those, 80 % are masked, 10 % another piece, 10 % as they were. In a row of n ordinary tokens round(rate n) are
  chosen, one at least, one after another by the weights of those that are left; with `whole_words` all pieces of a word
  or none, by the weight of its first piece, as many words as fit in that number: none, if the first does not.
  """
  rng = np.random.default_rng((seed, 2, step))
  batch, length = rows.ids.shape
  may = np.isin(rows.ids, vocabulary.ordinary) & (rows.documents > 0)
  unit = np.arange(length)[None].repeat(batch, 0)
  if whole_words:
    unit = np.maximum.accumulate(np.where(vocabulary.continues[rows.ids], 0, unit), axis=1)
  waits = -np.log1p(-rng.random((batch, length))) / np.maximum(vocabulary.weights[rows.ids], 1e-9)  # who comes first
  luck = np.where(may, np.take_along_axis(waits, unit, 1), np.inf)
  order = np.argsort(luck, axis=1, kind="stable")  # unit after unit
  budget = np.maximum(np.rint(rate * may.sum(1)), 1).astype(np.int64)[:, None]
  units = np.take_along_axis(unit, order, 1)
  last, following = (np.take_along_axis(units, np.minimum(place, length - 1), 1) for place in (budget - 1, budget))
  rank = np.argsort(order, axis=1)
  chosen = may & (rank < budget)
  chosen &= ~((unit == last) & (last == following) & (budget < may.sum(1)[:, None]))  # a word that does not fit
  most = max(1, round(rate * length))
  places = np.argsort(~chosen, axis=1, kind="stable")[:, :most].astype(np.int32)
  weight = np.take_along_axis(chosen, places, 1)
  fate, others = rng.random((batch, length)), rng.choice(vocabulary.ordinary, (batch, length))
  seen = np.where(fate < 0.8, vocabulary.mask, np.where(fate < 0.9, others, rows.ids))
  ids = np.where(chosen, seen, rows.ids).astype(np.int32)
  return Masked(ids, rows.documents, places, np.take_along_axis(rows.ids, places, 1), weight.astype(np.float32))


def masking_vocabulary(tokenizer: subword_tokenizers.Tokenizer) -> Vocabulary:
  """What masking needs to know of a WordPiece vocabulary; all pieces have the weight 1."""
  size, special = tokenizer.get_vocab_size(), subword_tokenizers.special(tokenizer)
  ordinary = np.setdiff1d(np.arange(size, dtype=np.int32), list(tokenizer.get_added_tokens_decoder()))
  continues = np.array([tokenizer.id_to_token(i).startswith("##") for i in range(size)])
  return Vocabulary(special.mask, ordinary, continues, np.ones(size, np.float32))


def counts(ids: np.ndarray, size: int) -> np.ndarray:
  """How often each of `size` pieces occurs in ids that may be memory-mapped: [V] int64."""
  parts = (ids[i : i + _COUNTED] for i in range(0, len(ids), _COUNTED))
  return sum((np.bincount(part[part >= 0], minlength=size) for part in parts), np.zeros(size, np.int64))


def _parts(text: str) -> list[str]:
  """A text in parts that are short enough to be cut into pieces at once."""
  return _PARTS.findall(text) if len(text) > _LONGEST else [text]


_PARTS = re.compile(rf"(?s).{{1,{_LONGEST}}}(?=\s|$)|.{{1,{_LONGEST}}}")
