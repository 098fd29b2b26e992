"""Writes a matrix to a safetensors file, whose library would hold a copy of it in memory."""

import json
from collections.abc import Mapping
from typing import IO

import numpy as np

from glove_jax.errors import InputError

MAX_HEADER_BYTES = 100_000_000  # more is refused by the library that reads it
_ROWS_PER_BLOCK = 1 << 14


def write(
  file: IO[bytes],
  name: str,
  matrix: np.ndarray,
  *,
  metadata: Mapping[str, str],
  zero_rows: int = 0,
) -> None:
  """Writes a matrix [N, D] as 32-bit numbers.

  Args:
    file: open for writing.
    name: of the tensor.
    matrix: of real numbers.
    metadata: of the header.
    zero_rows: rows of zeros after those of the matrix.

  Raises:
    InputError: the header is larger than 100 MB.
  """
  num_rows, dim = matrix.shape
  shape = [num_rows + zero_rows, dim]
  tensor = {"dtype": "F32", "shape": shape, "data_offsets": [0, 4 * shape[0] * dim]}
  header = json.dumps({"__metadata__": metadata, name: tensor}, ensure_ascii=False).encode()
  header += b" " * (-len(header) % 8)  # the numbers are aligned
  if len(header) > MAX_HEADER_BYTES:
    raise InputError(
      f"The words make a header of {len(header):,} bytes, and safetensors holds "
      f"{MAX_HEADER_BYTES:,} at most."
    )
  file.write(len(header).to_bytes(8, "little"))
  file.write(header)
  for start in range(0, num_rows, _ROWS_PER_BLOCK):
    rows = np.ascontiguousarray(matrix[start : start + _ROWS_PER_BLOCK], "<f4")
    file.write(rows.data)
  file.write(bytes(4 * zero_rows * dim))
