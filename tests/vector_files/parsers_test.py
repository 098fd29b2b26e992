"""Formats are recognized by their first lines."""

import numpy as np
import pytest
from small_vector_files import SMALL, error, expect_small, write

from glove_jax import vector_files


@pytest.mark.parametrize(
  "data",
  [
    SMALL,
    b"2 3\n" + SMALL,  # word2vec
    b"2 3\nthe 0.5 -1 2e-3 \ncat 1 2 3 \n",  # fastText ends its lines with a space
    b"2 3\r\nthe 0.5 -1 2e-3\r\ncat 1 2 3\r\n",
    b"\xef\xbb\xbf" + SMALL,
    b"\xef\xbb\xbf2 3\n" + SMALL,
    b"the\t0.5\t-1\t2e-3\ncat\t1\t2\t3\n",
    b"the\t0.5 -1 2e-3\ncat\t1 2 3\n",
    b"the 0.5 -1  2e-3\ncat 1  2 3\n",
    SMALL[:-1],  # no newline at the end
    SMALL + b"\n\n",
    b"2 3\nthe "
    + np.float32([0.5, -1, 2e-3]).tobytes()
    + b"cat "
    + np.float32([1, 2, 3]).tobytes(),
    b"2 3\nthe "
    + np.float32([0.5, -1, 2e-3]).tobytes()
    + b"\ncat "
    + np.float32([1, 2, 3]).tobytes()
    + b"\n",
  ],
)
def test_every_dialect_gives_the_same(tmp_path, data):
  vectors = vector_files.load(write(tmp_path, data))
  expect_small(vectors)
  assert not vectors.notes


def test_two_integers_are_a_header_only_if_the_next_line_fits(tmp_path):
  assert vector_files.load(write(tmp_path, b"1 5\n2 7\n3 9\n")).words == ["1", "2", "3"]
  assert vector_files.load(write(tmp_path, b"10 2 0.5\n11 2 0.5\n")).words == ["10", "11"]
  message = error(write(tmp_path, b"2 5\n" + SMALL))
  assert "FILE:1: the header says 5 numbers a word, the next lines have 3" in message


def test_broken_utf8_can_be_ignored_or_read_in_its_encoding(tmp_path):
  path = write(tmp_path, b"the 1 2\ncaf\xe9 3 4\n")
  assert vector_files.load(path, errors="ignore").words == ["the", "caf"]
  assert vector_files.load(path, encoding="latin-1").words == ["the", "café"]
  assert "unknown encoding: 'klingon'" in error(path, encoding="klingon")
