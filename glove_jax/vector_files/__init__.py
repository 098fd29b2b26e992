"""Loads and saves word-vector files of every common format."""

from glove_jax.vector_files.load import composer, load
from glove_jax.vector_files.save import FORMATS, save

__all__ = ["FORMATS", "composer", "load", "save"]
