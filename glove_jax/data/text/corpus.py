"""Text files of any size as a stream: found, unpacked, decoded, cut into blocks and turned into word ids.

A newline ends a document and nothing else does. But for `lines`, nothing here holds more than a block of a
file in memory, though a line be longer than that: text8 is a single line of 100 MB.
"""

import concurrent.futures
import functools
import glob
import hashlib
import importlib.util
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat

import numpy as np

from glove_jax.data.text import streams
from glove_jax.data.text.word_tokenizers import Tokenizer
from glove_jax.errors import InputError

_SAMPLE = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
BREAK = -1             # the id that ends a document
UNKNOWN = -2           # of a word that is not in the vocabulary
_LONGEST = 1 << 20     # characters of a word

Paths = Sequence[str | os.PathLike]
Progress = Callable[[int, int], None]  # bytes read so far (compressed, where the file is), bytes in all


def find_files(pattern: str | os.PathLike) -> list[pathlib.Path]:
  """The files that `pattern` names: a file, a glob (sorted), several separated by commas, or `sample`.

  `sample` is the Wikipedia extract that gensim carries in its tests.

  Raises:
    InputError: a part of the pattern names no file that can be read.
  """
  pattern = os.fspath(pattern)
  parts = [pattern] if os.path.isfile(pattern) else [part.strip() for part in pattern.split(",")]
  if not all(parts):
    raise InputError(f"corpus={pattern!r} has an empty name; "
                     "expected files or globs separated by commas, or sample.")
  return [path for part in parts for path in ([_sample()] if part == "sample" else _find_part(part))]


def _find_part(part: str) -> list[pathlib.Path]:
  part = os.path.expanduser(part)
  if os.path.isdir(part):
    raise InputError(f"{part} is a folder; expected a text file or a glob like {os.path.join(part, '*.txt')}")
  if os.path.exists(part):
    found = [part]
  elif glob.has_magic(part):
    found = sorted(filter(os.path.isfile, glob.glob(part, recursive=True)))
  else:
    raise InputError(f"{part}: no such file.")
  for path in found:
    if not os.path.isfile(path):
      raise InputError(f"{path} is not a regular file; a corpus is read more than once.")
    if not os.access(path, os.R_OK):
      raise InputError(f"{path}: no permission to read it.")
  if not found:
    raise InputError(f"{part} matches no file.")
  return [pathlib.Path(path) for path in found]


def _sample() -> pathlib.Path:
  gensim = importlib.util.find_spec("gensim")  # finds it without the second that importing it takes
  for folder in gensim.submodule_search_locations if gensim else ():
    path = pathlib.Path(folder, "test", "test_data", _SAMPLE)
    if path.exists():
      return path
  raise InputError("corpus=sample is a file of gensim, which is not installed: pip install -e '.[demo]'")


def describe(paths: Paths) -> str:
  """The files in a few words, for a message."""
  first, *more = map(str, paths)
  return f"{first} and {len(more)} more" if more else first


def read_lines(path: str | os.PathLike, *, encoding: str = "utf-8", errors: str = "strict") -> Iterator[str]:
  """The lines of a file of any known compression, or of a MediaWiki dump's text, without their line ends.

  Only "\\n" and "\\r\\n" end a line. A byte order mark at the start is dropped. Lines are never cut.

  Args:
    path: plain, .gz, .bz2, .xz or .zst, told apart by content.
    encoding, errors: as for `open`.

  Raises:
    InputError: the file cannot be read, unpacked or decoded.
  """
  parts = []
  for text in streams.read_text(path, encoding, errors):
    first, *rest = text.split("\n")
    parts.append(first)
    if rest:
      yield "".join(parts)
      yield from rest[:-1]
      parts = [rest[-1]]
  last = "".join(parts)
  if last:
    yield last


def read_tokens(
  paths: Paths, tokenizer: Tokenizer, *, encoding: str = "utf-8", errors: str = "strict",
  block: int = streams.BLOCK, progress: Progress | None = None,
) -> Iterator[list[str]]:
  """The tokens of the files, a block at a time; a "\\n" among them ends a document, and so does a file's end.

  Where the blocks are cut changes no token and ends no document.

  Args:
    paths: what `find` gave.
    tokenizer: what `tokenizers.make` gave.
    encoding, errors: as for `open`.
    block: bytes to read at once.
    progress: called after each block with the bytes read so far and in all.

  Raises:
    InputError: a file cannot be read, unpacked or decoded, or holds a run of a million characters that the
      tokenizer cannot cut.
  """
  sizes = [_size(path) for path in paths]
  before = 0
  for path, size in zip(paths, sizes, strict=True):
    report = functools.partial(_report, progress, before, sum(sizes))
    before += size
    for text in _cut(streams.read_text(path, encoding, errors, block=block, report=report), tokenizer, path):
      yield tokenizer.tokens(text)
    yield ["\n"]


def encode(
  paths: Paths, index: dict[str, int], tokenizer: Tokenizer, *, encoding: str = "utf-8",
  errors: str = "strict", block: int = streams.BLOCK, progress: Progress | None = None,
) -> Iterator[np.ndarray]:
  """The ids of the words in `index`, as int32 arrays [n]; other words are left out; BREAK ends each document.

  No BREAK comes first and no two in a row; the last id is BREAK, unless there is no id at all. Arguments and
  errors are those of `tokens`.
  """
  ids = {**index, "\n": BREAK}
  blocks = read_tokens(paths, tokenizer, encoding=encoding, errors=errors, block=block, progress=progress)
  yield from drop_unknown(np.fromiter(map(ids.get, words, repeat(UNKNOWN)), np.int32, len(words)) for words in blocks)


def drop_unknown(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
  """The same ids without those that are UNKNOWN, without a BREAK at the start and without two in a row."""
  last = BREAK
  for found in blocks:
    found = found[found != UNKNOWN]
    if len(found):
      double = (found == BREAK) & (np.concatenate([[last], found[:-1]]) == BREAK)
      last = found[-1]
      yield found[~double]


def fingerprint(paths: Paths) -> str:
  """A hash of the bytes of all the files in their order: the same for the same corpus, whatever the names.

  Raises:
    InputError: a file cannot be read.
  """
  with concurrent.futures.ThreadPoolExecutor() as pool:  # hashlib lets go of the interpreter's lock
    return hashlib.blake2b(b"".join(pool.map(_digest, paths)), digest_size=16).hexdigest()


def _report(progress: Progress | None, before: int, total: int, done: int) -> None:
  if progress:
    progress(before + done, total)


def _size(path: str | os.PathLike) -> int:
  with streams.open_bytes(path) as file:
    return os.fstat(file.fileno()).st_size


def _digest(path: str | os.PathLike) -> bytes:
  with streams.open_bytes(path) as file:
    return hashlib.file_digest(file, "blake2b").digest()


def _cut(texts: Iterable[str], tokenizer: Tokenizer, path: str | os.PathLike) -> Iterator[str]:
  """The same text in pieces that end where the tokenizer allows."""
  rest, line = "", 1
  for text in texts:
    rest += text
    cut = next((i for i in range(len(rest), 0, -1) if rest[i - 1] in tokenizer.boundaries), 0)
    if not cut and len(rest) > _LONGEST:
      if not tokenizer.anywhere:
        raise InputError(f"{path}:{line}: a word of more than {_LONGEST:,} characters; is this a text file?")
      cut = len(rest)
    if cut:
      yield rest[:cut]
      line += rest.count("\n", 0, cut)
      rest = rest[cut:]
  if rest:
    yield rest
