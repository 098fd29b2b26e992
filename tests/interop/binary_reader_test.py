"""A reader never moves past the end of its file, and names the byte."""

import contextlib
import mmap

import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.interop import binary_reader
from glove_jax.interop.binary_reader import Reader


@pytest.fixture
def open_reader(tmp_path):
  """A function from bytes to a reader of them."""
  with contextlib.ExitStack() as stack:

    def open_bytes(data: bytes) -> Reader:
      (tmp_path / "m").write_bytes(data)
      file = stack.enter_context(open(tmp_path / "m", "rb"))
      return Reader("m", file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    yield open_bytes


def test_values_words_flags_and_arrays_follow_one_another(open_reader):
  reader = open_reader(b"\x02\0\0\0caf\xe9\0\x01" + np.float32([1, 2]).tobytes())
  assert reader.unpack("<i", "a size") == (2,)
  assert reader.read_word() == b"caf\xe9".decode("utf-8", "surrogateescape")
  assert reader.read_flag("a flag") is True
  np.testing.assert_array_equal(reader.read_array("<f4", 2, "numbers"), [1, 2])
  reader.require_end()


def test_what_is_not_there_is_named_by_byte_and_not_allocated(open_reader):
  reader = open_reader(b"\x02\0\0\0\x07")
  reader.unpack("<i", "a size")
  with pytest.raises(InputError, match=r"m: byte 4: found 1 bytes more, expected the end\."):
    reader.require_end()
  with pytest.raises(InputError, match=r"m: byte 4: found 1 bytes more, expected 4 of a size"):
    reader.unpack("<i", "a size")
  with pytest.raises(
    InputError, match=r"found 1 bytes more, expected 4,611,686,018,427,387,904 of"
  ):
    reader.read_array("<f4", 2**60, "numbers")
  with pytest.raises(InputError, match=r"m: byte 4: a flag is 7, expected 0 or 1\."):
    reader.read_flag("a flag")


def test_a_word_must_end(open_reader, monkeypatch):
  monkeypatch.setattr(binary_reader, "MAX_WORD_BYTES", 3)
  assert open_reader(b"abc\0").read_word() == "abc"
  for data in (b"abcd\0", b"ab"):
    with pytest.raises(InputError, match="byte 0: found no null byte after a word within 3 bytes"):
      open_reader(data).read_word()
