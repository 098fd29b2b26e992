"""Plain decimals, converted as NumPy does; other numbers are left to the parser of lines."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_vector_files import error, write

from glove_jax import vector_files
from glove_jax.vector_files import decimals

_GRAMMAR = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def _is_plain(field):
  return bool(_GRAMMAR.fullmatch(field)) and field != "-0" and math.isfinite(float(field))


@settings(deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=4, max_size=4))
def test_values_are_those_of_numpy_bit_for_bit(values):
  rows = [f"{values[0]} {values[1]:.8e}", f"{values[2]:.3f} {values[3]:.16E}"]
  matrix = decimals.parse(rows, 2)
  assert matrix is not None
  expected = np.loadtxt(rows, np.float32)
  np.testing.assert_array_equal(matrix.view(np.uint32), expected.view(np.uint32))


def test_a_matrix_is_in_the_order_of_rows():
  matrix = decimals.parse(["1 2 3", "4 5 6"], 3)
  assert matrix is not None
  assert matrix.tolist() == [[1, 2, 3], [4, 5, 6]]
  assert matrix.flags.c_contiguous and matrix.dtype == np.float32


@settings(deadline=None)
@given(st.text(alphabet="019.-+eE\n xX_,\u0661", max_size=6))
def test_other_numbers_are_refused(field):
  matrix = decimals.parse([f"1 {field}", "3 4"], 2)
  assert (matrix is not None) == _is_plain(field)


@pytest.mark.parametrize("field", ["true", "null", '"5"', "[5]", "5\r", "\t5", "5,6", ""])
def test_other_values_of_json_are_refused(field):
  assert decimals.parse([f"1 {field}", "3 4"], 2) is None


def test_rows_of_other_lengths_are_refused():
  assert decimals.parse(["1 2 3", "4"], 2) is None
  assert decimals.parse(["1 2", "3  4"], 2) is None
  assert decimals.parse(["1\t2", "3 4"], 2) is None


def test_a_negative_zero_keeps_its_sign(tmp_path):
  vectors = vector_files.load(write(tmp_path, b"the -0 -0.0\ndog 0 1\n"))
  assert np.signbit(vectors.vectors).tolist() == [[True, True], [False, False]]


def test_too_large_numbers_are_named_by_line(tmp_path):
  lines = b"the 1 2\ndog 1 1e39\n"
  assert error(write(tmp_path, lines)).startswith("FILE:2: found inf in the vector of 'dog'")
  assert error(write(tmp_path, b"the 1 2\ndog 1 1e999\n")).startswith("FILE:2: found inf")


@pytest.mark.parametrize(
  "number", ["1.2.3", "0.5-3", "[[86", "0x10", "1_0", "1e-5e3", "", "\u0661"]
)
def test_a_mistake_late_in_a_file_is_named_by_line(tmp_path, number):
  lines = [f"word{row} {row}.5 -0.25 1e-05\n" for row in range(20_000)]
  lines[15_000] = f"mistake 1 {number} 2\n"
  message = error(write(tmp_path, "".join(lines).encode()))
  assert message.startswith("FILE:15001: found ")


def test_numbers_of_all_forms_are_loaded_from_many_blocks(tmp_path):
  lines = [f"word{row} {row}.5 -0.25 1e-05\n" for row in range(20_000)]
  lines[12_345] = "New York +1 .5 2E+1\n"
  vectors = vector_files.load(write(tmp_path, "".join(lines).encode()))
  assert vectors["New York"].tolist() == [1, 0.5, 20]
  assert vectors.words[19_999] == "word19999"
  assert vectors.vectors[19_999].tolist() == [19_999.5, -0.25, np.float32(1e-5)]
