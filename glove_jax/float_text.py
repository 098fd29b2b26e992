"""Formats float32 numbers as the shortest decimals that read back as the same bits, in bulk.

The text is that of NumPy's `numbers.astype("S")`, byte for byte, in a fraction of the time.
"""

import numpy as np
import orjson

# Between these sizes neither NumPy nor orjson writes an exponent, and their texts are the same.
_SMALLEST = np.float32(1e-4)
_LARGEST = np.float32(1e3)
_NAN = np.float32("nan")
_NAN_TEXT = b"null"  # in JSON


def format_rows(rows: np.ndarray, separator: bytes) -> list[bytes]:
  """Returns the numbers of each row [N, D] as text, with a separator between them."""
  rows = np.ascontiguousarray(rows, np.float32)
  sizes = np.abs(rows)
  is_plain = (sizes > _SMALLEST) & (sizes < _LARGEST) | (sizes == 0)
  plain = np.where(is_plain, rows, _NAN)
  lines = [_format_plain(row, separator) for row in plain]
  for index in np.flatnonzero(~is_plain.all(axis=1)):
    others = rows[index, ~is_plain[index]].astype("S").tolist()
    lines[index] = _fill(lines[index], others)
  return lines


def _format_plain(numbers: np.ndarray, separator: bytes) -> bytes:
  array = orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY)
  return array[1:-1].replace(b",", separator)


def _fill(line: bytes, numbers: list[bytes]) -> bytes:
  """Returns the line with the numbers in the places of nan."""
  parts = [b""] * (2 * len(numbers) + 1)
  parts[::2] = line.split(_NAN_TEXT)
  parts[1::2] = numbers
  return b"".join(parts)
