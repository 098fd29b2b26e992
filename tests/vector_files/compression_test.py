"""Compressed files, and archives that are damaged or hold several files."""

import bz2
import contextlib
import gzip
import importlib
import importlib.util
import lzma
import os
import threading
import zipfile

import numpy as np
import pytest
from small_vector_files import SMALL, error, expect_small, write

from glove_jax import installation, vector_files
from glove_jax.errors import InputError
from glove_jax.interop import fasttext_format
from glove_jax.vector_files import compression, text_parser


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
  assert error(path) == (
    f"FILE is compressed with zstandard, which needs: {installation.extra('zstd')}")


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


def load_module():
  """Returns the module, not the function of the same name in its package."""
  return importlib.import_module("glove_jax.vector_files.load")


def pipe_of(tmp_path, data):
  """Returns the path of a pipe that will hold `data` once."""
  path = tmp_path / "pipe"
  path.unlink(missing_ok=True)
  os.mkfifo(path)

  def feed():
    with open(path, "wb", buffering=0) as file, contextlib.suppress(BrokenPipeError):
      file.write(data[:3])  # a pipe may deliver a few bytes at a time
      file.write(data[3:])

  threading.Thread(target=feed, daemon=True).start()
  return path


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_pipes_are_read_compressed_or_not(tmp_path, compress):
  expect_small(vector_files.load(pipe_of(tmp_path, compress(SMALL))))
  binary = b"2 3\nthe " + np.float32([0.5, -1, 2e-3]).tobytes()
  binary += b"cat " + np.float32([1, 2, 3]).tobytes()
  expect_small(vector_files.load(pipe_of(tmp_path, compress(binary))))


def test_what_must_be_a_file_is_refused_from_a_pipe(tmp_path):
  path = tmp_path / "v.zip"
  with zipfile.ZipFile(path, "w") as archive:
    archive.writestr("a.txt", SMALL)
  zip_bytes = path.read_bytes()
  assert error(pipe_of(tmp_path, zip_bytes)) == (
    "FILE: not a regular file, which a .zip archive must be."
  )
  model = fasttext_format.MAGIC + bytes(100)
  assert error(pipe_of(tmp_path, model)) == (
    "FILE: not a regular file, which a fastText model must be."
  )
  np.save(tmp_path / "m.npy", np.ones((2, 3)))
  assert error(pipe_of(tmp_path, (tmp_path / "m.npy").read_bytes())) == (
    "FILE: not a regular file, which a .npy matrix must be."
  )


def test_devices_are_read_only_as_far_as_they_make_sense():
  assert error("/dev/null") == "FILE: the file is empty, expected lines of a word and its numbers."
  assert error("/dev/zero").startswith("FILE:1: found ")


def test_zip_entries_without_a_name_are_no_members(tmp_path):
  path = tmp_path / "v.zip"
  with zipfile.ZipFile(path, "w") as archive:
    archive.writestr("a", b"x 1 2\n")
  nameless = path.read_bytes().replace(b"\x01\x00\x00\x00a", b"\x01\x00\x00\x00\x00")
  path.write_bytes(path.read_bytes().replace(b"a", b"\x00"))
  assert error(path) == "FILE: 0 files in this archive, expected one with word vectors."
  path.write_bytes(nameless)
  assert error(path).startswith("FILE: ")
  with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
    pass
  assert "0 files in this archive" in error(tmp_path / "empty.zip")


@pytest.mark.parametrize("position", range(0, 130, 3))
def test_a_damaged_zip_is_one_line_or_right(tmp_path, position):
  path = tmp_path / "v.zip"
  with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("a.txt", SMALL)
  data = bytearray(path.read_bytes())
  for value in (0, 1, 9, 0x7F, 0xFF):
    data[position] = value
    try:
      expect_small(vector_files.load(write(tmp_path, bytes(data), "d.zip")))
    except InputError as caught:
      assert "\n" not in str(caught)


@pytest.mark.parametrize("content", [b"\0", b"a", b"1 "])
def test_an_archive_of_one_endless_line_is_refused_at_once(tmp_path, monkeypatch, content):
  monkeypatch.setattr(text_parser, "MAX_LINE_BYTES", 1 << 18)
  monkeypatch.setattr(load_module(), "CHUNK_BYTES", 1 << 16)
  path = write(tmp_path, gzip.compress(b"the 1 2\n" + content * (1 << 20)))
  assert "FILE:2: a line of more than 262,144 bytes" in error(path)
  path = write(tmp_path, gzip.compress(content * (1 << 20)))
  assert error(path).startswith("FILE:1: ")


def test_more_numbers_than_any_word_has_are_refused(tmp_path):
  path = write(tmp_path, b"the" + b" 1" * 200_000 + b"\n")
  assert error(path) == "FILE:1: found over 100,000 numbers a word, expected 1 to 100,000."


def test_an_archive_that_expands_without_bounds_is_refused(tmp_path, monkeypatch):
  monkeypatch.setattr(compression, "MAX_UNCHECKED_BYTES", 1 << 18)
  monkeypatch.setattr(load_module(), "CHUNK_BYTES", 1 << 16)
  rows = b"the" + b" 0.5" * 200 + b"\n"
  rows *= 600
  message = "FILE: the archive expands more than 100 times, as no vectors do; if it"
  assert error(write(tmp_path, gzip.compress(rows))).startswith(message)
  assert error(pipe_of(tmp_path, gzip.compress(rows))).startswith(message)
  with zipfile.ZipFile(tmp_path / "v.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("a.txt", rows)
  assert error(tmp_path / "v.zip").startswith(message)
  assert vector_files.load(write(tmp_path, rows)).words == ["the"]  # not compressed
  monkeypatch.setattr(compression, "MAX_UNCHECKED_BYTES", 1 << 20)
  assert vector_files.load(write(tmp_path, gzip.compress(rows))).words == ["the"]
