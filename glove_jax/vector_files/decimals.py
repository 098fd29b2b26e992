"""Parses rows of decimal numbers: the grammar is checked here, SciPy computes the values.

SciPy's reader of Matrix Market files converts exactly, without Python's lock and several times as
fast as `np.loadtxt`, but passes over what follows a number. So only numbers of a strict grammar are
given to it.
"""

import io
import operator
from collections.abc import Sequence

import numpy as np

# Fewer are parsed by NumPy before SciPy is imported.
MIN_NUMBERS = 1 << 13
# Characters that are no digits. Between two of them either stand digits, or nothing.
_SEPARATOR, _SIGN, _POINT, _EXPONENT, _OTHER = range(5)
_MARKS = {"\n": _SEPARATOR, "-": _SIGN, ".": _POINT, "e": _EXPONENT}
_KINDS = len(_MARKS) + 1
_DIGIT_CODES = np.uint8(ord("0")), np.uint8(9)
# -?digits(.digits)?(e-?digits)?
_AFTER_DIGITS = {
  _SEPARATOR: (_SEPARATOR, _POINT, _EXPONENT),
  _SIGN: (_SEPARATOR, _POINT, _EXPONENT),
  _POINT: (_SEPARATOR, _EXPONENT),
  _EXPONENT: (_SEPARATOR,),
}
_count_spaces = operator.methodcaller("count", " ")
_MATRIX_MARKET = b"%%%%MatrixMarket matrix array real general\n%d %d\n"


def _mark_kinds() -> np.ndarray:  # -> [256] uint8: code of a character -> kind of mark
  kinds = np.full(256, _OTHER, np.uint8)
  for character, kind in _MARKS.items():
    kinds[ord(character)] = kind
  return kinds


def _forbidden_pairs() -> np.ndarray:  # -> [2 * K * K] bool, by `_pair_codes`
  forbidden = np.ones((2, _KINDS, _KINDS), bool)
  forbidden[0, [_SEPARATOR, _EXPONENT], _SIGN] = False  # nothing between them
  for kind, next_kinds in _AFTER_DIGITS.items():
    forbidden[1, kind, list(next_kinds)] = False
  return forbidden.reshape(-1)


_KIND_OF_CODE = _mark_kinds()
_IS_FORBIDDEN = _forbidden_pairs()


def parse(rows: Sequence[str], dim: int) -> np.ndarray | None:
  """Returns rows of numbers as a matrix, if all are written as plain decimals.

  Args:
    rows: N rows of D numbers, each separated by a space.
    dim: D.

  Returns:
    [N, D] float32, rounded through float64 as those of `np.loadtxt`; None if a row is not D numbers
    of the form `-?digits(.digits)?(e-?digits)?` with a space between, which may be right all the
    same; or if they are few.
  """
  if len(rows) * dim < MIN_NUMBERS:
    return None
  if not all(map(str.isascii, rows)) or set(map(_count_spaces, rows)) != {dim - 1}:
    return None
  header = _MATRIX_MARKET % (dim, len(rows))
  lines = "\n".join(rows).encode().replace(b" ", b"\n")
  content = b"%b%b\n" % (header, lines)
  del lines  # each copy is memory, of every thread
  if not _are_decimals(np.frombuffer(content, np.uint8, offset=len(header) - 1)):
    return None
  import scipy.io  # imported late: it takes as long as all other imports

  try:
    columns = scipy.io.mmread(io.BytesIO(content))
  except ValueError:
    return None
  with np.errstate(over="ignore"):  # what is too large for 32 bits is refused as inf
    return columns.T.astype(np.float32, order="C")


def _are_decimals(text: np.ndarray) -> bool:
  """Returns whether each line is a number of the grammar.

  Args:
    text: [N] uint8, with a newline before the first line and after each.
  """
  first_digit, nine = _DIGIT_CODES
  positions = np.flatnonzero((text - first_digit) > nine)
  kinds = np.take(_KIND_OF_CODE, np.take(text, positions))
  has_digits = np.diff(positions) > 1
  pairs = (has_digits * np.uint8(_KINDS) + kinds[:-1]) * np.uint8(_KINDS) + kinds[1:]
  if np.take(_IS_FORBIDDEN, pairs).any():
    return False
  signed = np.flatnonzero((kinds[:-1] == _EXPONENT) & (kinds[1:] == _SIGN))
  return bool((kinds[signed + 2] == _SEPARATOR).all())  # no second part of a number after `e-`
