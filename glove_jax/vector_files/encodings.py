"""Encodings of vector files: checks their names, and makes UTF-8 of those that are unlike ASCII."""

import codecs
import os
import pathlib
from collections.abc import Iterable, Iterator

from glove_jax.errors import InputError, quote

_MARKS = {  # byte order marks; that of UTF-32 begins like that of UTF-16
  codecs.BOM_UTF32_LE: "utf-32",
  codecs.BOM_UTF32_BE: "utf-32",
  codecs.BOM_UTF16_LE: "utf-16",
  codecs.BOM_UTF16_BE: "utf-16",
}
_ASCII_SAMPLE = "\t\n\r 0123456789.+-e"
_SAMPLE_BYTES = 1 << 10
# Written by `decoded`: how lone surrogates, which some codecs produce, become bytes and text again.
UTF8 = "utf-8"
UTF8_ERRORS = "surrogatepass"


def check(encoding: str, errors: str) -> None:
  """Raises an InputError unless text can be decoded with an encoding and a treatment of errors."""
  expected = "expected one such as utf-8, utf-16, gb18030 or latin-1"
  try:
    codecs.lookup(encoding)
  except (LookupError, ValueError):  # ValueError: a null in the name
    raise InputError(f"unknown encoding: {quote(encoding)}, {expected}.") from None
  try:
    b"a".decode(encoding, "replace")
  except (LookupError, ValueError):  # such as base64, rot13, zlib; `undefined`
    raise InputError(f"{quote(encoding)} is no encoding of texts, {expected}.") from None
  try:
    b"\xff".decode("ascii", errors)
  except UnicodeDecodeError:
    pass
  except (LookupError, TypeError, ValueError):
    raise InputError(
      f"errors is {quote(errors)}, expected strict, ignore or replace."
    ) from None


def marked_encoding(head: bytes) -> str | None:
  """Returns the encoding that a byte order mark states, other than UTF-8; None without one."""
  for mark, encoding in _MARKS.items():
    if head.startswith(mark):
      size = len(head) - len(head) % 4
      sample = head[: min(size, _SAMPLE_BYTES)]
      if _is_text(sample, encoding):  # binary data may begin with the same bytes
        return encoding
  return None


def looks_like_utf16(head: bytes) -> str | None:
  """Returns "utf-16-le" or "utf-16-be" if a text without a mark has a null in every second byte."""
  sample = head[:_SAMPLE_BYTES]
  even = sample[0::2]
  odd = sample[1::2]
  if even and odd.count(0) > 0.5 * len(odd) and not even.count(0):
    return "utf-16-le"
  if odd and even.count(0) > 0.5 * len(even) and not odd.count(0):
    return "utf-16-be"
  return None


def is_like_ascii(encoding: str) -> bool:
  """Returns whether line ends, spaces and numbers are the same bytes as in ASCII."""
  return _ASCII_SAMPLE.encode().decode(encoding, "replace") == _ASCII_SAMPLE


def decoded(chunks: Iterable[bytes], name: str, encoding: str, errors: str) -> Iterator[bytes]:
  """Yields the text of chunks in UTF-8 (`UTF8`, `UTF8_ERRORS`).

  Raises:
    InputError: naming the line, for bytes that cannot be decoded.
  """
  decoder = codecs.getincrementaldecoder(encoding)(errors)
  line = 1
  for chunk, is_last in _with_last(chunks):
    try:
      text = decoder.decode(chunk, is_last)
    except UnicodeError as error:
      raise InputError(
        f"{name}:{line}: found bytes that are not {encoding} ({getattr(error, 'reason', error)}), "
        "expected this encoding: give another one, or errors=ignore or replace."
      ) from None
    line += text.count("\n")
    yield text.encode(UTF8, UTF8_ERRORS)


def read_lines(path: str | os.PathLike, encoding: str, errors: str) -> list[str]:
  """Reads the lines of a text file, without a byte order mark and without line ends.

  Raises:
    InputError: for bytes that cannot be decoded.
  """
  data = pathlib.Path(path).read_bytes()
  try:
    text = data.decode(marked_encoding(data) or encoding, errors)
  except UnicodeError as error:
    raise InputError(f"{path}: not {encoding} ({error}).") from None
  text = text.removeprefix("\ufeff")
  if "\n" not in text:
    text = text.replace("\r", "\n")  # line ends of old Macs
  lines = text.removesuffix("\n").split("\n")
  if len(lines) > 1 and all(line.endswith("\r") for line in lines[:-1]):
    lines = [line.removesuffix("\r") for line in lines]
  return lines


def _is_text(data: bytes, encoding: str) -> bool:
  """Returns whether data, which may be cut off anywhere, is a text with a space or a digit."""
  try:
    text = codecs.getincrementaldecoder(encoding)().decode(data)
  except UnicodeError:
    return False
  return any(character in "0123456789 \t\n\r" for character in text)


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
  """Yields each chunk and whether it is the last one, which is empty."""
  for chunk in chunks:
    yield chunk, False
  yield b"", True
