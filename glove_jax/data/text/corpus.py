"""Reads text files of any size as a stream: finds, unpacks, decodes, tokenizes and encodes them.

A newline ends a document and nothing else does. Except for `read_lines`, nothing here holds more
than a block of a file in memory, even if a line is longer: text8 is a single line of 100 MB.
"""

import functools
import glob
import importlib.util
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import TypeVar

import numpy as np

from glove_jax import installation
from glove_jax.data.text import piped, splitting, streams, word_ids
from glove_jax.data.text.word_tokenizers import Tokenizer
from glove_jax.errors import InputError

BREAK = -1  # the id that ends a document
UNKNOWN = -2  # the id of a word that is not in the vocabulary

_SAMPLE = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"

_LONGEST_LINE = 1 << 20  # characters of a text of a language model
# How lines without end are divided: at white space, or after a character beyond ASCII.
_LINE_PARTS = Tokenizer(str.split, fallback=r"\x80-\U0010ffff")

_T = TypeVar("_T")
Paths = Sequence[str | os.PathLike]
Progress = Callable[[int, int], None]  # (bytes read so far, bytes in all), of compressed files too


def find_files(
  pattern: str | os.PathLike, *, pipes: pathlib.Path | None = None
) -> list[pathlib.Path]:
  """Returns the files that a pattern names.

  Args:
    pattern: a file, a glob (its files are sorted), several of them separated by commas, `-` for
      standard input, or `sample`, the Wikipedia extract in gensim's test data.
    pipes: a folder where the content of pipes is kept; without it they are refused.

  Raises:
    InputError: a part of the pattern names no readable file.
  """
  pattern = os.fspath(pattern)
  parts = [pattern]  # a file's name may have commas
  if not os.path.isfile(pattern):
    parts = [part.strip() for part in pattern.split(",")]
  if not all(parts):
    raise InputError(
      f"corpus={pattern!r} has an empty name, "
      "expected files or globs separated by commas, or sample.")
  paths = []
  for part in parts:
    if part == "sample":
      paths.append(_find_sample())
    else:
      paths += _find_part(part, pipes)
  return paths


def _find_part(part: str, pipes: pathlib.Path | None) -> list[pathlib.Path]:
  """Returns the file that `part` names or the files that match it, sorted."""
  part = piped.real_path(os.path.expanduser(part))
  if pipes is not None and piped.is_pipe(part):
    return [piped.keep(part, pipes)]
  if os.path.isdir(part):
    example = os.path.join(part, "*.txt")
    raise InputError(f"{part} is a folder, expected a text file or a glob like {example}")
  if os.path.exists(part):
    paths = [part]
  elif glob.has_magic(part):
    paths = sorted(filter(os.path.isfile, glob.glob(part, recursive=True)))
  else:
    raise InputError(f"{part}: no such file.")
  for path in paths:
    if not os.path.isfile(path):
      raise InputError(f"{path} is not a regular file; a corpus is read more than once.")
    if not os.access(path, os.R_OK):
      raise InputError(f"{path}: no permission to read it.")
  if not paths:
    raise InputError(f"{part} matches no file.")
  return list(map(pathlib.Path, paths))


def _find_sample() -> pathlib.Path:
  gensim = importlib.util.find_spec("gensim")  # importing it would take a second
  folders = gensim.submodule_search_locations if gensim else ()
  for folder in folders:
    path = pathlib.Path(folder, "test", "test_data", _SAMPLE)
    if path.exists():
      return path
  raise InputError(
    f"corpus=sample is a file of gensim, which is not installed: {installation.extra('demo')}")


def describe(paths: Paths) -> str:
  """Returns a short description of the files for a message."""
  first, *others = map(str, paths)
  if not others:
    return first
  return f"{first} and {len(others)} more"


def read_lines(
  path: str | os.PathLike, *, encoding: str = "utf-8", errors: str = "strict"
) -> Iterator[str]:
  """Yields the lines of a file, or of the text of a MediaWiki dump, without their line ends.

  Only "\\n" and "\\r\\n" end a line, and "\\r" in a file where it is more common than "\\n". A byte
  order mark at the start is dropped.

  Args:
    path: a plain, .gz, .bz2, .xz or .zst file, recognised by content.
    encoding, errors: as for `open`.

  Raises:
    InputError: the file cannot be read, unpacked or decoded.
  """
  yield from _lines(streams.read_text(path, encoding, errors))


def read_bounded_lines(
  paths: Paths, *, encoding: str = "utf-8", errors: str = "strict", longest: int = _LONGEST_LINE
) -> Iterator[str]:
  """Yields the lines of files as `read_lines` does, in bounded memory.

  A line of more than `longest` characters comes in several parts. Words without end are left out as
  by `read_tokens`.
  """
  splitter = splitting.Splitter(_LINE_PARTS)
  for path in paths:
    texts = splitter.split(streams.read_text(path, encoding, errors))
    yield from _lines(texts, longest)
  splitting.log_left_out(splitter.left_out, describe(paths))


def _lines(texts: Iterable[str], longest: int | None = None) -> Iterator[str]:
  """Yields the lines of a text that is given in parts."""
  parts = []  # of a line that has not ended yet
  length = 0
  for text in texts:
    first, *others = text.split("\n")
    parts.append(first)
    length += len(first)
    if others:
      yield "".join(parts)
      yield from others[:-1]
      parts = [others[-1]]
      length = len(others[-1])
    if longest is not None and length > longest:
      yield "".join(parts)
      parts = []
      length = 0
  last = "".join(parts)
  if last:
    yield last


def read_tokens(
  paths: Paths, tokenizer: Tokenizer, *, encoding: str = "utf-8", errors: str = "strict",
  block: int = streams.BLOCK, progress: Progress | None = None,
) -> Iterator[list[str]]:
  """Yields the tokens of the files in blocks; a "\\n" ends a document, and so does a file's end.

  Where a block ends makes no difference to the tokens and ends no document. Words longer than
  `splitting.LONGEST_WORD` are left out, which a line at the end reports.

  Args:
    paths: files, as `find_files` returns them.
    tokenizer: splits the text (`word_tokenizers.make`).
    encoding, errors: as for `open`.
    block: bytes to read at once.
    progress: called after each block with the bytes read so far and in all.

  Raises:
    InputError: a file cannot be read, unpacked or decoded.
  """
  options = {"encoding": encoding, "errors": errors, "block": block, "progress": progress}
  return _convert(paths, tokenizer, tokenizer.tokens, ["\n"], **options)


def read_ids(
  paths: Paths, tokenizer: Tokenizer, look_up: Callable[[Sequence[str]], list[int]], *,
  encoding: str = "utf-8", errors: str = "strict", block: int = streams.BLOCK,
  progress: Progress | None = None,
) -> Iterator[np.ndarray]:
  """Yields the ids of the tokens that `read_tokens` yields, as int32 arrays [n].

  Args:
    look_up: as of `word_ids.WordIds`. Other arguments and errors are those of `read_tokens`.
  """
  ids = word_ids.WordIds(tokenizer, look_up)
  end = np.array(look_up(["\n"]), np.int32)
  options = {"encoding": encoding, "errors": errors, "block": block, "progress": progress}
  return _convert(paths, tokenizer, ids.of_text, end, **options)


def _convert(
  paths: Paths, tokenizer: Tokenizer, convert: Callable[[str], _T], end: _T, *, encoding: str,
  errors: str, block: int, progress: Progress | None,
) -> Iterator[_T]:
  """Yields the parts of files, split where the tokenizer allows, converted; `end` ends a file."""
  splitter = splitting.Splitter(tokenizer)
  sizes = [file_size(path) for path in paths]
  previous_files = 0  # bytes
  for path, size in zip(paths, sizes, strict=True):
    report = functools.partial(_report, progress, previous_files, sum(sizes))
    previous_files += size
    texts = streams.read_text(path, encoding, errors, block=block, report=report)
    for text in splitter.split(texts):
      yield convert(text)
    yield end
  splitting.log_left_out(splitter.left_out, describe(paths))


def encode(
  paths: Paths, index: dict[str, int], tokenizer: Tokenizer, *, encoding: str = "utf-8",
  errors: str = "strict", block: int = streams.BLOCK, progress: Progress | None = None,
) -> Iterator[np.ndarray]:
  """Yields the ids of the words in `index` as int32 arrays [n], and BREAK after each document.

  Other words are left out. No BREAK comes first and no two come in a row; the last id is BREAK,
  unless there is no id at all. Other arguments and errors are those of `read_tokens`.

  Args:
    index: the id of each word of the vocabulary.
  """
  ids = {**index, "\n": BREAK}

  def look_up(words: Sequence[str]) -> list[int]:
    return [ids.get(word, UNKNOWN) for word in words]

  options = {"encoding": encoding, "errors": errors, "block": block, "progress": progress}
  yield from drop_unknown(read_ids(paths, tokenizer, look_up, **options))


def encode_tokens(blocks: Iterable[list[str]], index: dict[str, int]) -> Iterator[np.ndarray]:
  """Yields the ids of blocks of tokens, of which "\n" ends a document, as `encode` does."""
  ids = {**index, "\n": BREAK}
  yield from drop_unknown(
    np.fromiter(map(ids.get, tokens, repeat(UNKNOWN)), np.int32, len(tokens)) for tokens in blocks)


def drop_unknown(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
  """Yields the same ids without UNKNOWN, without BREAK at the start and without two in a row."""
  last = BREAK
  for ids in blocks:
    ids = ids[ids != UNKNOWN]
    if len(ids):
      previous = np.concatenate([[last], ids[:-1]])
      repeated = (ids == BREAK) & (previous == BREAK)
      last = ids[-1]
      yield ids[~repeated]


def file_size(path: str | os.PathLike) -> int:
  """Returns the bytes of a file.

  Raises:
    InputError: it cannot be read.
  """
  with streams.open_bytes(path) as file:
    return os.fstat(file.fileno()).st_size


def _report(progress: Progress | None, previous_files: int, total: int, this_file: int) -> None:
  if progress:
    progress(previous_files + this_file, total)
