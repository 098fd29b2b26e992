"""Rows of numbers without words, as TensorFlow's projector and numpy.savetxt have them."""

import numpy as np
import pytest
from small_vector_files import error, write

from glove_jax import vector_files

ROWS = b"0.1\t0.2\t0.3\n0.5\t0.6\t0.7\n0.5\t0.6\t0.8\n"


@pytest.mark.parametrize(
  "data",
  [
    ROWS,
    b"1\t0\t0\n0\t1\t0\n0\t0\t1\n",
    b"-1.5e-3 2 3\n4.1 5 6\n",
    ROWS.replace(b"\t", b" "),
    b"1 0 0\n0 1 0\n0 0 1\n",
  ],
)
def test_rows_without_words_are_refused(tmp_path, data):
  message = error(write(tmp_path, data, "tensors.tsv"))
  assert message.startswith("FILE: rows of numbers without words, as TensorFlow's projector")


def test_rows_of_savetxt_are_refused(tmp_path):
  np.savetxt(tmp_path / "m.txt", np.random.default_rng(0).normal(size=(30, 4)))
  assert "rows of numbers without words" in error(tmp_path / "m.txt")


@pytest.mark.parametrize(
  ("data", "words"),
  [
    (b"1 5\n2 7\n3 9\n", ["1", "2", "3"]),
    (b"1984 0.25 0.5\n2001 0.125 1\n", ["1984", "2001"]),
    (b"0.5 0.12345678 0.23456789\n0.7 0.98765432 0.1\n", ["0.5", "0.7"]),  # text of numbers
    (b"2 2\n0.1 0.2 0.3\n0.5 0.6 0.7\n", ["0.1", "0.5"]),  # a header says that there are words
    (b"the 0.2 0.3\n0.5 0.6 0.7\n", ["the", "0.5"]),
    (b" 0.12345678 0.23456789\n", [""]),
    (b"1 2\n 0.12345678 0.2\n", [""]),
  ],
)
def test_words_may_be_numbers(tmp_path, data, words):
  assert vector_files.load(write(tmp_path, data)).words == words


@pytest.mark.parametrize(
  ("name", "metadata"),
  [
    ("metadata.tsv", "the\nNew York\n7\n"),
    ("my_metadata.tsv", "the\r\nNew York\r\n7\r\n"),
    ("metadata.tsv", "count\tWord\n5\tthe\n4\tNew York\n3\t7\n"),
    ("metadata.tsv", "name of it\tcount\nthe\t5\nNew York\t4\n7\t3\n"),
  ],
)
def test_words_beside_the_rows_are_read(tmp_path, name, metadata):
  (tmp_path / name).write_bytes(metadata.encode())
  tensors = name.replace("metadata", "tensors")
  vectors = vector_files.load(write(tmp_path, ROWS, tensors))
  assert vectors.words == ["the", "New York", "7"]
  expected = [[0.1, 0.2, 0.3], [0.5, 0.6, 0.7], [0.5, 0.6, 0.8]]
  np.testing.assert_array_equal(vectors.vectors, np.float32(expected))


def test_as_many_words_as_rows(tmp_path):
  path = write(tmp_path, ROWS, "tensors.tsv")
  for words in ("a\nb\n", "a\nb\nc\nd\n"):
    (tmp_path / "metadata.tsv").write_text(words)
    assert f"FILE: 3 rows, expected {words.count(chr(10))} as" in error(path)
  (tmp_path / "metadata.tsv").write_text("word\tcount\na\t1\nb\nc\t1\n")
  assert "metadata.tsv:3: found 1 columns, expected 2 as in the header." in error(path)


def test_words_that_end_with_numbers_take_none_of_their_rows(tmp_path):
  words = ["the 1 2", "\t4", "dog\t3", ""]
  (tmp_path / "metadata.tsv").write_text("\n".join(words) + "\n")
  path = write(tmp_path, b"0.5\t1\n2\t3\n4\t-5\n6\t7\n", "tensors.tsv")
  vectors = vector_files.load(path)
  assert vectors.words == words
  assert vectors.vectors.tolist() == [[0.5, 1], [2, 3], [4, -5], [6, 7]]


@pytest.mark.parametrize("row", [b"\t0.5\t0.6\t0.7", b"  0.5 0.6 0.7", b" \t0.5\t 0.6\t0.7"])
def test_white_space_before_a_row_is_not_of_its_word(tmp_path, row):
  (tmp_path / "metadata.tsv").write_text("the\ncat\ndog\n")
  path = write(tmp_path, b"0.1\t0.2\t0.3\n%b\n0.5\t0.6\t0.8\n" % row, "tensors.tsv")
  vectors = vector_files.load(path)
  assert vectors.words == ["the", "cat", "dog"]
  np.testing.assert_array_equal(vectors.vectors[1], np.float32([0.5, 0.6, 0.7]))
