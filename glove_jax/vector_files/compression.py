"""Opens files that may be compressed (gzip, bzip2, xz, zstandard) or lie in a .zip archive."""

import bz2
import contextlib
import errno
import gzip
import importlib.util
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from glove_jax import installation
from glove_jax.errors import InputError, quote
from glove_jax.vector_files import foreign_formats

# Text of word vectors shrinks to a third or a tenth. A small file that grows beyond both bounds is
# hardly data, but meant to exhaust the reader.
MAX_EXPANSION = 100
MAX_UNCHECKED_BYTES = 1 << 26
_MAGIC_BYTES = 10
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_GZIP = b"\x1f\x8b"
_BZIP2 = b"BZh"
_BZIP2_BLOCK = b"1AY&SY"  # after a byte for the level of compression
_XZ = b"\xfd7zXZ\x00"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError)
# What the standard library raises for headers of archives that make no sense.
_ARCHIVE_DAMAGE = (*_DAMAGE, ValueError, IndexError, KeyError, struct.error, OverflowError)


class Stream:
  """The decompressed bytes of a file; what is wrong with an archive is an InputError."""

  def __init__(self, stream: BinaryIO, path: str, source: "_Source", *, is_compressed: bool):
    self._stream = stream
    self._path = path
    self._source = source
    self._is_compressed = is_compressed
    self._bytes_read = 0
    self._errors = _damage_errors()

  def read(self, size: int) -> bytes:
    """Reads `size` bytes, fewer only at the end.

    Raises:
      InputError: if an archive is damaged, encrypted or expands without bounds.
    """
    with _damage_is_reported(self._path, self._errors):
      data = self._stream.read(size)
    self._bytes_read += len(data)
    if self._is_compressed:
      self._check_expansion()
    return data

  def _check_expansion(self) -> None:
    limit = max(MAX_UNCHECKED_BYTES, MAX_EXPANSION * self._source.size())
    if self._bytes_read > limit:
      raise InputError(
        f"{self._path}: the archive expands more than {MAX_EXPANSION} times, as no vectors do; if "
        "it is right, unpack it first."
      )


@contextlib.contextmanager
def open_decompressed(path: str) -> Iterator[Stream]:
  """Opens a file for reading and decompresses it if its first bytes say that it is compressed.

  Args:
    path: a file or a pipe, a .zip with one member, or `file.zip:member`.

  Raises:
    InputError: if an archive is damaged or encrypted, lacks the member, or comes from a pipe though
      it must be a file.
    OSError: if the file does not exist or cannot be read.
  """
  archive_path, member = _split_member(path)
  with contextlib.ExitStack() as stack:
    source = _Source(stack.enter_context(open(archive_path, "rb")))
    magic = source.magic
    is_zip = magic.startswith((_ZIP, _EMPTY_ZIP)) or member is not None
    if is_zip:
      stream = _open_member(stack, source, archive_path, member)
    else:
      stream = _decompress(stack, source, path)
    is_compressed = stream is not source.file
    yield Stream(stream, path, source, is_compressed=is_compressed)


class _Source:
  """An open file or pipe at its first byte, and the bytes that it begins with."""

  def __init__(self, file: BinaryIO):
    status = os.fstat(file.fileno())
    self.is_regular = stat.S_ISREG(status.st_mode)
    self.magic = file.read(_MAGIC_BYTES)
    self._file_size = status.st_size
    if self.is_regular:
      self.file = file
      file.seek(0)
    else:
      self._pipe = _Pipe(self.magic, file)
      self.file = io.BufferedReader(self._pipe)

  def size(self) -> int:
    """Returns the bytes of a file, or those of a pipe that have been read."""
    return self._file_size if self.is_regular else self._pipe.position


class _Pipe(io.RawIOBase):
  """A pipe from its beginning, though its first bytes have been read: it cannot seek."""

  def __init__(self, head: bytes, file: BinaryIO):
    self.position = 0
    self._head = head
    self._file = file

  def readable(self) -> bool:
    return True

  def readinto(self, buffer) -> int:
    size = min(len(self._head), len(buffer))
    if size:
      buffer[:size] = self._head[:size]
      self._head = self._head[size:]
    else:
      size = self._file.readinto1(buffer)
    self.position += size
    return size


def _split_member(path: str) -> tuple[str, str | None]:
  """Splits `file.zip:member`; a file of exactly that name goes first."""
  if os.path.exists(path) or ".zip:" not in path:
    return path, None
  end = path.index(".zip:") + len(".zip")
  return path[:end], path[end + 1 :]


def _open_member(
  stack: contextlib.ExitStack, source: _Source, path: str, member: str | None
) -> BinaryIO:
  if not source.is_regular:
    raise InputError(f"{path}: not a regular file, which a .zip archive must be.")
  with _damage_is_reported(path, _ARCHIVE_DAMAGE):
    archive = stack.enter_context(zipfile.ZipFile(source.file))
    names = _member_names(archive)
  name = _choose_member(names, path, member)
  with _damage_is_reported(path, _ARCHIVE_DAMAGE):
    return stack.enter_context(archive.open(name))


def _member_names(archive: zipfile.ZipFile) -> list[str]:
  names = []
  for entry in archive.infolist():
    name = entry.filename
    if name and not name.endswith("/") and not name.startswith("__MACOSX/"):
      names.append(name)
  return names


def _choose_member(names: list[str], path: str, member: str | None) -> str:
  """Returns the name of the member to read: the only one unless one is named."""
  if member in names:
    return member
  foreign = foreign_formats.describe_archive(names)
  if foreign:
    raise InputError(f"{path}: {foreign}")
  if member is None and len(names) == 1:
    return names[0]
  problem = f"no member {quote(member)}" if member else f"{len(names)} files"
  if not names:
    raise InputError(f"{path}: {problem} in this archive, expected one with word vectors.")
  listed = ", ".join(names[:20])
  raise InputError(
    f"{path}: {problem} in this archive, expected one of {listed}: give {path}:{names[0]}"
  )


def _decompress(stack: contextlib.ExitStack, source: _Source, path: str) -> BinaryIO:
  magic = source.magic
  if magic.startswith(_GZIP):
    return stack.enter_context(gzip.open(source.file))
  if magic.startswith(_BZIP2) and magic[4:] == _BZIP2_BLOCK:
    return stack.enter_context(bz2.open(source.file))
  if magic.startswith(_XZ):
    return stack.enter_context(lzma.open(source.file))
  if magic.startswith(_ZSTANDARD):
    return _decompress_zstandard(source.file, path)
  return source.file


def _decompress_zstandard(file: BinaryIO, path: str) -> BinaryIO:
  if importlib.util.find_spec("zstandard") is None:
    raise InputError(
      f"{path} is compressed with zstandard, which needs: {installation.extra('zstd')}"
    )
  import zstandard

  decompressor = zstandard.ZstdDecompressor()
  return io.BufferedReader(decompressor.stream_reader(file, read_across_frames=True))


def _damage_errors() -> tuple[type[Exception], ...]:
  if importlib.util.find_spec("zstandard") is None:
    return _DAMAGE
  import zstandard

  return (*_DAMAGE, zstandard.ZstdError)


@contextlib.contextmanager
def _damage_is_reported(path: str, errors: tuple[type[Exception], ...]) -> Iterator[None]:
  """Turns what the libraries raise for a damaged archive into an InputError."""
  try:
    yield
  except OSError as error:
    if error.errno not in (None, errno.EINVAL):  # invalid: a position outside the file
      raise
    raise InputError(f"{path}: a damaged archive ({error}).") from None
  except errors as error:
    raise InputError(f"{path}: a damaged or encrypted archive ({error}).") from None
