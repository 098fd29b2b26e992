"""What a finished pretraining run leaves in its folder."""

import pathlib
from collections.abc import Callable

import numpy as np

from glove_jax import temporary_folders, vector_files
from glove_jax.errors import quote
from glove_jax.progress import log_stage
from glove_jax.train import Params
from glove_jax.word_vectors import WordVectors

# Writes what the params are to be used for into a folder: vectors.txt (returned too) or model/.
Export = Callable[[Params, pathlib.Path], WordVectors | None]


def save_vectors(vectors: WordVectors, folder: pathlib.Path) -> WordVectors:
  """Writes word vectors to `vectors.txt` in a folder; returns them."""
  path = folder / "vectors.txt"
  vector_files.save(vectors, path)
  _log_zeros(vectors)
  place = temporary_folders.after_colon(path)
  log_stage("vectors", f"{len(vectors):,} words x {vectors.dim}{place}")
  return vectors


def _log_zeros(vectors: WordVectors) -> None:
  """Reports words whose vectors are zero: methods that count find no context of theirs."""
  rows = np.flatnonzero(~vectors.vectors.any(axis=1))
  if not len(rows):
    return
  shown = ", ".join(quote(vectors.words[row], 40) for row in rows[:3])
  more = ", …" if len(rows) > 3 else ""
  subject = f"{len(rows):,} words have zero vectors"
  if len(rows) == 1:
    subject = "1 word has a zero vector"
  log_stage("zeros", f"{subject}, without a context to learn from: {shown}{more}")
