"""Writes word vectors as a model of Facebook's fastText."""

import os
import shutil

import numpy as np

from glove_jax.exports.vector_table import VectorTable
from glove_jax.files import atomic_write
from glove_jax.interop import fasttext_model
from glove_jax.interop.fasttext_format import Args


def write(table: VectorTable, path: str | os.PathLike) -> None:
  """Writes a `.bin`: a copy of the fastText model that the vectors come from, or a new one.

  A new model has no character n-grams: words outside the table have no vector. Its output matrix is
  zero, as before training, and words of unknown counts have count 1.
  """
  if table.model_file is not None:
    with open(table.model_file, "rb") as source, atomic_write(path, "wb") as file:
      shutil.copyfileobj(source, file, 1 << 20)
    return
  num_words = len(table.words)
  counts = np.ones(num_words, np.int64) if table.counts is None else table.counts
  model = fasttext_model.Model(
    args=Args(dim=table.dim, bucket=0, minn=0, maxn=0),
    words=table.words,
    counts=counts,
    labels=[],
    label_counts=np.zeros(0, np.int64),
    tokens=int(counts.sum()),
    prune=None,
    input=table.vectors,
    output=np.zeros((num_words, table.dim), np.float32),  # pages of zeros take no memory
  )
  fasttext_model.save(model, path)
