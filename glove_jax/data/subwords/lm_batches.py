"""Texts as rows of T subword tokens for language models: batches by (seed, step).

In the ids, a BREAK ends each text, as in `corpus`. As an input a BREAK is the start token of the
text that follows, as a target it is the end token of the text before: every token and every end is
predicted once an epoch, from its own text.
"""

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from glove_jax.data.counts import record_batches
from glove_jax.data.subwords import library_errors, subword_tokenizers
from glove_jax.data.text import corpus
from glove_jax.shares import WHOLE, Share

_TEXTS = 1000        # encoded at a time, by threads of the tokenizers library
_COUNTED = 1 << 20   # ids counted at a time
_LONGEST = 1 << 16   # characters encoded at a time; longer texts are split before a space
_PARTS = re.compile(rf"(?s).{{1,{_LONGEST}}}(?=\s|$)|.{{1,{_LONGEST}}}")


class TokenRows(NamedTuple):
  """B rows of T tokens. Zeros in `documents` are padding."""

  ids: np.ndarray        # [B, T] int32
  documents: np.ndarray  # [B, T] int32, number of the text in its row, from 1
  targets: np.ndarray    # [B, T] int32, the next token


class RowBatches(NamedTuple):
  """Batches of a text: shuffled, with every row once an epoch, or in order."""

  batch: Callable[..., TokenRows]  # of a step and a share
  steps_per_epoch: int
  in_order: Callable[[], Iterator[TokenRows]]  # all batches of the text once


def encode(
  texts: Iterable[str], tokenizer: subword_tokenizers.Tokenizer, *, end: int | None = None
) -> Iterator[np.ndarray]:
  """Yields the ids of texts, int32 arrays [N], a BREAK after each text. Empty texts are left out.

  Args:
    texts: any number of them.
    tokenizer: adds no special tokens here.
    end: a token to add at the end of each text, such as BERT's [SEP].
  """
  ending = [corpus.BREAK] if end is None else [end, corpus.BREAK]
  texts = iter(texts)
  while batch := list(itertools.islice(texts, _TEXTS)):
    ids = []
    for text_ids in _encode_batch(batch, tokenizer):
      if text_ids:
        ids += text_ids
        ids += ending
    yield np.array(ids, np.int32)


def _encode_batch(
  texts: list[str], tokenizer: subword_tokenizers.Tokenizer
) -> list[list[int]]:
  parts = []
  owners = []
  for number, text in enumerate(texts):
    text_parts = _PARTS.findall(text) if len(text) > _LONGEST else [text]
    parts += text_parts
    owners += [number] * len(text_parts)
  ids = [[] for _ in texts]
  with library_errors.encoding(parts):
    encodings = tokenizer.encode_batch_fast(parts, add_special_tokens=False)
  for number, encoding in zip(owners, encodings, strict=True):
    ids[number] += encoding.ids
  return ids


def documents(lines: Iterable[str], *, by: str = "lines") -> Iterator[str]:
  """Yields the texts of a corpus.

  Args:
    lines: of the corpus.
    by: `lines`, each line that is not empty is a text; or `blocks`, the lines between empty ones
      are, joined by newlines.
  """
  if by not in ("lines", "blocks"):
    raise ValueError(f"by is {by!r}, expected lines or blocks.")
  if by == "lines":
    yield from filter(None, map(str.strip, lines))
    return
  for has_text, block in itertools.groupby(lines, key=lambda line: bool(line.strip())):
    if has_text:
      yield "\n".join(block)


def row_batches(
  ids: np.ndarray, *, length: int, batch_size: int, start: int, end: int, seed: int = 0
) -> RowBatches:
  """Returns rows of `length` tokens from ids that end with a BREAK (see `blocks.write_ids`).

  Args:
    ids: [N] int32, memory-mapped or not.
    length: T.
    batch_size: B; the last batch of an epoch is filled up with rows of padding.
    start, end: tokens that a BREAK stands for, as an input and as a target.
    seed: of the order.
  """
  num_rows = -(-len(ids) // length)
  steps = -(-num_rows // batch_size)
  read = functools.partial(_read_rows, ids, length=length, start=start, end=end)

  def batch(step: int, share: Share = WHOLE) -> TokenRows:
    epoch, number = divmod(step, steps)
    own = share.rows(batch_size)
    rows = np.where(own < batch_size, number * batch_size + own, num_rows)
    inside = np.minimum(rows, num_rows - 1)
    shuffled = record_batches.permute(inside, num_rows, seed=(seed, epoch))
    return read(np.where(rows < num_rows, shuffled, num_rows))

  def in_order() -> Iterator[TokenRows]:
    for step in range(steps):
      yield read(np.arange(step * batch_size, (step + 1) * batch_size))

  return RowBatches(batch, steps, in_order)


def _read_rows(
  ids: np.ndarray, rows: np.ndarray, *, length: int, start: int, end: int
) -> TokenRows:
  """Returns the rows [B] of the text, by number; rows beyond its end are padding."""
  positions = rows[:, None].astype(np.int64) * length + np.arange(length)
  inside = positions < len(ids)
  positions = np.where(inside, positions, 0)
  inputs = ids[positions - 1]  # before the first token comes the last, a BREAK
  targets = ids[positions]
  begins = inputs == corpus.BREAK
  documents = 1 + np.cumsum(begins, axis=1, dtype=np.int32)
  inputs = np.where(begins, start, inputs)
  targets = np.where(targets == corpus.BREAK, end, targets)
  return TokenRows(
    ids=np.where(inside, inputs, 0).astype(np.int32),
    documents=np.where(inside, documents, 0).astype(np.int32),
    targets=np.where(inside, targets, 0).astype(np.int32),
  )


def token_counts(ids: np.ndarray, size: int) -> np.ndarray:
  """Returns how often each of `size` tokens occurs in ids, memory-mapped or not: [V] int64."""
  counts = np.zeros(size, np.int64)
  for start in range(0, len(ids), _COUNTED):
    part = ids[start : start + _COUNTED]
    counts += np.bincount(part[part >= 0], minlength=size)
  return counts
