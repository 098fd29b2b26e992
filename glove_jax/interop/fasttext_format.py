"""The bytes of fastText's `.bin` and `.ftz` models; `facebook` is what to do with them.

Laid out as the program's own `saveModel` does: magic number, version, arguments, dictionary, input matrix, output
matrix; little-endian, nothing aligned. A matrix may be quantized: Joulin et al. 2016, "FastText.zip: Compressing Text
Classification Models", sec. 3.1. Files of before 2017 begin with the arguments, and know nothing of quantized matrices
and pruned n-grams.

Nothing that a file says of its sizes is believed before it is checked against the bytes that are left.
"""

import math
import mmap
import os
import pathlib
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glove_jax.data import ngrams
from glove_jax.errors import InputError
from glove_jax.files import atomic_write
from glove_jax.interop.binary_reader import Reader

MAGIC = struct.pack("<i", 793712314)
VERSIONS = (11, 12)
LOSSES = ("hs", "ns", "softmax", "ova")  # 1, 2, 3, 4 in a file
MODELS = ("cbow", "skipgram", "supervised")  # 1, 2, 3

LARGEST = 2**31 - 1
MOST_COUNT = 10**15  # what the program's Huffman trees take for infinity
CENTROIDS = 256  # codes are bytes
# A byte of a quantized matrix stands for so many numbers at most, or a small file would fill the memory.
WIDEST_PART = 64
_ROWS = 1 << 14
_ARGS = struct.Struct("<12id")
_SIZES = struct.Struct("<3i2q")
_OLD_SIZES = struct.Struct("<3iq")


class Args(NamedTuple):
  """How a model was trained, under the program's names and with its defaults for skip-grams."""

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


_RANGES = {"dim": (1, 100_000), "word_ngrams": (0, 255), "minn": (0, 100), "maxn": (0, 100),
           "loss": (1, len(LOSSES)), "model": (1, len(MODELS))}


class Contents(NamedTuple):
  """What a file holds, in its order; the fields of `facebook.Model`."""

  args: Args
  words: list[str]
  counts: np.ndarray        # [V] int64
  labels: list[str]
  label_counts: np.ndarray  # [L] int64
  tokens: int
  prune: np.ndarray | None  # [P, 2] int32, (bucket, row), by bucket
  input: np.ndarray         # [V + buckets (or P), D] float32
  output: np.ndarray        # [V or L, D] float32


def read(path: str | os.PathLike) -> Contents:
  """Reads a model, quantized matrices as the numbers they stand for; each matrix is in memory once.

  Raises:
    InputError: naming the file, the byte, what was found and what was expected.
    OSError: for a file that is not there or not readable.
  """
  with open(path, "rb") as file:
    if not os.fstat(file.fileno()).st_size:
      raise InputError(f"{os.fspath(path)}: the file is empty, expected a fastText model.")
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
      return _model(Reader(os.fspath(path), file, data))


def model_file(init: str | os.PathLike) -> pathlib.Path:
  """The file of the model that is meant: itself, or what a run has left in its folder."""
  path = pathlib.Path(init)
  return path / "model.bin" if path.is_dir() else path


def is_fasttext_model(head: bytes) -> bool:
  """Whether a file that begins so is a model: by its magic number, else by arguments and sizes that make sense.

  Every argument of an old file is a small integer, of which several are 1 to 4: text never looks like that.
  """
  if head.startswith(MAGIC):
    return True
  if len(head) < _ARGS.size + _OLD_SIZES.size:
    return False
  args, (size, words, labels, tokens) = Args(*_ARGS.unpack_from(head)), _OLD_SIZES.unpack_from(head, _ARGS.size)
  return (all(low <= value <= high for value, (low, high) in zip(args, _ranges(), strict=False))
          and 0 <= args.t < math.inf and 0 < size == words + labels and min(words, labels, tokens) >= 0)


def write(parts: Any, path: str | os.PathLike):
  """Writes the fields of `Parts` as a dense model of version 12; the file is whole or absent.

  Raises:
    InputError: for a pruned model, which the format cannot hold densely, or a word that it cannot hold.
  """
  if parts.prune is not None:
    raise InputError(f"{os.fspath(path)}: the model's n-grams are pruned, which only a quantized file can say.")
  args = parts.args._replace(loss=LOSSES.index(parts.args.loss) + 1, model=MODELS.index(parts.args.model) + 1)
  entries = [*zip(parts.words, parts.counts, [0] * len(parts.words), strict=True),
             *zip(parts.labels, parts.label_counts, [1] * len(parts.labels), strict=True)]
  with atomic_write(path, "wb") as file:
    file.write(MAGIC + struct.pack("<i", VERSIONS[-1]) + _ARGS.pack(*args))
    file.write(_SIZES.pack(len(entries), len(parts.words), len(parts.labels), parts.tokens, -1))
    file.writelines(b"%b\0%b" % (_bytes(word), struct.pack("<qb", count, kind)) for word, count, kind in entries)
    for matrix in (parts.input, parts.output):
      file.write(b"\0" + struct.pack("<2q", *matrix.shape))
      file.write(np.ascontiguousarray(matrix, "<f4").data)


def _bytes(word: str) -> bytes:
  try:
    data = ngrams.encode(word)
  except UnicodeEncodeError as error:
    raise InputError(f"The word {word!r} cannot be written as UTF-8 ({error.reason}).") from None
  if b"\0" in data:
    raise InputError(f"A fastText model cannot hold the word {word!r}: it has a null character.")
  return data


def _ranges() -> list[tuple[int, int]]:
  """From what to what each argument but the last may go."""
  return [_RANGES.get(name, (0, LARGEST)) for name in Args._fields[:-1]]


def _model(reader: Reader) -> Contents:
  version = _version(reader)
  args = _args(reader, version)
  words, counts, labels, label_counts, tokens, prune = _dictionary(reader, args, version)
  outputs = len(labels if args.model == "supervised" else words)
  quantized = version > 0 and reader.flag("the mark of a quantized input")
  if prune is not None and not quantized:
    raise reader.error(reader.at - 1, "found pruned n-grams and a dense matrix, expected a quantized one")
  inputs = len(words) + (args.bucket if prune is None else len(prune))
  matrices = [_matrix(reader, inputs, args.dim, quantized, "input")]
  if version:
    quantized &= reader.flag("the mark of a quantized output")  # Of a dense model the program ignores it.
  matrices.append(_matrix(reader, outputs, args.dim, quantized, "output"))
  if left := len(reader.data) - reader.at:
    raise reader.error(reader.at, f"found {left:,} bytes more, expected the end")
  return Contents(args, words, counts, labels, label_counts, tokens, prune, *matrices)


def _version(reader: Reader) -> int:
  """The version; 0 of a file from before there was a magic number."""
  if (magic := reader.data[: len(MAGIC)]) != MAGIC:
    if is_fasttext_model(reader.data[: _ARGS.size + _OLD_SIZES.size]):
      return 0
    raise reader.error(0, f"found {magic.hex()}, expected {MAGIC.hex()} of a fastText model, uncompressed, of "
                          f"version {VERSIONS[0]} or {VERSIONS[-1]}")
  reader.at = len(MAGIC)
  version, = reader.take("<i", "the version")
  if version not in VERSIONS:
    raise reader.error(4, f"found version {version}, expected {VERSIONS[0]} or {VERSIONS[-1]}")
  return version


def _args(reader: Reader, version: int) -> Args:
  start = reader.at
  args = Args(*reader.take(_ARGS, "arguments"))
  for number, (name, (low, high)) in enumerate(zip(Args._fields, _ranges(), strict=False)):
    if not low <= (value := args[number]) <= high:
      raise reader.error(start + 4 * number, f"the argument {name} is {value:,}, expected {low:,} to {high:,}")
  if not 0 <= args.t < math.inf:
    raise reader.error(reader.at - 8, f"the argument t is {args.t}, expected 0 or more")
  args = args._replace(loss=LOSSES[args.loss - 1], model=MODELS[args.model - 1])
  # Old supervised models do not use character n-grams, whatever they say (`FastText::loadModel`).
  return args._replace(maxn=0) if version <= 11 and args.model == "supervised" else args


def _dictionary(reader: Reader, args: Args, version: int) -> tuple:
  at = reader.at
  sizes = reader.take(_SIZES if version else _OLD_SIZES, "the dictionary's sizes")
  size, num_words, num_labels, tokens, num_pruned = sizes if version else (*sizes, -1)
  if min(num_words, num_labels, tokens) < 0 or size != num_words + num_labels or num_pruned < -1:
    raise reader.error(at, f"found {size:,} entries, {num_words:,} words, {num_labels:,} labels, {tokens:,} tokens, "
                           f"{num_pruned:,} pruned n-grams, expected words and labels to add up, none below 0")
  reader.need(10 * size, f"{size:,} entries")  # A null byte, 8 bytes of count and a kind each.
  entries: dict[str, int] = {}
  for number in range(size):
    at, word = reader.at, reader.word()
    count, kind = reader.take("<qb", "an entry")
    if word in entries:
      raise reader.error(at, f"found {word!r} a second time, expected different words")
    if kind != (number >= num_words) or not 0 <= count < MOST_COUNT:
      raise reader.error(at, f"found {word!r} of kind {kind} with count {count:,}, expected kind "
                             f"{int(number >= num_words)} (0 word, 1 label) and 0 to {MOST_COUNT:,}")
    entries[word] = count
  words, counts = list(entries), np.array(list(entries.values()), np.int64)
  prune = None if num_pruned < 0 else _pruned(reader, num_pruned, args.bucket)
  return words[:num_words], counts[:num_words], words[num_words:], counts[num_words:], tokens, prune


def _pruned(reader: Reader, size: int, buckets: int) -> np.ndarray:
  at = reader.at
  pairs = reader.array("<i4", 2 * size, "kept n-grams").reshape(size, 2)
  pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
  keys, rows = pairs.T
  if size and (keys[0] < 0 or keys[-1] >= buckets or rows.min() < 0 or rows.max() >= size or not np.diff(keys).all()):
    raise reader.error(at, f"found n-grams {keys[0]:,} to {keys[-1]:,} with rows {rows.min():,} to {rows.max():,}, "
                           f"expected different ones below {buckets:,} with rows below {size:,}")
  return pairs


def _matrix(reader: Reader, rows: int, dim: int, quantized: bool, what: str) -> np.ndarray:  # -> [rows, dim]
  normed = quantized and reader.flag(f"the mark of the {what}'s norms")
  at = reader.at
  if (shape := reader.take("<2q", f"the {what}'s shape")) != (rows, dim):
    raise reader.error(at, f"the {what} has shape {shape}, expected {(rows, dim)}")
  matrix = _decode(reader, shape, normed) if quantized else reader.array("<f4", rows * dim, f"the {what}")
  matrix = matrix.reshape(shape)
  for start in range(0, rows, _ROWS):
    if not (finite := np.isfinite(matrix[start : start + _ROWS]).all(1)).all():
      raise reader.error(at, f"row {start + int(np.argmin(finite)):,} of the {what} has a nan or inf, expected none")
  return matrix


def _decode(reader: Reader, shape: Sequence[int], normed: bool) -> np.ndarray:  # -> shape
  size, = reader.take("<i", "the size of the codes")
  if size < 0:
    raise reader.error(reader.at - 4, f"found {size:,} codes, expected 0 or more")
  codes = reader.array("u1", size, "codes")
  parts = _quantizer(reader, shape[1])
  if size != shape[0] * len(parts):
    raise reader.error(reader.at, f"found {size:,} codes, expected {shape[0]:,} x {len(parts):,}")
  codes = codes.reshape(shape[0], len(parts))
  matrix = np.empty(shape, np.float32)
  start = 0
  for part, centroids in enumerate(parts):
    width = centroids.shape[1]
    matrix[:, start : start + width] = centroids[codes[:, part]]
    start += width
  if normed:
    codes = reader.array("u1", shape[0], "norms")
    norms, = _quantizer(reader, 1)
    matrix *= norms[codes]
  return matrix


def _quantizer(reader: Reader, dim: int) -> list[np.ndarray]:
  """The centroids [256, width] of each part that a row of `dim` numbers is cut into; the last may be narrower."""
  at = reader.at
  found = reader.take("<4i", "a quantizer's sizes")
  width = found[2]
  if not 0 < min(width, dim) <= WIDEST_PART or found != (dim, -(-dim // width), width, (dim - 1) % width + 1):
    raise reader.error(at, f"a quantizer's numbers, parts, width and last width are {found}, expected {dim} numbers in "
                           f"parts of 1 to {WIDEST_PART}")
  centroids = reader.array("<f4", CENTROIDS * dim, "centroids")
  parts = np.split(centroids, range(CENTROIDS * width, CENTROIDS * dim, CENTROIDS * width))
  return [part.reshape(CENTROIDS, -1) for part in parts]
