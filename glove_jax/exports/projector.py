"""Writes word vectors for TensorFlow's projector, of the web page and of TensorBoard."""

import os
import pathlib

from glove_jax import vector_writer
from glove_jax.exports.vector_table import VectorTable
from glove_jax.files import atomic_write

TENSORS = "tensors.tsv"
METADATA = "metadata.tsv"
_CONFIG = "projector_config.pbtxt"  # for TensorBoard, whose --logdir the folder may be


def write(table: VectorTable, folder: str | os.PathLike) -> None:
  """Writes `tensors.tsv`, a row of numbers for each word, and `metadata.tsv` with the words.

  With counts the metadata have two columns under a header. Of one column they have no header: the
  projector would take it for a word.
  """
  folder = pathlib.Path(folder)
  with atomic_write(folder / TENSORS, "wb") as file:
    for line in vector_writer.number_lines(table.vectors, separator=b"\t"):
      file.write(line + b"\n")
  with atomic_write(folder / METADATA) as file:
    if table.counts is None:
      file.writelines(f"{word}\n" for word in table.words)
    else:
      file.write("word\tcount\n")
      rows = zip(table.words, table.counts.tolist(), strict=True)
      file.writelines(f"{word}\t{count}\n" for word, count in rows)
  with atomic_write(folder / _CONFIG) as file:
    file.write(
      "embeddings {\n"
      '  tensor_name: "word vectors"\n'
      f'  tensor_path: "{TENSORS}"\n'
      f'  metadata_path: "{METADATA}"\n'
      "}\n"
    )
