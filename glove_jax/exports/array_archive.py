"""Writes words and vectors as a `.npz` of NumPy."""

import os
import zipfile
from collections.abc import Iterator

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.exports.vector_table import VectorTable
from glove_jax.files import atomic_write

_ROWS_PER_BLOCK = 1 << 12
# NumPy gives each word the room of the longest: one word must not fill the disk.
_MAX_WORD_LENGTH = 256


def write(table: VectorTable, path: str | os.PathLike) -> None:
  """Writes `words` [V], `vectors` [V, D] and, if they are known, `counts` [V].

  `np.load(path)` reads it without pickles.

  Raises:
    InputError: a word is too long for an array of words.
  """
  longest = max(table.words, key=len)
  if len(longest) > _MAX_WORD_LENGTH:
    raise InputError(
      f"The word {quote(longest, 60)} has {len(longest):,} characters; npz, whose words have the "
      f"room of the longest, takes {_MAX_WORD_LENGTH}."
    )
  word_type = np.dtype(f"<U{max(1, len(longest))}")
  with atomic_write(path, "wb") as file, zipfile.ZipFile(file, "w") as archive:
    _write_array(archive, "words", word_type, (len(table.words),), _word_blocks(table, word_type))
    blocks = (np.ascontiguousarray(rows, "<f4") for rows in _row_blocks(table.vectors))
    _write_array(archive, "vectors", np.dtype("<f4"), table.vectors.shape, blocks)
    if table.counts is not None:
      counts = np.ascontiguousarray(table.counts, "<i8")
      _write_array(archive, "counts", counts.dtype, counts.shape, iter([counts]))


def _write_array(
  archive: zipfile.ZipFile,
  name: str,
  dtype: np.dtype,
  shape: tuple[int, ...],
  blocks: Iterator[np.ndarray],
) -> None:
  """Writes an array as a member, block by block: a copy of it never stands in memory."""
  header = {"descr": dtype.str, "fortran_order": False, "shape": shape}
  with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
    np.lib.format.write_array_header_1_0(member, header)
    for block in blocks:
      member.write(block.data if block.size else b"")


def _word_blocks(table: VectorTable, dtype: np.dtype) -> Iterator[np.ndarray]:
  for start in range(0, len(table.words), _ROWS_PER_BLOCK):
    block = np.array(table.words[start : start + _ROWS_PER_BLOCK], dtype)
    yield block.view("u1")  # an array of strings has no buffer


def _row_blocks(vectors: np.ndarray) -> Iterator[np.ndarray]:
  for start in range(0, len(vectors), _ROWS_PER_BLOCK):
    yield vectors[start : start + _ROWS_PER_BLOCK]
