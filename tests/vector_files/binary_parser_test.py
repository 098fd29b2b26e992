"""Binary files that are truncated or state a wrong size."""

import numpy as np
from small_vector_files import error, write


def test_a_hostile_binary_header_allocates_nothing(tmp_path):
  row = b"the " + np.float32([1, 2, 3]).tobytes()
  assert f"found 1 words, expected {2**60:,} as in the header" in error(
    write(tmp_path, b"%d 3\n" % 2**60 + row)
  )
  assert f"says {2**60} numbers a word, expected 1 to 100" in error(
    write(tmp_path, b"3 %d\n" % 2**60 + row)
  )
  assert "no word ends" in error(write(tmp_path, b"3 3\n" + b"\0" * (1 << 23)))


def test_a_truncated_binary_and_one_with_nan(tmp_path):
  data = (
    b"2 3\nthe " + np.float32([1, 2, 3]).tobytes() + b"cat " + np.float32([1, np.nan, 3]).tobytes()
  )
  assert "FILE:3: found nan in the vector of 'cat'" in error(write(tmp_path, data))
  assert "found 1 words, expected 2 as in the header" in error(write(tmp_path, data[:-1]))
