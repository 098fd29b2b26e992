"""Makes UTF-8 of vector files whose encoding is unlike ASCII."""

import codecs
import os
import pathlib
from collections.abc import Iterable, Iterator

from glove_jax.data.text import encodings
from glove_jax.errors import InputError

_ASCII_SAMPLE = "\t\n\r 0123456789.+-e"
_SAMPLE_BYTES = 1 << 10
# Written by `decoded`: how lone surrogates, which some codecs produce, become bytes and text again.
UTF8 = "utf-8"
UTF8_ERRORS = "surrogatepass"


def marked_encoding(head: bytes) -> str | None:
  """Returns the encoding that a byte order mark states, other than UTF-8; None without one."""
  encoding = encodings.marked(head)
  if encoding in (None, "utf-8"):
    return None
  size = len(head) - len(head) % 4
  sample = head[: min(size, _SAMPLE_BYTES)]
  return encoding if _is_text(sample, encoding) else None  # binary data may begin with its bytes


def advice(around: bytes, head: bytes) -> str:
  """Returns what to try with bytes that cannot be decoded: the encoding that they seem to have."""
  return encodings.advice(around, head, option="encoding=", errors_option="errors=")


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
        f"{name}:{line}: found bytes that are not {encoding} ({getattr(error, 'reason', error)}); "
        f"{advice(chunk, chunk)}."
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
    raise InputError(f"{path}: not {encoding} ({error}); {advice(data, data)}.") from None
  text = text.removeprefix("\ufeff")
  if "\n" not in text:
    text = text.replace("\r", "\n")  # line ends of old Macs
  lines = text.removesuffix("\n").split("\n")
  ended_lines = lines if text.endswith("\n") else lines[:-1]
  # A single word may end with a carriage return, and so may some; not all of a list.
  if ended_lines and all(len(line) > 1 and line.endswith("\r") for line in ended_lines):
    return [line.removesuffix("\r") for line in lines]
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
