"""Loads a .npy matrix whose words lie beside it, one on each line."""

import os
import tokenize
import warnings

import numpy as np

from glove_jax.errors import InputError
from glove_jax.vector_files import row_table, transcoding
from glove_jax.vector_writer import words_file
from glove_jax.word_vectors import WordVectors

MAGIC = b"\x93NUMPY"
_NUMBER_KINDS = "fiu"
# What NumPy raises for headers that make no sense, beside ValueError.
_HEADER_ERRORS = (
  ValueError, OverflowError, SyntaxError, TypeError, KeyError, AttributeError, EOFError,
  RecursionError, MemoryError, tokenize.TokenError,
)


def load(path: str, *, encoding: str, errors: str, limit: int | None) -> WordVectors:
  """Loads a matrix and its words.

  Raises:
    InputError: naming the file, what was found and what was expected.
  """
  if os.path.exists(path) and not os.path.isfile(path):
    raise InputError(f"{path}: not a regular file, which a .npy matrix must be.")
  if not _begins_with_magic(path):
    raise InputError(f"{path}: a .npy matrix in an archive, expected one outside.")
  matrix = _open_matrix(path)
  words_path = words_file(path)
  if not words_path.exists():
    raise InputError(
      f"{path}: a matrix without its words, expected {words_path} with a word on each line"
      f"{_gensim_hint(path)}."
    )
  words = transcoding.read_lines(words_path, encoding, errors)
  if len(matrix) != len(words):
    raise InputError(
      f"{path}: shape {matrix.shape}, expected ({len(words)}, D) as {words_path} has words."
    )
  return row_table.from_rows(words, matrix, path, limit=limit)


def _begins_with_magic(path: str) -> bool:
  """Returns whether the file itself is a matrix; else a matrix lies in an archive."""
  if not os.path.exists(path):
    return False  # file.zip:member
  with open(path, "rb") as file:
    return file.read(len(MAGIC)) == MAGIC


def _open_matrix(path: str) -> np.ndarray:
  """Maps a matrix of numbers, so that a false header cannot make NumPy allocate memory."""
  try:
    with warnings.catch_warnings():
      warnings.simplefilter("ignore")  # about headers of Python 2
      matrix = np.load(path, mmap_mode="r", allow_pickle=False)
  except _HEADER_ERRORS as error:
    if "Python objects" in str(error) or "allow_pickle" in str(error):
      raise InputError(
        f"{path}: a pickle inside a .npy file{_gensim_hint(path)}; pickles are not read, as they "
        "can run any code when they are opened."
      ) from None
    raise InputError(f"{path}: a damaged .npy file ({error}).") from None
  if matrix.dtype.kind not in _NUMBER_KINDS or matrix.ndim != 2 or not matrix.shape[1]:
    raise InputError(
      f"{path}: shape {matrix.shape} of {matrix.dtype}, expected (words, D) of real numbers."
    )
  return matrix


def _gensim_hint(path: str) -> str:
  """Returns a remark about a file that gensim's `save` writes beside its pickle, "" for others."""
  base, separator, _ = path.rpartition(".vectors")
  if not separator:
    base, separator, _ = path.rpartition(".wv.")
  if separator and os.path.exists(base):
    return f" (it belongs to gensim's {base}; `save_word2vec_format` writes a file that is read)"
  return ""
