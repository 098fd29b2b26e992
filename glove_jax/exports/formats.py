"""The formats of `export`: who writes each, which words it holds, and how it is opened."""

import pathlib
from collections.abc import Callable
from typing import NamedTuple

from glove_jax import vector_writer
from glove_jax.errors import InputError, quote
from glove_jax.exports import (
  array_archive,
  fasttext_bin,
  parquet_table,
  projector,
  spacy_pipeline,
  static_model,
  word_checks,
)
from glove_jax.exports.vector_table import VectorTable
from glove_jax.exports.word_checks import WordRule

Write = Callable[[VectorTable, pathlib.Path], None]


def _no_texts(table: VectorTable) -> str:
  return ""


class Format(NamedTuple):
  """A format of an export.

  Attributes:
    write: writes a table to a path.
    words: which words it holds.
    usage: Python that opens `{path}`, for the card.
    is_folder: whether the path is a folder.
    describe_texts: how texts become words; "" where the format has no texts.
  """

  write: Write
  words: WordRule
  usage: str
  is_folder: bool = False
  describe_texts: Callable[[VectorTable], str] = _no_texts


def _write_word2vec(table: VectorTable, path: pathlib.Path) -> None:
  vector_writer.write(table.words, table.vectors, path, "word2vec")


def _write_word2vec_binary(table: VectorTable, path: pathlib.Path) -> None:
  vector_writer.write(table.words, table.vectors, path, "word2vec-binary")


def _static(usage: str) -> Format:
  return Format(
    static_model.write,
    word_checks.NOT_EMPTY,
    usage,
    is_folder=True,
    describe_texts=static_model.describe,
  )


FORMATS = {
  "word2vec": Format(
    _write_word2vec,
    word_checks.NO_SPACES,
    "from gensim.models import KeyedVectors\n"
    "vectors = KeyedVectors.load_word2vec_format({path!r})",
  ),
  "word2vec-binary": Format(
    _write_word2vec_binary,
    word_checks.NO_SPACES,
    "from gensim.models import KeyedVectors\n"
    "vectors = KeyedVectors.load_word2vec_format({path!r}, binary=True)",
  ),
  "fasttext": Format(
    fasttext_bin.write,
    word_checks.NO_NULLS,
    "import fasttext\nmodel = fasttext.load_model({path!r})\nmodel.get_nearest_neighbors('word')",
  ),
  "spacy": Format(
    spacy_pipeline.write,
    word_checks.NOT_EMPTY,
    "import spacy\nnlp = spacy.load({path!r})\nnlp('a text').vector",
    is_folder=True,
    describe_texts=spacy_pipeline.describe,
  ),
  "sentence-transformers": _static(
    "from sentence_transformers import SentenceTransformer\n"
    "model = SentenceTransformer({path!r})\nmodel.encode(['a text'])"
  ),
  "model2vec": _static(
    "from model2vec import StaticModel\n"
    "model = StaticModel.from_pretrained({path!r})\nmodel.encode(['a text'])"
  ),
  "projector": Format(
    projector.write,
    word_checks.NO_COLUMNS,
    "# https://projector.tensorflow.org, Load; or tensorboard --logdir={path}",
    is_folder=True,
  ),
  "parquet": Format(
    parquet_table.write,
    word_checks.ANY_TEXT,
    "import duckdb\nduckdb.read_parquet({path!r}).select('word, x, y').limit(10)",
  ),
  "npz": Format(
    array_archive.write,
    word_checks.NO_LAST_NULL,
    "import numpy as np\narrays = np.load({path!r})\narrays['words'], arrays['vectors']",
  ),
}


SYNONYMS = {  # library or other name -> the format that it reads
  "gensim": "word2vec",
  "duckdb": "parquet",
  "polars": "parquet",
  "pandas": "parquet",
  "datasets": "parquet",
  "embedding-atlas": "parquet",
  "tensorboard": "projector",
  "numpy": "npz",
  "static": "model2vec",
}


def resolve(name: str) -> str:
  """Returns the name of a format, given that of the format or of a library that reads it.

  Raises:
    InputError: there is none; the message has the names of all.
  """
  format = SYNONYMS.get(name, name)
  if format not in FORMATS:
    raise InputError(f"to={quote(name)} is no format, expected one of {', '.join(FORMATS)}.")
  return format


def find(name: str) -> Format:
  """Returns a format by its name, as `resolve` reads it."""
  return FORMATS[resolve(name)]
