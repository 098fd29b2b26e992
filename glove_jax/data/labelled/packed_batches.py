"""Batches for prediction whose rows hold several short texts, so that few tokens are padding."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.labelled.padded_batches import Examples

ROW_TOKENS = 64  # R: longer texts are not packed
ROWS = 8  # B
TEXTS_PER_ROW = 8  # S, at most


class PackedBatch(NamedTuple):
  """B rows of R tokens that hold up to S texts each, one after another."""

  ids: np.ndarray        # [B, R] int32; 0 is padding
  documents: np.ndarray  # [B, R] int32, the number of the text in its row from 1; 0 is padding
  starts: np.ndarray     # [B, S] int32, where each text begins in its row
  sizes: np.ndarray      # [B, S] int32, tokens of each text; 0 where there is none
  types: np.ndarray | None  # [B, R] int32, which text of a pair a token belongs to


def batches(
  examples: Examples, indices: Sequence[int]
) -> Iterator[tuple[list[list[int]], PackedBatch]]:
  """Yields (indices of the texts in each row, the batch): each text once.

  Args:
    examples: texts without characters and without words of several subwords.
    indices: which of them; each has ROW_TOKENS at most.
  """
  rows = fill_rows(indices, [len(examples.ids[index]) for index in indices])
  for start in range(0, len(rows), ROWS):
    group = rows[start : start + ROWS]
    yield group, _collate(examples, group)


def fill_rows(indices: Sequence[int], sizes: Sequence[int]) -> list[list[int]]:
  """Returns the texts of each row: the longest first, each in the fullest row that has room."""
  rows: list[list[int]] = []
  with_room: list[list[list[int]]] = [[] for _ in range(ROW_TOKENS + 1)]  # by the tokens left
  for position in np.argsort(sizes, kind="stable")[::-1].tolist():
    size = sizes[position]
    for left in range(size, ROW_TOKENS + 1):
      if with_room[left]:
        row = with_room[left].pop()
        break
    else:
      left = ROW_TOKENS
      row = []
      rows.append(row)
    row.append(indices[position])
    if len(row) < TEXTS_PER_ROW:
      with_room[left - size].append(row)
  return rows


def _collate(examples: Examples, rows: Sequence[Sequence[int]]) -> PackedBatch:
  shape = (ROWS, ROW_TOKENS)
  ids = np.zeros(shape, np.int32)
  documents = np.zeros(shape, np.int32)
  types = np.zeros(shape, np.int32)
  starts = np.zeros((ROWS, TEXTS_PER_ROW), np.int32)
  sizes = np.zeros((ROWS, TEXTS_PER_ROW), np.int32)
  for row, indices in enumerate(rows):
    end = 0
    for slot, index in enumerate(indices):
      start = end
      end = start + len(examples.ids[index])
      ids[row, start:end] = examples.ids[index]
      documents[row, start:end] = slot + 1
      starts[row, slot] = start
      sizes[row, slot] = end - start
      if examples.types is not None:
        types[row, start:end] = examples.types[index]
  return PackedBatch(ids, documents, starts, sizes, None if examples.types is None else types)
