"""Copies of parsed vectors: a matrix that is mapped into memory, and its words.

`NAME.cache.npy` and `NAME.cache.words.txt` are written only where a caller asks for them.
`NAME.cache.json` says of which file they were made, by its size, time of change and a hash, and has
their checksums.
"""

import functools
import os
import pathlib
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from glove_jax import sources, vector_writer
from glove_jax.errors import InputError
from glove_jax.files import read_record, write_record
from glove_jax.vector_files import static_vocabulary, tensors
from glove_jax.vector_files.distinct_words import DistinctWords
from glove_jax.word_vectors import WordVectors

_VERSION = 1
_BLOCK_BYTES = 1 << 22  # that have a checksum each


def load(
  path: str, read: Callable[[], WordVectors], options: dict[str, Any], *, limit: int | None = None
) -> WordVectors:
  """Returns the vectors of a file from its cache, which is written if it is absent, old or damaged.

  Args:
    path: of the file, or `file.zip:member`; the cache lies beside it.
    read: reads the file.
    options: of `read`; a cache of others is not used.
    limit: maximum number of words; with it a cache is read but not written.

  Returns:
    Vectors as of `read`; from a cache the matrix is read-only.

  Raises:
    InputError: as of `read`, or for a word that holds a newline.
    OSError: the cache cannot be written.
  """
  files = _files_read(path)
  if not files:  # a pipe
    return read()
  matrix_path = _matrix_path(path)
  earlier = _read_record(matrix_path)
  descriptions = _describe(files, earlier.get("sources"))
  record = {"version": _VERSION, "options": options, "sources": descriptions}
  if _is_same(record, earlier):
    vectors = _open(matrix_path, earlier, limit)
    if vectors is not None:
      if descriptions != earlier["sources"]:  # the same contents at another time or place
        write_record(_record_path(matrix_path), {**earlier, "sources": descriptions})
      return vectors
  vectors = read()
  if limit is None:
    _write(vectors, matrix_path, record)
  return vectors


def _files_read(path: str) -> list[str]:
  """Returns the file, and those beside it that its reader may open too; [] if it is no file."""
  archive, _, _ = path.partition(".zip:")
  if not os.path.isfile(path) and not os.path.isfile(f"{archive}.zip"):
    return []
  vocabulary = pathlib.Path(path).with_name(static_vocabulary.FILE)
  beside = [tensors.metadata_file(path), str(vector_writer.words_file(path)), str(vocabulary)]
  return [path, *(file for file in beside if file and os.path.isfile(file))]


def _matrix_path(path: str) -> pathlib.Path:
  archive, separator, member = path.partition(".zip:")
  if separator and not os.path.isfile(path):
    path = f"{archive}.zip.{member.replace('/', '.')}"
  return pathlib.Path(f"{path}.cache.npy")


def _record_path(matrix_path: pathlib.Path) -> pathlib.Path:
  return matrix_path.with_suffix(".json")


def _read_record(matrix_path: pathlib.Path) -> dict[str, Any]:
  """Returns what a cache says of itself; {} without one, or if that is damaged."""
  try:
    return read_record(_record_path(matrix_path), remedy="")
  except (OSError, InputError):
    return {}


def _describe(files: list[str], earlier: Any) -> list[dict[str, Any] | None]:
  """Describes files by contents, which are read only if sizes or times have changed."""
  if not isinstance(earlier, list) or len(earlier) != len(files):
    earlier = [None] * len(files)
  return [sources.describe(*pair) for pair in zip(files, earlier, strict=True)]


def _is_same(record: dict[str, Any], earlier: dict[str, Any]) -> bool:
  """Returns whether a cache is one of the same contents, read in the same way."""
  if any(record[key] != earlier.get(key) for key in ("version", "options")):
    return False
  descriptions = earlier.get("sources")
  if not isinstance(descriptions, list) or len(descriptions) != len(record["sources"]):
    return False
  pairs = zip(record["sources"], descriptions, strict=True)
  return all(sources.is_same(new, old) for new, old in pairs)


def _write(vectors: WordVectors, path: pathlib.Path, record: dict[str, Any]) -> None:
  """Writes a cache; its record comes last and belongs to no other matrix and words."""
  vector_writer.write(vectors.words, vectors.vectors, path, "npy")
  record |= {
    "notes": list(vectors.notes),
    "words": _checksums(vector_writer.words_file(path)),
    "matrix": _checksums(path),
  }
  write_record(_record_path(path), record)


def _open(path: pathlib.Path, record: dict[str, Any], limit: int | None) -> WordVectors | None:
  """Returns the vectors of a cache; None if it is damaged."""
  words_path = vector_writer.words_file(path)
  try:
    matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    num_words = len(matrix) if limit is None else min(limit, len(matrix))
    end = matrix.offset + num_words * matrix.strides[0]
    is_whole = _checksums(path, end) == record["matrix"][: -(-end // _BLOCK_BYTES)]
    if not is_whole or _checksums(words_path) != record["words"]:
      return None
    text = words_path.read_bytes().decode().removeprefix("\ufeff")
  except (OSError, ValueError, KeyError, TypeError):
    return None
  words = text.removesuffix("\n").split("\n")
  notes = () if num_words < len(matrix) else tuple(record["notes"])
  return DistinctWords(words[:num_words], np.asarray(matrix[:num_words]), notes)


def _checksums(path: pathlib.Path, end: int | None = None) -> list[int]:
  """Returns a checksum of each block of a file, of those before byte `end` if it is given."""
  size = path.stat().st_size if end is None else end
  starts = range(0, size, _BLOCK_BYTES)
  with open(path, "rb") as file, ThreadPoolExecutor() as pool:  # zlib releases Python's lock
    return list(pool.map(functools.partial(_checksum, file.fileno()), starts))


def _checksum(descriptor: int, start: int) -> int:
  return zlib.crc32(os.pread(descriptor, _BLOCK_BYTES, start))
