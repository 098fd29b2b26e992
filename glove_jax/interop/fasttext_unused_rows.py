"""Checks the matrices of fastText's models for nan and inf, and clears rows that no word uses."""

from typing import Any

import numpy as np

from glove_jax.data import ngrams
from glove_jax.errors import InputError
from glove_jax.interop import fasttext_matrices
from glove_jax.interop.binary_reader import Reader
from glove_jax.interop.fasttext_dictionary import Dictionary


def check_finite(reader: Reader, start: int, output: np.ndarray) -> None:
  """Raises an InputError if a row of the output matrix, read from byte `start`, is not finite."""
  bad_rows = fasttext_matrices.rows_not_finite(output)
  if len(bad_rows):
    raise _not_finite_error(reader, start, bad_rows[0], "output")


def clear(
  reader: Reader, start: int, matrix: np.ndarray, args: Any, dictionary: Dictionary
) -> tuple[str, ...]:
  """Sets rows of n-grams to zero that hold a nan or inf and that no word uses; returns notes.

  Facebook's program does not initialize every row of a small model, and reads such files.

  Args:
    reader: of the file, for errors.
    start: the byte at which the matrix begins.
    matrix: the input matrix [V + buckets, D].
    args: `fasttext_format.Args`.
    dictionary: with the words and the n-grams that were kept.

  Raises:
    InputError: if a row that a word uses is not finite.
  """
  bad_rows = fasttext_matrices.rows_not_finite(matrix)
  if not len(bad_rows):
    return ()
  used_rows = np.union1d(np.arange(len(dictionary.words)), _ngram_rows(args, dictionary))
  bad_used_rows = np.intersect1d(bad_rows, used_rows)
  if len(bad_used_rows):
    raise _not_finite_error(reader, start, bad_used_rows[0], "input")
  matrix[bad_rows] = 0
  return (
    f"{reader.path}: {len(bad_rows):,} rows of n-grams hold a nan or inf; no word of the model "
    "uses them, zeros taken.",
  )


def _ngram_rows(args: Any, dictionary: Dictionary) -> np.ndarray:
  """Returns the rows of the character n-grams of all words."""
  if not args.bucket or not args.maxn or not dictionary.words:
    return np.zeros(0, np.int64)
  _, buckets = ngrams.table(dictionary.words, args.minn, args.maxn, args.bucket)
  rows = np.unique(buckets).astype(np.int64)
  if dictionary.prune is not None:
    kept_buckets, kept_rows = dictionary.prune.T
    rows = kept_rows[np.isin(kept_buckets, rows)]
  return len(dictionary.words) + rows


def _not_finite_error(reader: Reader, start: int, row: int, name: str) -> InputError:
  return reader.error(start, f"row {row:,} of the {name} has a nan or inf, expected none")
