"""Reads binary files that may lie about their sizes."""

import mmap
import struct
from typing import IO

import numpy as np

from glove_jax.errors import InputError

MAX_WORD_BYTES = 1 << 16


class Reader:
  """A place in an open and mapped file that never moves past its end.

  Every size is checked against the bytes that are left before anything is allocated; an InputError names the byte.
  """

  def __init__(self, path: str, file: IO[bytes], data: mmap.mmap):
    self.path, self.file, self.data, self.at = path, file, data, 0

  def error(self, at: int, message: str) -> InputError:
    return InputError(f"{self.path}: byte {at:,}: {message}.")

  def need(self, size: int, what: str):
    if size > (left := len(self.data) - self.at):
      raise self.error(self.at, f"found {left:,} bytes more, expected {size:,} of {what} (cut off?)")

  def take(self, form: struct.Struct | str, what: str) -> tuple:
    form = struct.Struct(form) if isinstance(form, str) else form
    self.need(form.size, what)
    self.at += form.size
    return form.unpack_from(self.data, self.at - form.size)

  def flag(self, what: str) -> bool:
    value, = self.take("B", what)
    if value > 1:
      raise self.error(self.at - 1, f"{what} is {value}, expected 0 or 1")
    return bool(value)

  def word(self) -> str:
    """Reads up to a null byte; bytes that are no UTF-8 become surrogates (`errors="surrogateescape"`)."""
    end = self.data.find(b"\0", self.at, self.at + MAX_WORD_BYTES + 1)
    if end < 0:
      raise self.error(self.at, f"found no null byte after a word within {MAX_WORD_BYTES:,} bytes, expected one")
    start, self.at = self.at, end + 1
    return self.data[start:end].decode("utf-8", "surrogateescape")

  def array(self, dtype: str, count: int, what: str) -> np.ndarray:
    size = count * np.dtype(dtype).itemsize
    self.need(size, what)
    self.file.seek(self.at)
    self.at += size
    return np.fromfile(self.file, dtype, count)
