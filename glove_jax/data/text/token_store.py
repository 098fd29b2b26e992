"""Tokenizes a text once and keeps it on disk as ids, before its vocabulary is chosen.

While the text is read, its distinct words get provisional ids in order of appearance. Once the
vocabulary is known, provisional ids are mapped to vocabulary ids without reading the text again.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import IO, NamedTuple

import numpy as np

from glove_jax.data.text import corpus
from glove_jax.data.text.word_counts import NEWLINE, WordCounts, by_word
from glove_jax.data.text.word_tokenizers import Tokenizer
from glove_jax.errors import InputError

_BLOCK = 1 << 20  # ids read at a time
_BYTES_PER_ID = 4


class TokenStore(NamedTuple):
  """A tokenized text on disk as provisional int32 ids, 4 bytes a token."""

  file: IO[bytes]         # has no name, so that the system deletes it when the process ends
  words: tuple[str, ...]  # provisional id -> word; the first is "\n"
  counts: np.ndarray      # [N] int64, occurrences of each word


def read(
  paths: Sequence[os.PathLike], tokenizer: Tokenizer, folder: str | os.PathLike, *,
  encoding: str = "utf-8", errors: str = "strict", progress: corpus.Progress | None = None,
) -> TokenStore:
  """Tokenizes the files into a temporary file in `folder`.

  Every distinct word is held in memory, about 100 bytes each.

  Args:
    paths, tokenizer, encoding, errors, progress: as for `corpus.read_tokens`.
    folder: where the temporary file is created.

  Raises:
    InputError: a file cannot be read or written, or the files hold no token.
  """
  words = WordCounts()
  blocks = corpus.read_ids(
    paths, tokenizer, words.number, encoding=encoding, errors=errors, progress=progress)
  try:
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
    for ids in blocks:
      file.write(ids.data)
      words.add(ids)
    file.flush()
  except OSError as error:
    reason = error.strerror or error
    raise InputError(f"{folder}: cannot write the tokenized text ({reason}).") from None
  if len(words) == 1:
    raise InputError(f"{corpus.describe(paths)}: no words, expected a text.")
  return TokenStore(file, tuple(words), words.counts())


def read_blocks(text: TokenStore, size: int) -> Iterator[np.ndarray]:
  """Yields the provisional ids of a text, `size` at a time."""
  text.file.seek(0)
  while data := text.file.read(_BYTES_PER_ID * size):
    yield np.frombuffer(data, np.int32)


def word_counts(text: TokenStore) -> dict[str, int]:
  """Returns how often each word occurs, as `vocab.build` takes it."""
  return by_word(text.words, text.counts)


def encode(
  text: TokenStore, index: Mapping[str, int], *, progress: corpus.Progress | None = None
) -> Iterator[np.ndarray]:
  """Yields the vocabulary ids of a text, exactly as `corpus.encode` does for its files.

  Args:
    text: a tokenized text.
    index: the id of each word of the vocabulary.
    progress: called after each block with the bytes read so far and in all.
  """
  vocab_ids = np.fromiter(
    map(index.get, text.words, repeat(corpus.UNKNOWN)), np.int32, len(text.words))
  vocab_ids[NEWLINE] = corpus.BREAK

  def mapped_blocks() -> Iterator[np.ndarray]:
    size = os.fstat(text.file.fileno()).st_size
    for block in read_blocks(text, _BLOCK):
      yield vocab_ids[block]
      if progress:
        progress(text.file.tell(), size)

  yield from corpus.drop_unknown(mapped_blocks())
