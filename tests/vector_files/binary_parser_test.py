"""Binary files that are cut off or lie about their size."""

import numpy as np
from small_vector_files import error, write


def test_a_hostile_binary_header_allocates_nothing(tmp_path):
  row = b"the " + np.float32([1, 2, 3]).tobytes()
  assert f"says {2**60:,} words, found 1" in error(write(tmp_path, b"%d 3\n" % 2**60 + row))
  assert f"says {2**60} numbers a word, expected 1 to 100" in error(
    write(tmp_path, b"3 %d\n" % 2**60 + row)
  )
  assert "no word ends" in error(write(tmp_path, b"3 3\n" + b"\0" * (1 << 23)))


def test_a_truncated_binary_and_one_with_nan(tmp_path):
  data = (
    b"2 3\nthe " + np.float32([1, 2, 3]).tobytes() + b"cat " + np.float32([1, np.nan, 3]).tobytes()
  )
  assert "FILE:3: the word 'cat' has the number nan" in error(write(tmp_path, data))
  assert "says 2 words, found 1" in error(write(tmp_path, data[:-1]))
