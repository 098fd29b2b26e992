"""Reads and writes the bytes of fastText's `.bin` and `.ftz` models; `fasttext` computes with them.

The layout is that of fastText's `saveModel`: magic number, version, arguments, dictionary, input
matrix, output matrix; little-endian, without padding. Files from before 2017 begin with the
arguments and have neither quantized matrices nor pruned n-grams.

Sizes that a file states are checked against the bytes that are left before anything is allocated.
"""

import math
import mmap
import os
import pathlib
import struct
from typing import Any, NamedTuple

import numpy as np

from glove_jax.errors import InputError
from glove_jax.files import atomic_write
from glove_jax.interop import fasttext_dictionary, fasttext_matrices, fasttext_unused_rows
from glove_jax.interop.binary_reader import Reader

MAGIC = struct.pack("<i", 793712314)
VERSIONS = (11, 12)
LOSSES = ("hs", "ns", "softmax", "ova")  # 1, 2, 3, 4 in a file
MODELS = ("cbow", "skipgram", "supervised")  # 1, 2, 3 in a file
MAX_INT32 = 2**31 - 1

_BEFORE_MAGIC = 0  # stands for the version of files that have none
_ARGS = struct.Struct("<12id")
_OLD_HEAD_BYTES = _ARGS.size + fasttext_dictionary.OLD_SIZES.size


class Args(NamedTuple):
  """The arguments of training, with fastText's names and its defaults for skip-gram."""

  dim: int = 100
  ws: int = 5
  epoch: int = 5
  min_count: int = 5
  neg: int = 5
  word_ngrams: int = 1
  loss: str = "ns"         # of LOSSES
  model: str = "skipgram"  # of MODELS
  bucket: int = 2_000_000
  minn: int = 3
  maxn: int = 6
  lr_update_rate: int = 100
  t: float = 1e-4


_ARGUMENT_RANGES = {
  "dim": (1, 100_000),
  "word_ngrams": (0, 255),
  "minn": (0, 100),
  "maxn": (0, 100),
  "loss": (1, len(LOSSES)),
  "model": (1, len(MODELS)),
}


class Contents(NamedTuple):
  """The contents of a file in their order; the fields of `fasttext.Model`.

  V words, L labels, D dimensions, P n-grams that were kept.
  """

  args: Args
  words: list[str]
  counts: np.ndarray        # [V] int64
  labels: list[str]
  label_counts: np.ndarray  # [L] int64
  tokens: int
  prune: np.ndarray | None  # [P, 2] int32: (bucket, row), ordered by bucket
  input: np.ndarray         # [V + buckets (or P), D] float32
  output: np.ndarray        # [V or L, D] float32
  notes: tuple[str, ...]    # remarks about the file, for the user


def read(path: str | os.PathLike) -> Contents:
  """Reads a model; quantized matrices become dense.

  Raises:
    InputError: naming the file, the byte, what was found and what was expected.
    OSError: if the file does not exist or cannot be read.
  """
  with open(path, "rb") as file:
    if not os.fstat(file.fileno()).st_size:
      raise InputError(f"{os.fspath(path)}: the file is empty, expected a fastText model.")
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
      return _read_contents(Reader(os.fspath(path), file, data))


def model_file(init: str | os.PathLike) -> pathlib.Path:
  """Returns the path of a model: the file itself, or `model.bin` in the folder of a run."""
  path = pathlib.Path(init)
  return path / "model.bin" if path.is_dir() else path


def is_fasttext_model(head: bytes) -> bool:
  """Returns whether a file that begins with these bytes is a fastText model.

  A file without the magic number is one if its arguments and sizes are valid. They are small
  integers, several of them from 1 to 4: text never looks like that.
  """
  if head.startswith(MAGIC):
    return True
  if len(head) < _OLD_HEAD_BYTES:
    return False
  args = Args(*_ARGS.unpack_from(head))
  sizes = fasttext_dictionary.old_sizes(head, _ARGS.size)
  sizes_are_valid = sizes.entries > 0 and sizes.are_consistent()
  return sizes_are_valid and _invalid_argument(args) is None


def write(contents: Any, path: str | os.PathLike):
  """Writes the fields of `Contents` as a dense model of version 12; the file is whole or absent.

  Raises:
    InputError: for a pruned model, as only quantized files can be pruned, or for a word that the
      format cannot hold.
  """
  if contents.prune is not None:
    raise InputError(
      f"{os.fspath(path)}: the model's n-grams are pruned, which only a quantized file can say."
    )
  args = contents.args._replace(
    loss=LOSSES.index(contents.args.loss) + 1,
    model=MODELS.index(contents.args.model) + 1,
  )
  with atomic_write(path, "wb") as file:
    file.write(MAGIC)
    file.write(struct.pack("<i", VERSIONS[-1]))
    file.write(_ARGS.pack(*args))
    fasttext_dictionary.write(file, contents)
    fasttext_matrices.write(file, contents.input)
    fasttext_matrices.write(file, contents.output)


def _read_contents(reader: Reader) -> Contents:
  version = _read_version(reader)
  args = _read_args(reader, version)
  has_magic = version != _BEFORE_MAGIC
  dictionary = fasttext_dictionary.read(reader, args.bucket, old_format=not has_magic)
  num_words = len(dictionary.words)
  is_supervised = args.model == "supervised"
  num_outputs = len(dictionary.labels) if is_supervised else num_words
  num_ngrams = args.bucket if dictionary.prune is None else len(dictionary.prune)
  quantized = has_magic and reader.read_flag("the mark of a quantized input")
  if dictionary.prune is not None and not quantized:
    raise reader.error(
      reader.position - 1, "found pruned n-grams and a dense matrix, expected a quantized one"
    )
  start = reader.position
  input_shape = (num_words + num_ngrams, args.dim)
  input_matrix = fasttext_matrices.read(reader, input_shape, quantized=quantized, name="input")
  notes = fasttext_unused_rows.clear(reader, start, input_matrix, args, dictionary)
  if has_magic:
    # fastText ignores this flag in a model with a dense input matrix.
    quantized &= reader.read_flag("the mark of a quantized output")
  start = reader.position
  output_shape = (num_outputs, args.dim)
  output_matrix = fasttext_matrices.read(reader, output_shape, quantized=quantized, name="output")
  fasttext_unused_rows.check_finite(reader, start, output_matrix)
  reader.require_end()
  return Contents(args, *dictionary, input=input_matrix, output=output_matrix, notes=notes)


def _read_version(reader: Reader) -> int:
  magic = reader.data[: len(MAGIC)]
  if magic == MAGIC:
    reader.position = len(MAGIC)
    version, = reader.unpack("<i", "the version")
    if version not in VERSIONS:
      raise reader.error(
        4, f"found version {version}, expected {VERSIONS[0]} or {VERSIONS[-1]}"
      )
    return version
  if is_fasttext_model(reader.data[:_OLD_HEAD_BYTES]):
    return _BEFORE_MAGIC
  raise reader.error(
    0,
    f"found {magic.hex()}, expected {MAGIC.hex()} of a fastText model, uncompressed, of version "
    f"{VERSIONS[0]} or {VERSIONS[-1]}",
  )


def _read_args(reader: Reader, version: int) -> Args:
  start = reader.position
  args = Args(*reader.unpack(_ARGS, "arguments"))
  index = _invalid_argument(args)
  if index is not None:
    name = Args._fields[index]
    if name == "t":
      expected = "0 or more"
    else:
      low, high = _argument_range(name)
      expected = f"{low:,} to {high:,}"
    raise reader.error(
      start + 4 * index, f"the argument {name} is {args[index]:,}, expected {expected}"
    )
  args = args._replace(loss=LOSSES[args.loss - 1], model=MODELS[args.model - 1])
  if version <= 11 and args.model == "supervised":
    # Old supervised models never use character n-grams (`FastText::loadModel`).
    return args._replace(maxn=0)
  return args


def _invalid_argument(args: Args) -> int | None:
  """Returns the index of the first argument, as it is in a file, that is out of range."""
  for index, name in enumerate(Args._fields):
    low, high = _argument_range(name)
    if not low <= args[index] <= high:
      return index
  return None


def _argument_range(name: str) -> tuple[int, float]:
  if name == "t":
    return 0, math.nextafter(math.inf, 0)
  return _ARGUMENT_RANGES.get(name, (0, MAX_INT32))
