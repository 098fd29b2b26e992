"""Loads and saves word-vector files of every common format."""

import os

from glove_jax.vector_files.load import composer, composer_files, is_static_model, load
from glove_jax.vector_writer import FORMATS
from glove_jax.word_vectors import WordVectors

__all__ = ["FORMATS", "composer", "composer_files", "is_static_model", "load", "save"]


def save(vectors: WordVectors, path: str | os.PathLike, format: str = "glove") -> None:
  """Writes vectors to a file; see `WordVectors.save`."""
  vectors.save(path, format)
