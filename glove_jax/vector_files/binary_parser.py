"""Parses word2vec's binary format: a word, a space, and the bytes of its vector."""

from collections.abc import Iterable

import numpy as np

from glove_jax.errors import InputError
from glove_jax.vector_files.row_table import RowTable
from glove_jax.vector_files.text_parser import Decoder
from glove_jax.word_vectors import WordVectors

MAX_WORD_BYTES = 1 << 20
_FIRST_LINE = 2  # errors name words by the line that they would have in text, after the header


def parse(chunks: Iterable[bytes], table: RowTable, decoder: Decoder) -> WordVectors:
  """Parses the bytes after the header, in chunks that may end anywhere, into a table.

  Raises:
    InputError: naming the word's number, what was found and what was expected.
  """
  buffer = b""
  for chunk in chunks:
    buffer += chunk
    position = _add_whole_entries(buffer, table, decoder)
    buffer = buffer[position:]
    if table.is_full() or table.rows_read >= table.stated_size:
      break
    if len(buffer) > MAX_WORD_BYTES + 4 * table.dim:
      raise InputError(f"{table.name}: no word ends within {MAX_WORD_BYTES:,} bytes: damaged?")
  return table.finish()


def _add_whole_entries(buffer: bytes, table: RowTable, decoder: Decoder) -> int:
  """Adds the words whose vectors are whole; returns the position after them."""
  vector_bytes = 4 * table.dim
  max_words = table.stated_size - table.rows_read
  first_line = _FIRST_LINE + table.rows_read
  position = 0
  words = []
  rows = []
  while len(words) < max_words:
    space = buffer.find(b" ", position)
    end = space + 1 + vector_bytes
    if space < 0 or end > len(buffer):
      break
    # word2vec.c writes a newline after each vector, gensim does not.
    word = buffer[position:space].lstrip(b"\n")
    words.append(decoder.decode(word, first_line + len(words)))
    rows.append(buffer[space + 1 : end])
    position = end
  if words:
    matrix = np.frombuffer(b"".join(rows), "<f4").reshape(-1, table.dim)
    table.add(words, matrix, range(first_line, first_line + len(words)))
  return position
