"""Reads binary files without trusting the sizes that they state."""

import mmap
import struct
from typing import IO

import numpy as np

from glove_jax.errors import InputError

MAX_WORD_BYTES = 1 << 16


class Reader:
  """A position in an open, mapped file that never moves past the file's end.

  Every size is checked against the bytes that are left before memory is allocated. Errors are
  InputErrors that name the file and the byte.
  """

  def __init__(self, path: str, file: IO[bytes], data: mmap.mmap):
    self.path = path
    self.file = file
    self.data = data
    self.position = 0

  def error(self, position: int, message: str) -> InputError:
    """Returns the error for a byte of the file, to be raised by the caller."""
    return InputError(f"{self.path}: byte {position:,}: {message}.")

  def require(self, size: int, what: str):
    """Raises an InputError unless `size` bytes are left."""
    left = len(self.data) - self.position
    if size > left:
      raise self.error(
        self.position,
        f"found {left:,} bytes more, expected {size:,} of {what}: is the file truncated?",
      )

  def require_end(self):
    """Raises an InputError if any bytes are left."""
    left = len(self.data) - self.position
    if left:
      raise self.error(self.position, f"found {left:,} bytes more, expected the end")

  def unpack(self, form: struct.Struct | str, what: str) -> tuple:
    """Reads values of a `struct` format."""
    if isinstance(form, str):
      form = struct.Struct(form)
    self.require(form.size, what)
    start = self.position
    self.position += form.size
    return form.unpack_from(self.data, start)

  def read_flag(self, what: str) -> bool:
    """Reads a byte that is 0 or 1."""
    start = self.position
    value, = self.unpack("B", what)
    if value > 1:
      raise self.error(start, f"{what} is {value}, expected 0 or 1")
    return bool(value)

  def read_word(self) -> str:
    """Reads up to a null byte; bytes that are not UTF-8 become surrogates (`surrogateescape`)."""
    start = self.position
    end = self.data.find(b"\0", start, start + MAX_WORD_BYTES + 1)
    if end < 0:
      raise self.error(
        start,
        f"found no null byte after a word within {MAX_WORD_BYTES:,} bytes, expected one",
      )
    self.position = end + 1
    return self.data[start:end].decode("utf-8", "surrogateescape")

  def read_array(self, dtype: str, count: int, what: str) -> np.ndarray:
    """Reads an array [count]."""
    size = count * np.dtype(dtype).itemsize
    self.require(size, what)
    self.file.seek(self.position)
    self.position += size
    return np.fromfile(self.file, dtype, count)
