"""Opens files that may be compressed (gzip, bzip2, xz, zstandard) or lie in a .zip archive."""

import bz2
import contextlib
import gzip
import importlib.util
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO

from glove_jax.errors import InputError

_MAGIC_BYTES = 10
_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"
_BZIP2 = b"BZh"
_BZIP2_BLOCK = b"1AY&SY"  # after a byte for the level of compression
_XZ = b"\xfd7zXZ\x00"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError)


@contextlib.contextmanager
def open_decompressed(path: str) -> Iterator[BinaryIO]:
  """Opens a file for reading and decompresses it if its first bytes say that it is compressed.

  Args:
    path: a file, a .zip with one member, or `file.zip:member`.

  Raises:
    InputError: if an archive is damaged or encrypted, or lacks the member.
    OSError: if the file does not exist or cannot be read.
  """
  try:
    with _open(path) as stream:
      yield stream
  except OSError as error:
    if error.errno is not None:
      raise
    raise InputError(f"{path}: a damaged archive ({error}).") from None
  except _DAMAGE as error:
    raise InputError(f"{path}: a damaged or encrypted archive ({error}).") from None


@contextlib.contextmanager
def _open(path: str) -> Iterator[BinaryIO]:
  archive_path, member = _split_member(path)
  with open(archive_path, "rb") as file:
    magic = file.read(_MAGIC_BYTES)
    file.seek(0)
    if magic.startswith(_ZIP) or member is not None:
      with zipfile.ZipFile(file) as archive:
        name = _choose_member(archive, archive_path, member)
        with archive.open(name) as stream:
          yield stream
    else:
      with _decompress(file, magic, path) as stream:
        yield stream


def _split_member(path: str) -> tuple[str, str | None]:
  """Splits `file.zip:member`; a file of exactly that name goes first."""
  if os.path.exists(path) or ".zip:" not in path:
    return path, None
  end = path.index(".zip:") + len(".zip")
  return path[:end], path[end + 1 :]


def _choose_member(archive: zipfile.ZipFile, path: str, member: str | None) -> str:
  """Returns the name of the member to read: the only one unless one is named."""
  names = []
  for entry in archive.infolist():
    if not entry.is_dir() and not entry.filename.startswith("__MACOSX/"):
      names.append(entry.filename)
  if member is None and len(names) == 1:
    return names[0]
  if member in names:
    return member
  problem = f"no member {member!r}" if member else f"{len(names)} files"
  example = f"{path}:{names[0]}" if names else "one with a file"
  listed = ", ".join(names[:20])
  raise InputError(f"{path}: {problem} in this archive, expected one of {listed}: give {example}")


def _decompress(file: BinaryIO, magic: bytes, path: str) -> AbstractContextManager[BinaryIO]:
  if magic.startswith(_GZIP):
    return gzip.open(file)
  if magic.startswith(_BZIP2) and magic[4:] == _BZIP2_BLOCK:
    return bz2.open(file)
  if magic.startswith(_XZ):
    return lzma.open(file)
  if magic.startswith(_ZSTANDARD):
    return _decompress_zstandard(file, path)
  return contextlib.nullcontext(file)


@contextlib.contextmanager
def _decompress_zstandard(file: BinaryIO, path: str) -> Iterator[BinaryIO]:
  if importlib.util.find_spec("zstandard") is None:
    raise InputError(
      f"{path} is compressed with zstandard, which needs: pip install -e '.[zstd]'"
    )
  import zstandard

  decompressor = zstandard.ZstdDecompressor()
  try:
    yield io.BufferedReader(decompressor.stream_reader(file, read_across_frames=True))
  except zstandard.ZstdError as error:
    raise InputError(f"{path}: a damaged archive ({error}).") from None
