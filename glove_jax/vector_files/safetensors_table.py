"""Loads word vectors from safetensors: of a file with its words, or of a static model's folder.

Static models are those of model2vec and the `StaticEmbedding` of sentence-transformers: a matrix, a
row a token, and a `tokenizer.json`.
"""

import json
import os
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.files import read_json
from glove_jax.interop import safetensors_io, safetensors_matrix
from glove_jax.interop.safetensors_io import TensorInfo
from glove_jax.vector_files import row_table, static_vocabulary, transcoding
from glove_jax.vector_writer import WORDS_KEY, words_file
from glove_jax.word_vectors import WordVectors

_MATRICES = ("embeddings", "embedding.weight")  # of model2vec, of sentence-transformers
_TYPES = (*safetensors_io.FLOAT_DTYPES, "I8")  # model2vec quantizes to 8 bits without a scale


def is_safetensors(head: bytes) -> bool:
  """Returns whether a file begins as safetensors does: with the size of a header, and a brace."""
  return head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 40


def static_model(folder: str | os.PathLike) -> pathlib.Path | None:
  """Returns the file of embeddings in the folder of a static model; None for other folders."""
  folder = pathlib.Path(folder)
  subfolder = _static_module(folder)
  if subfolder is None:
    config = _read_optional(folder / "config.json")
    is_static = isinstance(config, dict) and config.get("model_type") == "model2vec"
    return folder / safetensors_io.WEIGHTS_FILE if is_static else None
  is_name = subfolder == "" or pathlib.PurePath(subfolder).name == subfolder
  if not is_name or "\0" in subfolder:
    raise InputError(
      f"{folder / 'modules.json'}: path is {quote(subfolder)}, expected a folder beside it."
    )
  return folder / subfolder / safetensors_io.WEIGHTS_FILE


def _static_module(folder: pathlib.Path) -> str | None:
  """Returns the subfolder of static embeddings that modules.json names; None if it names none."""
  modules = _read_optional(folder / "modules.json")
  first = modules[0] if isinstance(modules, list) and modules else None
  if not isinstance(first, dict) or not str(first.get("type")).endswith("StaticEmbedding"):
    return None
  return str(first.get("path", "")).rstrip("./")


def load(path: str | os.PathLike, *, limit: int | None = None) -> WordVectors:
  """Loads the vectors of a file and their words.

  The words are those of its metadata, a JSON list at the key `words`; else the lines of
  NAME.words.txt beside it; else the tokens of tokenizer.json beside it that are words.

  Args:
    path: a regular file of safetensors.
    limit: maximum number of words.

  Raises:
    InputError: the file is damaged, has no matrix, or no words.
  """
  path = pathlib.Path(path)
  if not path.is_file():
    raise InputError(f"{path}: not a regular file, which a safetensors file must be.")
  largest = safetensors_matrix.MAX_HEADER_BYTES
  tensors = safetensors_io.list_file(path, max_header=largest)
  name = _matrix_name(path, tensors)
  with safetensors_io.open_file(path, max_header=largest) as file:
    metadata = file.metadata() or {}
    mapping = _read_mapping(path, file, tensors, name)
    num_rows = tensors[name].shape[0] if mapping is None else len(mapping)
    words, rows = _read_words(path, metadata.get(WORDS_KEY), num_rows)
    weights = file.get_tensor("weights") if "weights" in tensors else None
    if weights is not None and weights.shape != (num_rows,):
      raise InputError(f"{path}: weights are {list(weights.shape)}, expected [{num_rows}].")
    matrix = file.get_tensor(name)
  indices = np.asarray(rows, np.int64)[:limit]
  if weights is not None or mapping is not None or len(rows) != num_rows:
    matrix = matrix[indices if mapping is None else mapping[indices]]
    words = words[:limit]
  if weights is not None:
    matrix = matrix.astype(np.float32) * weights[indices, None]
  return row_table.from_rows(words, matrix, str(path), limit=limit)


def _read_optional(path: pathlib.Path) -> Any:
  """Returns the value of a JSON file; None if there is none that can be read."""
  if not path.is_file() or path.stat().st_size > 1 << 20:
    return None
  try:
    return read_json(path)
  except (InputError, OSError):
    return None


def _matrix_name(path: pathlib.Path, tensors: dict[str, TensorInfo]) -> str:
  """Returns the name of the matrix of vectors: a usual one, or of the only matrix."""
  names = [name for name, tensor in tensors.items() if len(tensor.shape) == 2]
  usual = [name for name in _MATRICES if name in names]
  if not usual and len(names) != 1:
    raise InputError(
      f"{path}: found the tensors {quote(', '.join(tensors), 80)}, expected one matrix, or "
      f"{_MATRICES[0]}."
    )
  name = usual[0] if usual else names[0]
  tensor = tensors[name]
  if tensor.dtype not in _TYPES or 0 in tensor.shape:
    raise InputError(
      f"{path}: {quote(name)} is {list(tensor.shape)} of {tensor.dtype}, expected [words, D] of "
      f"one of {', '.join(_TYPES)}."
    )
  return name


def _read_mapping(
  path: pathlib.Path, file: Any, tensors: dict[str, TensorInfo], name: str
) -> np.ndarray | None:
  """Returns the row of each token, where tokens share rows (model2vec's quantized vocabulary)."""
  if "mapping" not in tensors:
    return None
  mapping = file.get_tensor("mapping")
  num_rows = tensors[name].shape[0]
  is_whole = mapping.ndim == 1 and mapping.dtype.kind in "iu"
  if not is_whole or not len(mapping) or mapping.min() < 0 or mapping.max() >= num_rows:
    raise InputError(f"{path}: mapping is damaged, expected a row below {num_rows} of each token.")
  return mapping


def _read_words(
  path: pathlib.Path, words_json: str | None, num_rows: int
) -> tuple[list[str], Sequence[int]]:
  """Returns words and their rows."""
  vocabulary = path.with_name(static_vocabulary.FILE)
  if words_json is not None:
    words = _parse_words(path, words_json)
  elif words_file(path).is_file():
    words = transcoding.read_lines(words_file(path), "utf-8", "strict")
  elif vocabulary.is_file():
    return static_vocabulary.read(vocabulary, num_rows)
  else:
    raise InputError(
      f"{path}: vectors without words, expected a JSON list of them in the metadata, at "
      f"{WORDS_KEY!r}, or beside it {words_file(path).name} or {static_vocabulary.FILE}."
    )
  if len(words) != num_rows:
    raise InputError(f"{path}: {num_rows:,} vectors and {len(words):,} words, expected as many.")
  return words, range(num_rows)


def _parse_words(path: pathlib.Path, words_json: str) -> list[str]:
  try:
    words = json.loads(words_json)
  except (ValueError, RecursionError):
    words = None
  if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
    raise InputError(f"{path}: {WORDS_KEY!r} of the metadata is no JSON list of strings.")
  return words
