"""Decodes the bytes of a text as a stream, and makes all line ends alike."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from glove_jax.data.text import encodings
from glove_jax.errors import InputError

_LINE_ENDS = 1 << 16  # characters that tell which line ends a file has


class _Position(NamedTuple):
  """A position in a text, counted from 1."""

  line: int = 1
  column: int = 1

  def after(self, text: str) -> "_Position":
    """Returns the position after `text`, which begins here."""
    newlines = text.count("\n")
    if not newlines:
      return _Position(self.line, self.column + len(text))
    return _Position(self.line + newlines, len(text) - text.rfind("\n"))


def decode(
  blocks: Iterable[bytes], path: object, encoding: str, errors: str, *, head: bytes = b""
) -> Iterator[str]:
  """Yields the text of a file in parts, without a byte order mark.

  Args:
    blocks: the bytes of the file.
    path: its name, for messages.
    encoding, errors: as for `open`.
    head: the first bytes of the file, some hundreds, which tell its byte order.

  Raises:
    InputError: the text has another encoding, which the message names where it can be told, or
      there is no such encoding.
  """
  encodings.check(encoding, errors, path)
  encodings.check_byte_order_mark(head, encoding, path)
  decoder = codecs.getincrementaldecoder(encoding)(errors)
  position = _Position()
  is_start = True
  previous = b""
  blocks = iter(blocks)
  for data in chain(blocks, [None]):  # None asks for what the decoder has kept back
    is_end = data is None
    try:
      text = decoder.decode(data or b"", final=is_end)
    except UnicodeDecodeError as error:
      before = error.object[: error.start].decode(encoding, "replace")
      around = _around(previous + error.object, len(previous) + error.start, blocks)
      byte = error.object[error.start]
      raise _undecodable(path, position.after(before), byte, encoding, around, head) from None
    except UnicodeError as error:  # UTF-16 without a byte order mark
      advice = encodings.advice(head, head)
      raise InputError(f"{path}: {error}; {advice}") from None
    if errors == "strict" and "\0" in text:
      raise _zero_byte(path, position.after(text[: text.index("\0")]), head)
    position = position.after(text)
    previous = data
    if text:
      yield text.removeprefix("\ufeff") if is_start else text
      is_start = False


def _around(data: bytes, position: int, following: Iterator[bytes]) -> bytes:
  """Returns bytes before and after a position, at most `encodings.SAMPLE`."""
  start = max(0, position - encodings.SAMPLE // 8)
  sample = bytearray(data[start : start + encodings.SAMPLE])
  for block in following:
    if len(sample) >= encodings.SAMPLE:
      break
    sample += block
  return bytes(sample[: encodings.SAMPLE])


def _undecodable(
  path: object, position: _Position, byte: int, encoding: str, around: bytes, head: bytes
) -> InputError:
  name = codecs.lookup(encoding).name.upper()
  return InputError(
    f"{path}:{position.line}: byte 0x{byte:02x} at column {position.column} is not {name};"
    f" {encodings.advice(around, head)}")


def _zero_byte(path: object, position: _Position, head: bytes) -> InputError:
  advice = encodings.utf16_advice(head) or "if it is, try --config.errors=replace"
  return InputError(
    f"{path}:{position.line}: a zero byte at column {position.column}; is this a text file?"
    f" {advice}")


def with_newlines(parts: Iterable[str]) -> Iterator[str]:
  """Yields the same text with "\\n" for each line end: "\\r\\n", and "\\r" where that ends lines.

  A lone "\\r" ends lines if the first characters of the text have more of it than of "\\n", as in
  files of old Macs and of some exports of Excel. In other files it stays: it is white space there.
  """
  parts = _without_crlf(parts)
  start = ""
  for text in parts:
    start += text
    if len(start) >= _LINE_ENDS:
      break
  parts = chain([start], parts)
  if has_cr_line_ends(start):
    parts = (text.replace("\r", "\n") for text in parts)
  yield from parts


def has_cr_line_ends(start: str) -> bool:
  """Returns whether "\r" ends the lines of a text that begins with `start`, "\r\n" replaced."""
  probe = start[:_LINE_ENDS]
  return probe.count("\r") > probe.count("\n")


def _without_crlf(parts: Iterable[str]) -> Iterator[str]:
  """Yields the same text with "\\n" for "\\r\\n"."""
  pending = ""  # a "\r" that a "\n" may follow
  for text in parts:
    text = pending + text
    pending = "\r" if text.endswith("\r") else ""
    text = text.removesuffix("\r")
    yield text.replace("\r\n", "\n")
  yield pending
