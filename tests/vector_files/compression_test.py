"""Compressed files, and archives that are damaged or hold several files."""

import bz2
import gzip
import importlib
import importlib.util
import lzma
import zipfile

import pytest
from small_vector_files import SMALL, error, expect_small, write

from glove_jax import vector_files
from glove_jax.errors import InputError


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_files_are_known_by_their_bytes(tmp_path, compress):
  expect_small(vector_files.load(write(tmp_path, compress(SMALL))))
  assert "damaged" in error(write(tmp_path, compress(SMALL * 50)[:-9]))


def test_zstandard(tmp_path, monkeypatch):
  zstandard = pytest.importorskip("zstandard")
  path = write(tmp_path, zstandard.compress(SMALL))
  expect_small(vector_files.load(path))
  assert "damaged" in error(write(tmp_path, path.read_bytes()[:6] + b"junkjunk"))
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  assert error(path) == "FILE is compressed with zstandard, which needs: pip install -e '.[zstd]'"


def test_zip_with_one_member_or_a_named_one(tmp_path):
  path = tmp_path / "v.zip"
  with zipfile.ZipFile(path, "w") as archive:
    archive.writestr("a.txt", SMALL)
    archive.writestr("__MACOSX/a.txt", b"junk")
  expect_small(vector_files.load(path))
  with zipfile.ZipFile(path, "a") as archive:
    archive.writestr("b.txt", b"x 1 2\n")
  assert (
    error(path) == "FILE: 2 files in this archive, expected one of a.txt, b.txt: give FILE:a.txt"
  )
  expect_small(vector_files.load(f"{path}:a.txt"))
  assert vector_files.load(f"{path}:b.txt").words == ["x"]
  with pytest.raises(InputError, match=r"no member 'c.txt' .* a.txt, b.txt"):
    vector_files.load(f"{path}:c.txt")
  assert "damaged" in error(write(tmp_path, path.read_bytes()[:70], "cut.zip"))
