"""Writes word vectors as a Parquet file; needs pyarrow.

| column       | type                               | content                         |
|--------------|------------------------------------|---------------------------------|
| `word`       | string                             |                                 |
| `count`      | int64                              | in the corpus; if known         |
| `vector`     | float32, a list of fixed size D    |                                 |
| `x`, `y`     | float32                            | a map of the words (`word_map`) |
| `neighbours` | `ids`: int32, `distances`: float32 | rows of the nearest words,      |
|              |                                    | and 1 - their cosine            |
"""

import os

import numpy as np

from glove_jax import installation
from glove_jax.errors import InputError
from glove_jax.exports import word_map
from glove_jax.exports.vector_table import VectorTable
from glove_jax.files import atomic_write
from glove_jax.progress import track
from glove_jax.word_vectors import WordVectors

NUM_NEIGHBOURS = 10
MAX_COMPARED = 20_000  # words; the neighbours of V words take V^2 cosines
_ROWS_PER_GROUP = 1 << 14
_QUERIES_PER_BLOCK = 512


def write(table: VectorTable, path: str | os.PathLike) -> None:
  """Writes a Parquet file, a group of rows at a time.

  Only tables of up to `MAX_COMPARED` words have neighbours.

  Raises:
    InputError: pyarrow is not installed.
  """
  pa, parquet = _import_pyarrow()
  has_neighbours = 1 < len(table.words) <= MAX_COMPARED
  nearest = _nearest(table) if has_neighbours else None
  points = word_map.project(table.vectors)
  schema = _schema(pa, table, has_neighbours=has_neighbours)
  # Numbers of vectors cannot be compressed.
  options = {"compression": "none", "use_dictionary": False, "write_statistics": False}
  with (
    atomic_write(path, "wb") as file,
    parquet.ParquetWriter(file, schema, **options) as writer,
  ):
    for start in range(0, len(table.words), _ROWS_PER_GROUP):
      rows = slice(start, start + _ROWS_PER_GROUP)
      columns = {
        "word": table.words[rows],
        "vector": _lists(pa, table.vectors[rows]),
        "x": points[rows, 0],
        "y": points[rows, 1],
      }
      if table.counts is not None:
        columns["count"] = table.counts[rows]
      if nearest is not None:
        columns["neighbours"] = _neighbour_column(pa, *(each[rows] for each in nearest))
      writer.write_table(pa.table({name: columns[name] for name in schema.names}, schema))


def _schema(pa, table: VectorTable, *, has_neighbours: bool):
  fields = [("word", pa.string())]
  if table.counts is not None:
    fields.append(("count", pa.int64()))
  fields.append(("vector", pa.list_(pa.float32(), table.dim)))
  fields += [("x", pa.float32()), ("y", pa.float32())]
  if has_neighbours:
    lists = {"ids": pa.list_(pa.int32()), "distances": pa.list_(pa.float32())}
    fields.append(("neighbours", pa.struct(list(lists.items()))))
  return pa.schema(fields)


def _lists(pa, rows: np.ndarray):  # [N, D] -> an array of N lists
  values = np.ascontiguousarray(rows, np.float32).reshape(-1)
  return pa.FixedSizeListArray.from_arrays(pa.array(values), rows.shape[1])


def _neighbour_column(pa, ids: np.ndarray, distances: np.ndarray):  # [N, K] each
  num_rows, count = ids.shape
  offsets = pa.array(count * np.arange(num_rows + 1, dtype=np.int32))
  lists = []
  for values in (ids, distances):
    lists.append(pa.ListArray.from_arrays(offsets, pa.array(values.reshape(-1))))
  return pa.StructArray.from_arrays(lists, ["ids", "distances"])


def _nearest(table: VectorTable) -> tuple[np.ndarray, np.ndarray]:
  """Returns the rows and the cosine distances of the nearest words: [V, K] int32 and float32."""
  vectors = WordVectors(table.words, table.vectors)
  num_words = len(vectors)
  count = min(NUM_NEIGHBOURS, num_words - 1)
  ids = np.zeros((num_words, count), np.int32)
  distances = np.zeros((num_words, count), np.float32)
  starts = range(0, num_words, _QUERIES_PER_BLOCK)
  for start in track(starts, "neighbours", unit="block"):
    rows = range(start, min(start + _QUERIES_PER_BLOCK, num_words))
    exclude = [[row] for row in rows]
    lists = vectors.nearest(table.vectors[rows.start : rows.stop], count, exclude=exclude)
    for row, neighbours in zip(rows, lists, strict=True):
      ids[row] = [vectors.index[word] for word, _ in neighbours]
      distances[row] = [1 - cosine for _, cosine in neighbours]
  return ids, distances


def _import_pyarrow():
  try:
    import pyarrow
    import pyarrow.parquet
  except ImportError:
    raise InputError(
      f"The format parquet needs pyarrow: {installation.extra('parquet')}"
    ) from None
  return pyarrow, pyarrow.parquet
