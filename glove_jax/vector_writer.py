"""Writes word vectors as text, in word2vec's binary format, as a NumPy matrix or safetensors."""

import json
import os
import pathlib
from collections.abc import Iterator

import numpy as np

from glove_jax import float_text
from glove_jax.errors import InputError
from glove_jax.files import atomic_write
from glove_jax.interop import safetensors_matrix

FORMATS = ("glove", "word2vec", "word2vec-binary", "npy", "safetensors")
WORDS_KEY = "words"  # of the metadata of safetensors
_NUMBERS_PER_BLOCK = 1 << 14  # formatted at a time; more do not fit into the cache
_FORBIDDEN = {"word2vec-binary": "\n ", "safetensors": ""}  # in words; in all others "\n"
_BYTE_ORDER_MARK = "\ufeff"


def write(
  words: list[str], vectors: np.ndarray, path: str | os.PathLike, format: str = "glove"
) -> None:
  """Writes words and their vectors so that `vector_files.load` returns the same bits.

  The file is whole or absent.

  Args:
    words: V different words.
    vectors: [V, D] float32.
    path: of the file; for "npy" the words are written beside it, to NAME.words.txt.
    format: "glove" (text), "word2vec" (text with a header), "word2vec-binary", "npy" or
      "safetensors", a tensor `embeddings` and a JSON list of the words in its metadata.

  Raises:
    InputError: for a word that the format cannot hold: with a newline, or in the binary format with
      a space.
  """
  if format not in FORMATS:
    raise ValueError(f"format is {format!r}, expected one of {', '.join(FORMATS)}.")
  _check_words(words, format)
  if format == "npy":
    _write_npy(words, vectors, path)
    return
  if format == "safetensors":
    _write_safetensors(words, vectors, path)
    return
  header = f"{len(words)} {vectors.shape[1]}\n".encode()
  with atomic_write(path, "wb") as file:
    if format == "glove":
      file.write(_leading_mark(words))
    else:
      file.write(header)
    if format == "word2vec-binary":
      file.writelines(_binary_rows(words, vectors))
    else:
      file.writelines(_text_lines(words, vectors))


def words_file(path: str | os.PathLike) -> pathlib.Path:
  """Returns the path of the words that belong to a .npy matrix."""
  return pathlib.Path(path).with_suffix(".words.txt")


def _write_npy(words: list[str], vectors: np.ndarray, path: str | os.PathLike) -> None:
  line_end = _line_end(words)
  with atomic_write(words_file(path), "wb") as file:
    file.write(_leading_mark(words))
    for word in words:
      file.write(f"{word}{line_end}".encode())
  with atomic_write(path, "wb") as file:
    np.save(file, vectors)


def _line_end(words: list[str]) -> str:
  """Returns the end of a line; that of Windows if the reader would take it off all words."""
  are_like_lines = words and all(len(word) > 1 and word.endswith("\r") for word in words)
  return "\r\n" if are_like_lines else "\n"


def _write_safetensors(words: list[str], vectors: np.ndarray, path: str | os.PathLike) -> None:
  words_json = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
  with atomic_write(path, "wb") as file:
    safetensors_matrix.write(file, "embeddings", vectors, metadata={WORDS_KEY: words_json})


def _leading_mark(words: list[str]) -> bytes:
  """Returns a byte order mark if the first word begins with one: the reader takes off the first."""
  if words and words[0].startswith(_BYTE_ORDER_MARK):
    return _BYTE_ORDER_MARK.encode()
  return b""


def _binary_rows(words: list[str], vectors: np.ndarray) -> Iterator[bytes]:
  for word, row in zip(words, vectors, strict=True):
    yield b"%b %b\n" % (word.encode(), row.astype("<f4").tobytes())


def number_lines(vectors: np.ndarray, *, separator: bytes) -> Iterator[bytes]:
  """Yields the numbers of each vector [V, D] as a line, without the line end.

  They are the shortest digits of the same float32, and "1.0", not "1": no line looks like a header.
  """
  rows_per_block = max(1, _NUMBERS_PER_BLOCK // max(1, vectors.shape[1]))
  for start in range(0, len(vectors), rows_per_block):
    yield from float_text.format_rows(vectors[start : start + rows_per_block], separator)


def _text_lines(words: list[str], vectors: np.ndarray) -> Iterator[bytes]:
  numbers = number_lines(vectors, separator=b" ")
  for word, line in zip(words, numbers, strict=True):
    yield b"%b %b\n" % (word.encode(), line)


def _check_words(words: list[str], format: str):
  forbidden = _FORBIDDEN.get(format, "\n")
  for word in words:
    for character in forbidden:
      if character in word:
        raise InputError(
          f"The format {format} cannot hold the word {word!r}: it has a space or a newline."
        )
    if not word.isascii():
      _check_encodable(word)


def _check_encodable(word: str):
  try:
    word.encode()
  except UnicodeEncodeError as error:
    message = f"The word {word!r} cannot be written as UTF-8 ({error.reason})."
    raise InputError(message) from None
