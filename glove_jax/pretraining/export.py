"""What a finished pretraining run leaves in its folder."""

import pathlib
from collections.abc import Callable

from glove_jax import temporary_folders, vector_files
from glove_jax.progress import log_stage
from glove_jax.train import Params
from glove_jax.word_vectors import WordVectors, zero_vectors

# Writes what the params are to be used for into a folder: vectors.txt (returned too) or model/.
Export = Callable[[Params, pathlib.Path], WordVectors | None]


def save_vectors(vectors: WordVectors, folder: pathlib.Path) -> WordVectors:
  """Writes word vectors to `vectors.txt` in a folder; returns them."""
  path = folder / "vectors.txt"
  vector_files.save(vectors, path)
  zeros = zero_vectors.describe(vectors.words, vectors.vectors)
  if zeros:  # methods that count leave them where a word has no other one near it
    log_stage("zeros", f"{zeros}; the text has no context of theirs to learn from")
  place = temporary_folders.after_colon(path)
  log_stage("vectors", f"{len(vectors):,} words x {vectors.dim}{place}")
  return vectors
