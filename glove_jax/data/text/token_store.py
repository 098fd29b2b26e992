"""A text read once: its words become numbers in order of appearance, and ids once the vocabulary is known."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import IO, NamedTuple

import numpy as np

from glove_jax.data.text import corpus
from glove_jax.data.text.word_tokenizers import Tokenizer
from glove_jax.errors import InputError

_BLOCK = 1 << 20  # numbers read at a time


class TokenStore(NamedTuple):
  """A text on disk as int32 numbers, 4 bytes a token; the number of a newline is 0."""

  file: IO[bytes]         # has no name, so that nothing of it is left whatever happens
  words: tuple[str, ...]  # number -> word
  counts: np.ndarray      # [N] int64, how often each occurs


class _Numbers(dict):
  def __missing__(self, word: str) -> int:
    self[word] = number = len(self)
    return number


def read(
  paths: Sequence[os.PathLike], tokenizer: Tokenizer, folder: str | os.PathLike, *, encoding: str = "utf-8",
  errors: str = "strict", progress: corpus.Progress | None = None,
) -> TokenStore:
  """Numbers the text of `paths` into a file in `folder`; holds every distinct word in memory (about 100 bytes each).

  Args:
    paths, tokenizer, encoding, errors, progress: as for `corpus.tokens`.

  Raises:
    InputError: a file cannot be read or written, or there is no token in any.
  """
  numbers, counts = _Numbers({"\n": 0}), np.zeros(1, np.int64)
  try:
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
    for tokens in corpus.read_tokens(paths, tokenizer, encoding=encoding, errors=errors, progress=progress):
      found = np.fromiter(map(numbers.__getitem__, tokens), np.int32, len(tokens))
      file.write(found.data)
      if len(numbers) > len(counts):
        counts = np.pad(counts, (0, 2 * len(numbers) - len(counts)))
      np.add.at(counts, found, 1)
    file.flush()
  except OSError as error:
    raise InputError(f"{folder}: cannot write the numbered text ({error.strerror or error}).") from None
  if len(numbers) == 1:
    raise InputError(f"No word in {corpus.describe(paths)}; expected a text.")
  return TokenStore(file, tuple(numbers), counts[: len(numbers)])


def word_counts(text: TokenStore) -> dict[str, int]:
  """How often each word occurs, as `vocab.build` takes it."""
  return dict(zip(text.words[1:], text.counts[1:].tolist(), strict=True))


def encode(
  text: TokenStore, index: Mapping[str, int], *, progress: corpus.Progress | None = None
) -> Iterator[np.ndarray]:
  """The ids of the words in `index`, as `corpus.encode` gives them of the text itself."""
  ids = np.fromiter(map(index.get, text.words, repeat(corpus.UNKNOWN)), np.int32, len(text.words))
  ids[0] = corpus.BREAK
  size = os.fstat(text.file.fileno()).st_size
  def blocks() -> Iterator[np.ndarray]:
    text.file.seek(0)
    while block := text.file.read(4 * _BLOCK):
      yield ids[np.frombuffer(block, np.int32)]
      if progress:
        progress(text.file.tell(), size)
  yield from corpus.drop_unknown(blocks())
