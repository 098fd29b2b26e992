"""Reads and writes the matrices of fastText's models, dense or product-quantized.

Quantization: Joulin et al. 2016, "FastText.zip: Compressing Text Classification Models", sec. 3.1.
"""

import os
import struct
from typing import IO

import numpy as np

from glove_jax.interop.binary_reader import Reader

NUM_CENTROIDS = 256  # a code is one byte
# One code stands for at most this many values: a small file must not fill the memory.
MAX_PART_WIDTH = 64
_LARGEST = 1e18  # squares of larger numbers, and their sums, are inf in 32 bits
_ROWS_PER_CHECK = 1 << 14
_SHAPE = struct.Struct("<2q")


def write(file: IO[bytes], matrix: np.ndarray) -> None:
  """Writes a dense matrix [N, D] with its flag and shape; one of zeros is a hole in the file."""
  file.write(b"\0")
  file.write(_SHAPE.pack(*matrix.shape))
  values = np.ascontiguousarray(matrix, "<f4")
  if values.size and not values[0].any() and not values.any():
    file.seek(values.nbytes - 1, os.SEEK_CUR)
    file.write(b"\0")
  else:
    file.write(values.data)


def read(reader: Reader, shape: tuple[int, int], *, quantized: bool, name: str) -> np.ndarray:
  """Reads a matrix as dense float32.

  Args:
    reader: at the matrix, after the flag that says whether it is quantized.
    shape: [N, D] as it follows from the arguments and the dictionary.
    quantized: whether rows are codes of centroids.
    name: of the matrix, for errors.

  Values may be nan or inf; see `rows_not_finite`.

  Raises:
    InputError: if the file is truncated or the shape differs.
  """
  normalized = quantized and reader.read_flag(f"the mark of the {name}'s norms")
  start = reader.position
  file_shape = reader.unpack(_SHAPE, f"the {name}'s shape")
  if file_shape != shape:
    raise reader.error(start, f"the {name} has shape {file_shape}, expected {shape}")
  num_rows, dim = shape
  if quantized:
    return _read_quantized(reader, shape, normalized)
  values = reader.read_array("<f4", num_rows * dim, f"the {name}")
  return values.reshape(shape)


def rows_not_finite(matrix: np.ndarray) -> np.ndarray:
  """Returns the numbers of the rows of a matrix [N, D] that hold a nan or inf, or nearly inf."""
  rows = [np.zeros(0, np.int64)]
  for first in range(0, len(matrix), _ROWS_PER_CHECK):
    with np.errstate(invalid="ignore"):  # signalling nans
      is_small = np.abs(matrix[first : first + _ROWS_PER_CHECK]) < _LARGEST
    is_finite = is_small.all(axis=1)
    if not is_finite.all():
      rows.append(first + np.flatnonzero(~is_finite))
  return np.concatenate(rows)


def _read_quantized(reader: Reader, shape: tuple[int, int], normalized: bool) -> np.ndarray:
  """Reads codes and centroids, and norms if rows were normalized; returns the rows they encode."""
  num_rows, dim = shape
  start = reader.position
  num_codes, = reader.unpack("<i", "the size of the codes")
  if num_codes < 0:
    raise reader.error(start, f"found {num_codes:,} codes, expected 0 or more")
  codes = reader.read_array("u1", num_codes, "codes")
  parts = _read_centroids(reader, dim)
  if num_codes != num_rows * len(parts):
    raise reader.error(
      reader.position,
      f"found {num_codes:,} codes, expected {num_rows:,} x {len(parts):,}",
    )
  codes = codes.reshape(num_rows, len(parts))
  matrix = np.empty(shape, np.float32)
  column = 0
  for part, centroids in enumerate(parts):
    width = centroids.shape[1]
    end = column + width
    matrix[:, column:end] = centroids[codes[:, part]]
    column = end
  if normalized:
    norm_codes = reader.read_array("u1", num_rows, "norms")
    norms, = _read_centroids(reader, dim=1)
    with np.errstate(over="ignore", invalid="ignore"):  # `rows_not_finite` tells
      matrix *= norms[norm_codes]
  return matrix


def _read_centroids(reader: Reader, dim: int) -> list[np.ndarray]:
  """Reads the centroids [256, width] of each part of a row; the last part may be narrower."""
  start = reader.position
  sizes = reader.unpack("<4i", "a quantizer's sizes")
  width = sizes[2]
  width_is_valid = 0 < min(width, dim) <= MAX_PART_WIDTH
  if not width_is_valid or sizes != _expected_sizes(dim, width):
    raise reader.error(
      start,
      f"a quantizer's dimension, parts, width and last width are {sizes}, expected dimension {dim} "
      f"in parts of 1 to {MAX_PART_WIDTH}",
    )
  centroids = reader.read_array("<f4", NUM_CENTROIDS * dim, "centroids")
  part_size = NUM_CENTROIDS * width
  parts = np.split(centroids, range(part_size, len(centroids), part_size))
  return [part.reshape(NUM_CENTROIDS, -1) for part in parts]


def _expected_sizes(dim: int, width: int) -> tuple[int, int, int, int]:
  num_parts = -(-dim // width)
  last_width = (dim - 1) % width + 1
  return dim, num_parts, width, last_width
