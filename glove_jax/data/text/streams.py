"""Reads the text of a file as a stream: unpacked, decoded, and without the markup of Wikipedia."""

import bz2
import functools
import lzma
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import IO

from glove_jax import installation, prefetching
from glove_jax.data.text import decoding, wikitext
from glove_jax.errors import InputError

BLOCK = 1 << 16  # bytes of text at once: what is made of a block stays in the second-level cache
_PACKED = 1 << 12  # bytes of an archive at once: 4 kB of zstd can hold 128 MB of one letter
_PREFETCHED = 16  # blocks that are unpacked ahead of time
_MAX_DICTIONARY = 1 << 30
# Text shrinks to a third or a tenth. A small file that grows beyond both bounds is hardly text, but
# meant to exhaust the reader.
_MAX_EXPANSION = 100
_MAX_UNCHECKED = 1 << 26  # bytes
_HEAD = 1024  # bytes that tell whether a text is a MediaWiki dump


def _ignore(done: int) -> None:
  del done


def read_text(
  path: str | os.PathLike, encoding: str = "utf-8", errors: str = "strict", *, block: int = BLOCK,
  report: Callable[[int], None] = _ignore,
) -> Iterator[str]:
  """Yields the text of a file in parts, without a byte order mark; every line ends with "\\n".

  "\\r\\n" ends a line, and so does "\\r" in a file where it is more common than "\\n".

  Args:
    path: a plain, .gz, .bz2, .xz or .zst file, recognised by content, which holds a text or a
      MediaWiki XML dump.
    encoding, errors: as for `open`.
    block: bytes to decode at once, about the size of a part.
    report: called now and then with the bytes of the file read so far.

  Raises:
    InputError: the file cannot be read, unpacked or decoded.
  """
  with open_bytes(path) as file:
    yield from read_opened(file, path, encoding, errors, block=block, report=report)


def read_opened(
  file: IO[bytes], path: str | os.PathLike, encoding: str = "utf-8", errors: str = "strict", *,
  block: int = BLOCK, report: Callable[[int], None] = _ignore,
) -> Iterator[str]:
  """Yields the text of a file that is open, as `read_text` does.

  Args:
    file: at its start; must be able to seek.
    path: its name, for messages.
    encoding, errors, block, report: as for `read_text`.
  """
  blocks = _read_unpacked(file, path, block, report)
  first = list(islice(blocks, -(-_HEAD // block)))
  blocks = chain(first, blocks)
  head = b"".join(first)
  if wikitext.is_dump(head):
    yield from wikitext.page_texts(blocks, path)
  else:
    texts = decoding.decode(blocks, path, encoding, errors, head=head)
    yield from decoding.with_newlines(texts)


def is_plain(head: bytes, path: str | os.PathLike) -> bool:
  """Returns whether a file that begins with `head` is a text, and neither packed nor a dump."""
  return _decompressor(head[:10], path) is None and not wikitext.is_dump(head[:_HEAD])


def open_bytes(path: str | os.PathLike) -> IO[bytes]:
  """Opens a file for reading bytes.

  Raises:
    InputError: that fails.
  """
  try:
    return open(path, "rb")
  except OSError as error:
    raise InputError(f"{path}: {error.strerror}.") from None


def _read_unpacked(
  file: IO[bytes], path, block: int, report: Callable[[int], None]
) -> Iterator[bytes]:
  """Yields the contents of a file in blocks of exactly `block` bytes, except for the last."""
  head = file.read(10)
  file.seek(0)
  make_decompressor = _decompressor(head, path)
  if make_decompressor is None:
    return _rebuffer(_read(file, block, report), block)
  unpacked = _unpack(_read(file, _PACKED, report), make_decompressor, path)
  # Decompressors let go of the interpreter's lock, so that both threads work.
  return prefetching.prefetch(_rebuffer(unpacked, block), _PREFETCHED)


def _read(file: IO[bytes], size: int, report: Callable[[int], None]) -> Iterator[bytes]:
  while True:
    data = file.read(size)
    report(file.tell())
    if not data:
      return
    yield data


def _decompressor(head: bytes, path) -> Callable | None:
  """Returns what makes a decompressor for a file that begins with `head`; None if it is plain."""
  if head.startswith(b"\x1f\x8b\x08"):
    return functools.partial(zlib.decompressobj, wbits=31)
  # A text may well begin with BZh.
  if head.startswith(b"BZh") and head[4:] in (b"1AY&SY", b"\x17rE8P\x90"):
    return bz2.BZ2Decompressor
  if head.startswith(b"\xfd7zXZ\0"):
    # A header may ask for a dictionary of 4 GB; `xz -9` takes 65 MB.
    return functools.partial(lzma.LZMADecompressor, memlimit=_MAX_DICTIONARY)
  if head.startswith(b"\x28\xb5\x2f\xfd"):
    try:
      import zstandard
    except ImportError:
      raise InputError(
        f"{path} is packed by zstd, which needs zstandard: {installation.extra('zstd')}"
      ) from None
    return lambda: zstandard.ZstdDecompressor().decompressobj()
  return None


def _unpack(packed: Iterable[bytes], make_decompressor: Callable, path) -> Iterator[bytes]:
  """Yields the contents of one or more archives, one after another."""
  decompressor = None
  num_packed = 0
  num_unpacked = 0
  try:
    for data in packed:
      num_packed += len(data)
      while data:
        if decompressor is None:
          data = data.lstrip(b"\0")  # archives may be padded with zeros
          if not data:
            break
          decompressor = make_decompressor()
        part = decompressor.decompress(data)
        num_unpacked += len(part)
        if num_unpacked > max(_MAX_UNCHECKED, _MAX_EXPANSION * num_packed):
          raise _expands_too_much(path)
        yield part
        data = decompressor.unused_data
        if decompressor.eof:
          decompressor = None
  except InputError:
    raise
  except Exception as error:  # each library raises different exceptions
    raise InputError(f"{path}: a broken archive ({error}), expected a whole one.") from None
  if decompressor:
    raise InputError(f"{path}: a truncated archive, expected a whole one.")


def _expands_too_much(path) -> InputError:
  return InputError(
    f"{path}: the archive expands more than {_MAX_EXPANSION} times, as no text does; if it is"
    " right, unpack it first.")


def _rebuffer(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
  """Yields the same bytes in blocks of exactly `size`, except for the last, which may be empty."""
  buffer = bytearray()
  for part in parts:
    buffer += part
    while len(buffer) >= size:
      yield bytes(buffer[:size])
      del buffer[:size]
  yield bytes(buffer)
