"""Recognizes and parses GloVe and word2vec text, and word2vec's binary format."""

import itertools
import re
from collections.abc import Iterable, Iterator

from glove_jax.data.text import encodings
from glove_jax.errors import InputError, quote
from glove_jax.vector_files import (
  binary_parser,
  foreign_formats,
  tensors,
  text_parser,
)
from glove_jax.vector_files.row_table import RowTable
from glove_jax.vector_files.text_parser import MAX_DIM, Decoder
from glove_jax.word_vectors import WordVectors

_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?(\d{1,20})[ \t]+(\d{1,20})[ \t]*\r?\n")
_CONTROL_CHARACTER = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_SAMPLE_BYTES = 1 << 16


def parse(
  chunks: Iterable[bytes],
  name: str,
  *,
  encoding: str,
  errors: str,
  limit: int | None,
) -> WordVectors:
  """Parses a file of any of the three formats, recognized by its first chunk.

  A header is a first line of exactly two integers, the numbers of words and of dimensions, whose
  second integer fits the lines after it. Lines end with a newline, or all with a carriage return.
  The numbers are split off from the right and the rest is the word, including any spaces.

  Args:
    chunks: the file's bytes, in chunks that may end anywhere; the first should hold some lines.
    name: of the file, for errors.
    encoding: of the words; any in which newlines, spaces and digits are their ASCII bytes.
    errors: as for `bytes.decode`.
    limit: maximum number of words; None: no limit.

  Raises:
    InputError: naming the line, what was found and what was expected.
  """
  chunks = iter(chunks)
  head = next(chunks, b"")
  if not head.strip():
    raise InputError(f"{name}: the file is empty, expected lines of a word and its numbers.")
  if _ends_lines_with_returns(head):
    head = head.replace(b"\r", b"\n")
    chunks = (chunk.replace(b"\r", b"\n") for chunk in chunks)
  decoder = Decoder(name, encoding, errors)
  return _parse_lines(head, chunks, decoder, limit)


def _parse_lines(
  head: bytes, chunks: Iterator[bytes], decoder: Decoder, limit: int | None
) -> WordVectors:
  """Parses a file that begins with `head`, with or without a header."""
  name = decoder.file_name
  header = _HEADER.match(head)
  body = head[header.end() :] if header else head
  text_dim = _text_dim(body, name)
  # If lines have one number, "400000 50" is a word and its number.
  if header and (text_dim != 1 or header[2] == b"1"):
    table = _headed_table(header, name, limit)
    return _parse_body(body, chunks, table, decoder, text_dim)
  if not text_dim:
    raise _unrecognized_error(head, decoder)
  if tensors.lack_words(head):
    raise tensors.missing_words_error(name)
  table = RowTable(name, text_dim, limit=limit)
  return text_parser.parse(itertools.chain([head], chunks), table, decoder, first_line=1)


def _text_dim(body: bytes, name: str) -> int:
  """Returns how many numbers most lines have, 0 if it is no text of words and numbers."""
  text = body.decode("latin-1")
  dim = text_parser.common_dim(text)
  if not dim and foreign_formats.is_sparse(text):
    raise InputError(
      f"{name}: a sparse file, of fields index:number, expected all numbers of each word."
    )
  if dim > MAX_DIM:
    raise InputError(f"{name}:1: found over {MAX_DIM:,} numbers a word, expected 1 to {MAX_DIM:,}.")
  return dim


def _ends_lines_with_returns(head: bytes) -> bool:
  """Returns whether lines end as on old Macs, and the data is text."""
  return b"\r" in head and b"\n" not in head and not _CONTROL_CHARACTER.search(head)


def _headed_table(header: re.Match, name: str, limit: int | None) -> RowTable:
  size = int(header[1])
  dim = int(header[2])
  if not 0 < dim <= MAX_DIM:
    raise InputError(f"{name}:1: the header says {dim} numbers a word, expected 1 to {MAX_DIM:,}.")
  return RowTable(name, dim, limit=limit, stated_size=size)


def _parse_body(
  body: bytes, chunks: Iterator[bytes], table: RowTable, decoder: Decoder, text_dim: int
) -> WordVectors:
  """Parses what follows a header, as text if its lines have as many numbers as the header says."""
  all_chunks = itertools.chain([body], chunks)
  if text_dim == table.dim or not body:
    return text_parser.parse(all_chunks, table, decoder, first_line=2)
  if not decoder.is_transcoded and _is_binary(body[:_SAMPLE_BYTES], decoder.encoding):
    return binary_parser.parse(all_chunks, table, decoder)
  raise InputError(
    f"{table.name}:1: the header says {table.dim} numbers a word, the next lines have {text_dim}."
  )


def _is_binary(data: bytes, encoding: str) -> bool:
  if _CONTROL_CHARACTER.search(data):
    return True
  whole_lines = data[: data.rfind(b"\n") + 1]
  try:
    whole_lines.decode(encoding)
  except UnicodeDecodeError:
    return True
  return False


def _unrecognized_error(head: bytes, decoder: Decoder) -> InputError:
  name = decoder.file_name
  foreign = foreign_formats.describe_binary(head)
  if foreign:
    return InputError(f"{name}: {foreign}")
  utf16 = encodings.utf16_advice(head[: encodings.SAMPLE], option="encoding=")
  if utf16:
    return InputError(f"{name}:1: {utf16}.")
  first_line, _, _ = head.partition(b"\n")
  content = quote(first_line[:60].decode(decoder.encoding, "replace"))
  if _CONTROL_CHARACTER.search(head):
    content = "binary data"
  return InputError(f"{name}:1: found {content}, expected a word and its numbers.")
