"""Formats float32 numbers as the shortest decimals that read back as the same bits, in bulk.

The text is NumPy's of `numbers.astype("S")`, byte for byte, in a fraction of the time.
"""

import numpy as np

# Between these NumPy writes no exponent, and 15 digits hold the number.
_SMALLEST = np.float32(1e-4)
_LARGEST = 1e3
_DECIMALS = 12  # digits after the point: 9 significant ones of a number of at least 1e-4
_MOST_DIGITS = 9  # any float32 is told from all others by so many
_THRESHOLDS = tuple(np.float32(10.0**exponent) for exponent in range(-3, 3))
_FIRST_EXPONENT = -4
_GROUP = 1000  # digits are looked up three at a time
_CELL = 4  # bytes of a looked-up text, padded with null characters
_WIDTH = 5 * _CELL  # bytes of a number and its separator


def format_rows(rows: np.ndarray, separator: bytes) -> list[bytes]:
  """Returns the numbers of each row [N, D] as text, with a separator of one byte between."""
  num_rows, dim = rows.shape
  if not rows.size:
    return [b""] * num_rows
  cells = _format(np.ascontiguousarray(rows, np.float32).reshape(-1))
  cells = cells.view(np.uint8).reshape(num_rows, dim, _WIDTH)
  cells[:, :, -1] = ord(separator)
  cells[:, -1, -1] = ord("\n")
  text = cells.tobytes().translate(None, b"\0")
  return text.split(b"\n")[:-1]


def _format(numbers: np.ndarray) -> np.ndarray:  # [N] float32 -> [N, 5] uint32
  """Returns the texts of numbers, in bytes that are padded with null characters anywhere."""
  sizes = np.abs(numbers)
  bits = numbers.view(np.uint32)
  # A power of two has its neighbours at two distances.
  is_regular = (sizes > _SMALLEST) & (sizes < _LARGEST) & ((bits & 0x7FFFFF) != 0)
  is_regular |= sizes == 0
  scaled = _shortest(np.where(is_regular, sizes, np.float32(0.3)), bits)
  scaled[sizes == 0] = 0
  cells = _digits(scaled, is_negative=bits >> 31)
  others = np.flatnonzero(~is_regular)
  if others.size:
    texts = numbers[others].astype("S").astype(f"S{_WIDTH}")
    cells[others] = texts.view(np.uint32).reshape(-1, _WIDTH // _CELL)
  return cells


def _shortest(sizes: np.ndarray, bits: np.ndarray) -> np.ndarray:  # [N] -> [N] int64
  """Returns 10^12 times the shortest decimal that is closer to each size than to other float32."""
  exponents = np.zeros(len(sizes), np.intp)
  for threshold in _THRESHOLDS:
    exponents += sizes >= threshold
  values = sizes.astype(np.float64)
  margins = (sizes.view(np.uint32) & 0x7F800000).view(np.float32) * 2.0**-24  # half a step
  margins *= 1 - 1e-6
  scaled = _rounded(values, exponents, _MOST_DIGITS)[0]
  left = np.arange(len(sizes))
  for digits in range(_MOST_DIGITS - 1, 0, -1):
    candidates, errors = _rounded(values, exponents, digits)
    is_same = errors < margins
    left = left[is_same]
    if not left.size:
      break
    scaled[left] = candidates[is_same]
    values, exponents, margins = values[is_same], exponents[is_same], margins[is_same]
  return scaled.astype(np.int64)


def _rounded(
  values: np.ndarray, exponents: np.ndarray, digits: int
) -> tuple[np.ndarray, np.ndarray]:
  """Returns values of so many significant digits, times 10^12, and their errors."""
  powers = 10.0 ** (digits - 1 - _FIRST_EXPONENT - np.arange(len(_THRESHOLDS) + 1))
  powers = powers[exponents]
  decimals = np.rint(values * powers)
  errors = np.abs(decimals / powers - values)
  return decimals * (10.0**_DECIMALS / powers), errors


def _digits(scaled: np.ndarray, *, is_negative: np.ndarray) -> np.ndarray:  # [N] -> [N, 5]
  """Returns the texts of integers that are numbers times 10^12."""
  cells = np.empty((len(scaled), _WIDTH // _CELL), np.uint32)
  rest = scaled
  is_last = np.ones(len(scaled), bool)  # whether only zeros follow
  for column in range(_WIDTH // _CELL - 1, 0, -1):
    quotient = rest // _GROUP
    group = rest - quotient * _GROUP
    table = _FIRST_DECIMALS if column == 1 else _NEXT_DECIMALS
    cells[:, column] = table[group + _GROUP * is_last]
    is_last &= group == 0
    rest = quotient
  cells[:, 0] = _INTEGERS[rest + _GROUP * is_negative]
  return cells


def _table(texts: list[str]) -> np.ndarray:
  return np.array([text.encode() for text in texts], f"S{_CELL}").view(np.uint32)


def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
  """Returns the texts of three digits: before the point; after it; further on.

  The first thousand are followed by others: with a minus sign; as the last digits, without zeros.
  """
  integers = [str(number) for number in range(_GROUP)]
  groups = [f"{number:03}" for number in range(_GROUP)]
  stripped = [group.rstrip("0") for group in groups]
  negative = [f"-{text}" for text in integers]
  first = [f".{group}" for group in groups] + [f".{group or '0'}" for group in stripped]
  return _table(integers + negative), _table(first), _table(groups + stripped)


_INTEGERS, _FIRST_DECIMALS, _NEXT_DECIMALS = _tables()
