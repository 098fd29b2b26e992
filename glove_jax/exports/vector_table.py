"""What is exported: words and vectors, with what is known of the run that made them."""

import os
import pathlib
from typing import NamedTuple

import numpy as np

from glove_jax import vector_files
from glove_jax.data.text import tokenization, vocab
from glove_jax.data.text.tokenization import Tokenization
from glove_jax.interop import fasttext_format
from glove_jax.word_vectors import WordVectors

_RESULTS = ("vectors.txt", "model.bin")  # of a workdir, which may be named in its place


class VectorTable(NamedTuple):
  """V words and their vectors.

  Attributes:
    words: V different words.
    vectors: [V, D] float32.
    counts: [V] int64, how often each word occurs in the corpus; None if that is not known.
    tokenization: how text became words; None if that is not known.
    workdir: of the run that made the vectors; None of other vectors.
    model_file: a fastText model that the vectors come from; None of other vectors.
    notes: remarks for the user.
  """

  words: list[str]
  vectors: np.ndarray
  counts: np.ndarray | None = None
  tokenization: Tokenization | None = None
  workdir: pathlib.Path | None = None
  model_file: pathlib.Path | None = None
  notes: tuple[str, ...] = ()

  @property
  def dim(self) -> int:
    """The dimension D of the vectors."""
    return self.vectors.shape[1]


def read(
  source: WordVectors | str | os.PathLike,
  *,
  encoding: str = "utf-8",
  errors: str = "strict",
  limit: int | None = None,
) -> VectorTable:
  """Returns the table of word vectors that are a value, a file, or the result of a run.

  Args:
    source: word vectors; or what `vector_files.load` reads: a pretraining workdir, a file, a name.
    encoding, errors: as for `vector_files.load`.
    limit: only the first words; None: all.

  Raises:
    InputError: the file is damaged, or its format is not supported.
  """
  if isinstance(source, WordVectors):
    return _from_value(source, limit)
  vectors = vector_files.load(source, encoding=encoding, errors=errors, limit=limit)
  workdir = _workdir(source)
  return VectorTable(
    words=vectors.words,
    vectors=vectors.vectors,
    counts=_read_counts(workdir, vectors.words),
    tokenization=tokenization.of_source(source),
    workdir=workdir,
    model_file=None if limit else _model_file(source),
    notes=tuple(vectors.notes),
  )


def select(table: VectorTable, is_kept: np.ndarray) -> VectorTable:
  """Returns the rows of a table for which `is_kept` [V] is true."""
  rows = np.flatnonzero(is_kept)
  return table._replace(
    words=[table.words[row] for row in rows],
    vectors=table.vectors[rows],
    counts=None if table.counts is None else table.counts[rows],
    model_file=None,
  )


def _from_value(vectors: WordVectors, limit: int | None) -> VectorTable:
  return VectorTable(
    words=vectors.words[:limit],
    vectors=vectors.vectors[:limit],
    tokenization=vectors.tokenization,
    notes=tuple(vectors.notes),
  )


def _workdir(source: str | os.PathLike) -> pathlib.Path | None:
  path = pathlib.Path(source)
  if path.name in _RESULTS and not path.is_dir():
    path = path.parent
  is_run = path.is_dir() and (path / "config.json").is_file() and (path / "vocab.txt").is_file()
  return path if is_run else None


def _model_file(source: str | os.PathLike) -> pathlib.Path | None:
  path = fasttext_format.model_file(source)
  if not path.is_file():
    return None
  with open(path, "rb") as file:
    return path if fasttext_format.is_fasttext_model(file.read(8)) else None


def _read_counts(workdir: pathlib.Path | None, words: list[str]) -> np.ndarray | None:
  """Returns the counts of a run's vocabulary; None where it has other words."""
  if workdir is None:
    return None
  vocabulary = vocab.load(workdir / "vocab.txt")
  if list(vocabulary.words[: len(words)]) != words:
    return None
  return vocabulary.counts[: len(words)]
