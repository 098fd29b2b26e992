"""Names the formats that are not read as word vectors, and says what to do about them."""

import re
import zlib
from collections.abc import Sequence

import numpy as np

_PICKLE_ADVICE = (
  "pickles are not read, as they can run any code when they are opened; write the words and "
  "their vectors as text"
)
# By the first bytes of a file.
_MAGIC = {
  b"\x89HDF\r\n\x1a\n": "an HDF5 file, expected text of words and numbers.",
  b"PAR1": "a Parquet file, expected text of words and numbers.",
  b"ARROW1": "an Arrow file, expected text of words and numbers.",
  b"SQLite format 3\0": "an SQLite database, expected text of words and numbers.",
  b"%PDF-": "a PDF, expected text of words and numbers.",
  b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive: unpack it first.",
  b"Rar!\x1a\x07": "a RAR archive: unpack it first.",
  b"version https://git-lfs.github.com/": "a pointer of Git LFS: `git lfs pull` gets the file.",
}
_TAR_MAGIC = b"ustar"
_TAR_MAGIC_OFFSET = 257
# Protocol 2 and newer; then opcodes that protocols 0 and 1 begin with.
_PICKLE = re.compile(
  rb"\x80[\x02-\x05]|\(?[dl]p\d+\n|[\]}]q\x00|c[A-Za-z_][\w.]{0,80}\n\w{1,80}\n"
)
_ZLIB_HEADS = (b"x\x01", b"x^", b"x\x9c", b"x\xda")
_SPARSE_FIELD = re.compile(r"\d+:[-+]?[\d.]+(?:[eE][-+]?\d+)?")
_TORCH_PICKLE = re.compile(r"(?:[^/]+/)?data\.pkl")
_SAMPLE_BYTES = 1 << 16
# Components of word vectors: larger and smaller numbers are bytes of something else.
_PLAUSIBLE_RANGE = (1e-8, 1e6)
_PLAUSIBLE_FRACTION = 0.999


def describe(head: bytes) -> str | None:
  """Returns what a file that begins with `head` is if it is certainly no file of word vectors.

  The result is the end of an error message: "a pickle of gensim's: …".
  """
  for magic, description in _MAGIC.items():
    if head.startswith(magic):
      return description
  if head[_TAR_MAGIC_OFFSET:].startswith(_TAR_MAGIC):
    return "a tar archive: unpack it first."
  if head.startswith(b"\x80") and _PICKLE.match(head):
    return _describe_pickle(head)
  return None


def describe_binary(head: bytes) -> str | None:
  """Returns what a file is that was not recognized as word vectors, None if that is unclear."""
  if _PICKLE.match(head):
    return _describe_pickle(head)
  if head.startswith(_ZLIB_HEADS):
    content = _decompress_zlib(head)
    if content and _PICKLE.match(content):
      return _describe_pickle(b"joblib" + content)
  return _describe_raw_numbers(head[:_SAMPLE_BYTES])


def describe_archive(names: Sequence[str]) -> str | None:
  """Returns what a .zip with members of these names is if it holds no word vectors."""
  if any(map(_TORCH_PICKLE.fullmatch, names)):
    return f"a pickle of PyTorch's: {_PICKLE_ADVICE}."
  if names and all(name.endswith(".npy") for name in names):
    return (
      "a .npz of NumPy's, expected a .npy matrix and its words beside it, in NAME.words.txt."
    )
  if "[Content_Types].xml" in names:
    return "a document of an office program, expected text of words and numbers."
  return None


def is_sparse(text: str) -> bool:
  """Returns whether most lines are a word and fields `index:number`, as sparse PPMI files are."""
  lines = text.split("\n")[:1000]
  whole_lines = [line for line in lines[:-1] or lines if line.strip()]
  num_sparse = 0
  for line in whole_lines:
    field = line.split()[-1]
    num_sparse += _SPARSE_FIELD.fullmatch(field) is not None
  return 2 * num_sparse > len(whole_lines)


def _describe_pickle(head: bytes) -> str:
  sample = head[:_SAMPLE_BYTES]
  if b"gensim" in sample:
    return (
      "a pickle of gensim's, which can run any code when it is opened; in gensim, "
      "`vectors.save_word2vec_format(FILE)` (of a model: `model.wv`) writes a file that is read."
    )
  if b"joblib" in sample:
    return f"a pickle of joblib's: {_PICKLE_ADVICE}."
  # The magic number of PyTorch before 1.6, or modules of its tensors.
  if b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." in sample or b"torch" in sample:
    return f"a pickle of PyTorch's: {_PICKLE_ADVICE}."
  return f"a pickle: {_PICKLE_ADVICE}."


def _decompress_zlib(head: bytes) -> bytes:
  try:
    return zlib.decompressobj().decompress(head, _SAMPLE_BYTES)
  except zlib.error:
    return b""


def _describe_raw_numbers(sample: bytes) -> str | None:
  if _are_plausible(sample, "<f8"):
    return (
      "64-bit numbers without words, as Stanford's GloVe writes with -binary 1; expected its text "
      "(-binary 0)."
    )
  if _are_plausible(sample, "<f4"):
    return "32-bit numbers without words, expected text of words and numbers."
  return None


def _are_plausible(sample: bytes, dtype: str) -> bool:
  itemsize = np.dtype(dtype).itemsize
  count = len(sample) // itemsize
  if count < 2:
    return False
  low, high = _PLAUSIBLE_RANGE
  with np.errstate(invalid="ignore"):  # signalling nans
    sizes = np.abs(np.frombuffer(sample, dtype, count))
    is_plausible = (sizes == 0) | ((sizes >= low) & (sizes <= high))
    is_nonzero = bool(sizes.any())
  return is_nonzero and is_plausible.mean() >= _PLAUSIBLE_FRACTION
