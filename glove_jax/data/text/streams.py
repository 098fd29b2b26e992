"""The text of a file as a stream of pieces: unpacked, decoded, a Wikipedia dump without its markup."""

import bz2
import codecs
import lzma
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import IO

from glove_jax.data.text import wikitext
from glove_jax.errors import InputError

BLOCK = 1 << 16     # bytes of text at once: what becomes of a block stays in the second-level cache
_PACKED = 1 << 12   # bytes of an archive at once: 4 kB of zstd can hold 128 MB of one letter


def read_text(
  path: str | os.PathLike, encoding: str = "utf-8", errors: str = "strict", *, block: int = BLOCK,
  report: Callable[[int], None] = lambda done: None,
) -> Iterator[str]:
  """The text of a file in pieces of about `block` bytes, "\\r\\n" as "\\n", without a byte order mark.

  Args:
    path: plain, .gz, .bz2, .xz or .zst, told apart by content; text, or a MediaWiki XML dump.
    encoding, errors: as for `open`.
    block: bytes to decode at once.
    report: called now and then with the bytes of the file read so far.

  Raises:
    InputError: the file cannot be read, unpacked or decoded.
  """
  with open_bytes(path) as file:
    blocks = _rebuffer(_unpacked(file, path, block, report), block)
    head = list(islice(blocks, -(-1024 // block)))
    blocks = chain(head, blocks)
    if wikitext.is_dump(b"".join(head)):
      yield from wikitext.page_texts(blocks, path)
    else:
      yield from _without_returns(_decode(blocks, path, encoding, errors))


def open_bytes(path: str | os.PathLike) -> IO[bytes]:
  """`open(path, "rb")`, with an InputError where that fails."""
  try:
    return open(path, "rb")
  except OSError as error:
    raise InputError(f"{path}: {error.strerror}.") from None


def _unpacked(file: IO[bytes], path, block: int, report: Callable[[int], None]) -> Iterator[bytes]:
  head = file.read(10)
  file.seek(0)
  unpacker = _unpacker(head, path)
  size = _PACKED if unpacker else block
  read = iter(lambda: (file.read(size), report(file.tell()))[0], b"")
  yield from _unpack(read, unpacker, path) if unpacker else read


def _unpacker(head: bytes, path) -> Callable | None:
  """What makes a decompressor for a file that begins so; None if it is plain."""
  if head.startswith(b"\x1f\x8b\x08"):
    return lambda: zlib.decompressobj(wbits=31)
  if head.startswith(b"BZh") and head[4:] in (b"1AY&SY", b"\x17rE8P\x90"):  # a text may well begin with BZh
    return bz2.BZ2Decompressor
  if head.startswith(b"\xfd7zXZ\0"):
    return lzma.LZMADecompressor
  if head.startswith(b"\x28\xb5\x2f\xfd"):
    try:
      import zstandard
    except ImportError:
      raise InputError(f"{path} is packed by zstd, which needs zstandard: pip install -e '.[zstd]'") from None
    return lambda: zstandard.ZstdDecompressor().decompressobj()
  return None


def _unpack(packed: Iterable[bytes], make: Callable, path) -> Iterator[bytes]:
  """What one or more archives, one after another, hold."""
  unpacker = None
  try:
    for data in packed:
      while data := data if unpacker else data.lstrip(b"\0"):  # archives may be padded with zeros
        unpacker = unpacker or make()
        yield unpacker.decompress(data)
        data = unpacker.unused_data
        unpacker = None if unpacker.eof else unpacker
  except Exception as error:  # each library has exceptions of its own
    raise InputError(f"{path}: a broken archive ({error}); expected a whole one.") from None
  if unpacker:
    raise InputError(f"{path}: a truncated archive; expected a whole one.")


def _rebuffer(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
  """The same bytes in pieces of exactly `size`, but for the last, which may be empty."""
  buffer = bytearray()
  for piece in pieces:
    buffer += piece
    while len(buffer) >= size:
      yield bytes(buffer[:size])
      del buffer[:size]
  yield bytes(buffer)


def _decode(blocks: Iterable[bytes], path, encoding: str, errors: str) -> Iterator[str]:
  try:
    codecs.lookup_error(errors)
    decoder = codecs.getincrementaldecoder(encoding)(errors)
  except LookupError as error:
    raise InputError(f"{path}: {error}.") from None
  line, column, first = 1, 1, True
  for data, final in chain(((data, False) for data in blocks), [(b"", True)]):
    try:
      text = decoder.decode(data, final)
    except UnicodeDecodeError as error:
      before = error.object[: error.start].decode(encoding, "replace")
      line, column = _advance(line, column, before)
      byte = error.object[error.start]
      raise InputError(f"{path}:{line}: byte 0x{byte:02x} at column {column} is not {encoding.upper()}; "
                       "try --config.encoding=latin-1 or --config.errors=replace") from None
    if errors == "strict" and "\0" in text:
      line, column = _advance(line, column, text[: text.index("\0")])
      raise InputError(f"{path}:{line}: a zero byte at column {column}; is this a text file? "
                       "If it is, try --config.encoding=utf-16 or --config.errors=replace")
    line, column = _advance(line, column, text)
    if text:
      yield text.removeprefix("\ufeff") if first else text
      first = False


def _advance(line: int, column: int, text: str) -> tuple[int, int]:
  """Where the place after `text` is, counted from 1, if `text` begins at (line, column)."""
  newlines = text.count("\n")
  return line + newlines, len(text) - text.rfind("\n") if newlines else column + len(text)


def _without_returns(pieces: Iterable[str]) -> Iterator[str]:
  """The same text with "\\n" for "\\r\\n"; a lone "\\r" stays what it is."""
  held = ""
  for text in pieces:
    text = held + text
    held = "\r" if text.endswith("\r") else ""
    yield text[: len(text) - len(held)].replace("\r\n", "\n")
  yield held
