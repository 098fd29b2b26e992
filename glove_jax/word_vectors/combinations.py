"""Joins the vectors that several tables have for a word (meta-embeddings)."""

from collections.abc import Sequence

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.word_vectors import cosines as cosines_lib
from glove_jax.word_vectors.table import WordTable

KEEP = ("shared", "all")


def concatenate(
  tables: Sequence[WordTable], *, keep: str, normalize: bool
) -> tuple[list[str], np.ndarray]:
  """Returns words and the concatenation of their vectors; see `WordVectors.concat`."""
  words = _words(tables, keep)
  parts = [_rows(table, words, normalize)[0] for table in tables]
  return words, np.concatenate(parts, axis=1)


def average(
  tables: Sequence[WordTable], *, keep: str, normalize: bool
) -> tuple[list[str], np.ndarray]:
  """Returns words and the mean of their vectors; see `WordVectors.average`."""
  words = _words(tables, keep)
  total = np.zeros((len(words), max(table.dim for table in tables)), np.float32)
  num_tables = np.zeros((len(words), 1), np.float32)
  for table in tables:
    rows, has_row = _rows(table, words, normalize)
    total[:, : table.dim] += rows
    num_tables[:, 0] += has_row
  return words, total / num_tables


def _words(tables: Sequence[WordTable], keep: str) -> list[str]:
  """Returns the words of all tables, or of any, in the order of the first, then the second, …"""
  if keep not in KEEP:
    raise InputError(f"keep is {quote(keep)}, expected {' or '.join(KEEP)}.")
  if keep == "all":
    return list(dict.fromkeys(word for table in tables for word in table.words))
  first, *others = tables
  return [word for word in first.words if all(word in table for table in others)]


def _rows(
  table: WordTable, words: Sequence[str], normalize: bool
) -> tuple[np.ndarray, np.ndarray]:
  """Returns the vectors [N, D] of words, zeros for those without a row, and which have one, [N]."""
  positions = np.array([table.index.get(word, -1) for word in words], np.int64)
  has_row = positions >= 0
  rows = np.zeros((len(words), table.dim), np.float32)
  rows[has_row] = table.vectors[positions[has_row]]
  return (cosines_lib.normalize_rows(rows) if normalize else rows), has_row
