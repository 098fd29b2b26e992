"""The text of numbers is NumPy's, byte for byte."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax import float_text

SPECIAL = [
  0, -0.0, 1, -1, 0.5, 0.25, 0.1, 0.3, 0.418, 100, 999.9999, 1000, 123.456, 1e-3, 1e-4,
  1.0000001e-4,
  9.999999e-5, -0.0001234, 1e-5, 12345678, 1e10, 3.4e38, 1.17549435e-38, 1e-45, 9.9999999,
  99.99999,
]  # fmt: skip


def check(numbers):
  numbers = np.asarray(numbers, np.float32)
  line, = float_text.format_rows(numbers[None], b"\t")
  assert line.split(b"\t") == numbers.astype("S").tolist()


def test_special_numbers():
  check(SPECIAL)
  check(np.nextafter(np.array(SPECIAL, np.float32), np.float32(np.inf)))
  check(np.nextafter(np.array(SPECIAL, np.float32), np.float32(-np.inf))[1:])


@pytest.mark.parametrize("digits", [1, 3, 5, 6, 7, 8, None])
def test_numbers_of_vectors(digits):
  rng = np.random.default_rng(0)
  numbers = np.concatenate([rng.normal(0, 0.4, 20_000), 10 ** rng.uniform(-5, 4, 20_000)])
  check(numbers if digits is None else np.round(numbers, digits))


@settings(deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_any_number(numbers):
  check(numbers)


def test_rows_are_lines():
  rows = np.array([[1, 2.5], [-3, 0.125]], np.float32)
  assert float_text.format_rows(rows, b" ") == [b"1.0 2.5", b"-3.0 0.125"]
  assert float_text.format_rows(rows[:, :0], b" ") == [b"", b""]
  assert float_text.format_rows(rows[::-1, ::-1], b" ") == [b"0.125 -3.0", b"2.5 1.0"]
  assert float_text.format_rows(rows[:0], b" ") == []
