"""Matrices whose headers are damaged or hold something else than real numbers."""

import gzip
import zipfile

import numpy as np
import pytest
from small_vector_files import error, expect_small, write

from glove_jax import vector_files

MATRIX = np.float32([[0.5, -1, 2e-3], [1, 2, 3]])


def npy(header: str) -> bytes:
  data = header.encode("latin-1")
  return b"\x93NUMPY\x01\x00" + len(data).to_bytes(2, "little") + data + MATRIX.tobytes()


@pytest.mark.parametrize(
  "header",
  [
    "",
    "{",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999, 3), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 999999999999), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': None, }",
    "{'descr': '<q99999999999999999', 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': [[86, '<f4'], 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': [[86]], 'fortran_order': False, 'shape': (2, 3), }",
    "(" * 3000,
    "'''\n\\",
    "\xff\xfe",
  ],
)
def test_damaged_headers_are_one_line(tmp_path, header):
  write(tmp_path, b"the\ncat\n", "v.words.txt")
  assert error(write(tmp_path, npy(header), "v.npy")).startswith("FILE: ")


@pytest.mark.parametrize(
  "matrix",
  [MATRIX.astype(complex), MATRIX.astype("U5"), MATRIX.astype("m8"), MATRIX.ravel(), MATRIX[:, :0]],
)
def test_what_is_no_matrix_of_real_numbers_is_refused(tmp_path, matrix):
  write(tmp_path, b"the\ncat\n", "v.words.txt")
  np.save(tmp_path / "v.npy", matrix)
  assert "expected (words, D) of real numbers" in error(tmp_path / "v.npy")


def test_numbers_that_are_too_large_are_refused(tmp_path):
  write(tmp_path, b"the\ncat\n", "v.words.txt")
  np.save(tmp_path / "v.npy", MATRIX.astype("f8") * 1e300)
  assert "found inf in the vector of 'the'" in error(tmp_path / "v.npy")


@pytest.mark.parametrize("words", [b"the\r\ncat\r\n", b"\xef\xbb\xbfthe\ncat\n", b"the\rcat\r"])
def test_words_of_other_systems(tmp_path, words):
  write(tmp_path, words, "v.words.txt")
  np.save(tmp_path / "v.npy", MATRIX)
  expect_small(vector_files.load(tmp_path / "v.npy"))


def test_a_matrix_in_an_archive_is_refused_truly(tmp_path):
  np.save(tmp_path / "v.npy", MATRIX)
  write(tmp_path, b"the\ncat\n", "v.words.txt")
  write(tmp_path, b"the\ncat\n", "w.words.txt")
  path = write(tmp_path, gzip.compress((tmp_path / "v.npy").read_bytes()), "w.gz")
  assert error(path) == "FILE: a .npy matrix in an archive, expected one outside."
  with zipfile.ZipFile(tmp_path / "v.zip", "w") as archive:
    archive.write(tmp_path / "v.npy", "v.npy")
    archive.write(tmp_path / "v.npy", "w.txt")
  assert error(f"{tmp_path / 'v.zip'}:v.npy") == error(path)
