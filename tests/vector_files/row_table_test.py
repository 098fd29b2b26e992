"""Duplicates, limits, and headers that count wrongly."""

import numpy as np
from small_vector_files import SMALL, error, expect_small, write

from glove_jax import vector_files
from glove_jax.vector_files import row_table


def test_limit_reads_the_first_words_even_of_a_damaged_file(tmp_path):
  path = write(tmp_path, b"9 3\n" + SMALL + b"dog 4 5")
  assert vector_files.load(path, limit=1).words == ["the"]
  path = write(tmp_path, b"9 3\n" + SMALL)
  assert "found 2 words, expected 9 as in the header" in error(path)
  expect_small(vector_files.load(path, limit=2))


def test_duplicates_keep_the_first_and_are_counted(tmp_path):
  vectors = vector_files.load(write(tmp_path, b"a 1 2\nb 3 4\na 5 6\nb 7 8\nc 9 9\n"))
  assert vectors.words == ["a", "b", "c"]
  np.testing.assert_array_equal(vectors.vectors, [[1, 2], [3, 4], [9, 9]])
  assert "2 duplicate words dropped" in vectors.notes[0]


def test_a_header_that_counts_too_few_or_too_many(tmp_path):
  vectors = vector_files.load(write(tmp_path, b"1 3\n" + SMALL))
  expect_small(vectors)
  assert "says 1 words, read all 2" in vectors.notes[0]
  assert "found 2 words, expected 3 as in the header" in error(write(tmp_path, b"3 3\n" + SMALL))


def test_rows_of_hardly_any_words_end_the_reading(tmp_path, monkeypatch):
  monkeypatch.setattr(row_table, "MAX_DUPLICATE_ROWS", 1000)
  path = write(tmp_path, SMALL * 501)
  assert error(path) == (
    "FILE: only 2 of the first 1,002 words differ, expected a vocabulary."
  )
  assert vector_files.load(write(tmp_path, SMALL * 500)).words == ["the", "cat"]
  lines = "".join(f"w{number // 50} 1 2 3\n" for number in range(2000))
  assert len(vector_files.load(write(tmp_path, lines.encode()))) == 40
