"""Reads and writes the tensors of a Hugging Face folder, in one file or in shards with an index.

Pickled files are refused, because opening one can run any code. Names, types and shapes are known
before any values are read, and each tensor is read by itself.
"""

import contextlib
import json
import os
import pathlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np

from glove_jax.errors import InputError

WEIGHTS_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"
MODEL_SUBFOLDERS = ("model", "encoder")  # where pretraining and fine-tuning runs leave their model
FLOAT_DTYPES = {
  "F64": np.float64,
  "F32": np.float32,
  "F16": np.float16,
  "BF16": ml_dtypes.bfloat16,
}
_MAX_HEADER_BYTES = 1 << 24  # the header of 10,000 tensors has 1.5 MB
_MAX_JSON_BYTES = 1 << 24
PICKLED_FILES = ("pytorch_model.bin", "pytorch_model.bin.index.json")
_LFS_POINTER = b"version https://git-lfs.github.com/"
# To be run in the folder of a pickle.
_CONVERT = (
  "python -c \"import torch, safetensors.torch as s; s.save_file({k: v.clone().contiguous() for k, "
  "v in torch.load('pytorch_model.bin', 'cpu', weights_only=True).items()}, 'model.safetensors', "
  "{'format': 'pt'})\""
)


class TensorInfo(NamedTuple):
  """Where a tensor is stored, its type and its shape."""

  file: pathlib.Path
  dtype: str  # F32, I64, ...
  shape: tuple[int, ...]


def list_tensors(folder: str | os.PathLike) -> dict[str, TensorInfo]:
  """Returns the tensors of a model by name, without reading their values.

  Raises:
    InputError: if the folder has none, a file is damaged, or the weights are pickled.
  """
  folder = pathlib.Path(folder)
  if folder.name.startswith("pytorch_model") and folder.is_file():
    raise _pickle_error(folder)
  if not folder.is_dir():
    raise InputError(f"{folder}: no such folder, expected one with config.json and {WEIGHTS_FILE}.")
  if (folder / WEIGHTS_FILE).exists():
    return list_file(folder / WEIGHTS_FILE)
  if (folder / INDEX_FILE).exists():
    return _list_shards(folder / INDEX_FILE)
  for name in PICKLED_FILES:
    if (folder / name).exists():
      raise _pickle_error(folder / name)
  raise InputError(
    f"{folder}: found neither {WEIGHTS_FILE} nor {INDEX_FILE}, expected the folder of a BERT or a "
    "GPT."
  )


def read(tensors: dict[str, TensorInfo], names: list[str]) -> Iterator[tuple[str, np.ndarray]]:
  """Yields the named tensors as float32, one after another, file by file.

  Raises:
    InputError: if a tensor is not of a floating-point type, or has NaN or infinite values.
  """
  files = {tensors[name].file for name in names}
  for path in sorted(files):
    with open_file(path) as file:
      for name in names:
        if tensors[name].file == path:
          yield name, _read_tensor(file, name, tensors[name])


def read_renamed(
  tensors: dict[str, TensorInfo], file_names: Mapping[str, str]
) -> dict[str, np.ndarray]:
  """Reads tensors as float32 under other names.

  Args:
    tensors: of the folder.
    file_names: name in the result -> name in the files.

  Raises:
    InputError: as `read`.
  """
  names = {file_name: name for name, file_name in file_names.items()}
  return {names[file_name]: array for file_name, array in read(tensors, list(names))}


def write(path: str | os.PathLike, arrays: dict[str, np.ndarray]) -> None:
  """Writes tensors as `transformers` does; callers make sure that the file is whole or absent."""
  from safetensors.numpy import save_file

  contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
  save_file(contiguous, path, metadata={"format": "pt"})
  # safetensors makes the file readable by its owner only: give it the permissions of its folder.
  folder_mode = pathlib.Path(path).parent.stat().st_mode
  os.chmod(path, folder_mode & 0o666)


def read_json(path: pathlib.Path, *, max_bytes: int = _MAX_JSON_BYTES) -> dict[str, Any]:
  """Reads a JSON object of at most `max_bytes`.

  Raises:
    InputError: if the file is missing, larger, or not a JSON object.
  """
  try:
    size = path.stat().st_size
    if size > max_bytes:
      raise InputError(f"{path}: {size:,} bytes, expected {max_bytes:,} at most.")
    data = path.read_bytes()
  except OSError as error:
    raise InputError(f"{path}: {error.strerror or error}.") from None
  try:
    values = json.loads(data)
  except (ValueError, RecursionError) as error:
    raise InputError(f"{path}: not JSON ({_one_line(error)}).") from None
  if not isinstance(values, dict):
    raise InputError(f"{path}: found a {type(values).__name__}, expected a JSON object.")
  return values


@contextlib.contextmanager
def open_file(path: pathlib.Path, *, max_header: int = _MAX_HEADER_BYTES):
  """Opens a file for NumPy; an InputError if it, or what the block reads of it, is damaged."""
  import safetensors  # imported late: other formats do without

  try:
    _check_header(path, max_header)
    with safetensors.safe_open(path, framework="np") as file:
      yield file
  except (safetensors.SafetensorError, OverflowError) as error:
    raise InputError(f"{path}: not a whole safetensors file ({_one_line(error)}).") from None
  except OSError as error:
    raise InputError(f"{path}: {error.strerror or error}.") from None


def _check_header(path: pathlib.Path, max_header: int) -> None:
  """Raises an InputError for a header that would take more memory than the file could need."""
  size = path.stat().st_size
  with open(path, "rb") as file:
    head = file.read(8)
  if head == _LFS_POINTER[:8]:
    raise InputError(f"{path}: a pointer of Git LFS: `git lfs pull` gets the file.")
  header = int.from_bytes(head, "little")
  if header > min(max_header, size - 8):
    raise InputError(
      f"{path}: a header of {header:,} bytes in a file of {size:,}, expected no more than the file "
      f"has, and {max_header:,} at most."
    )


def list_file(
  path: pathlib.Path, *, max_header: int = _MAX_HEADER_BYTES
) -> dict[str, TensorInfo]:
  """Returns the tensors of a file by name; InputError if it is damaged."""
  tensors = {}
  with open_file(path, max_header=max_header) as file:
    for name in file.keys():  # noqa: SIM118, not a dict
      tensor = file.get_slice(name)
      tensors[name] = TensorInfo(path, tensor.get_dtype(), tuple(tensor.get_shape()))
  return tensors


def _list_shards(index_path: pathlib.Path) -> dict[str, TensorInfo]:
  weight_map = _read_weight_map(index_path)
  shards = {}
  for file in sorted(set(weight_map.values())):
    shards[file] = list_file(index_path.with_name(file))
  tensors = {}
  missing = []
  for name, file in weight_map.items():
    if name in shards[file]:
      tensors[name] = shards[file][name]
    else:
      missing.append(f"{name[:60]!r} in {file}")
  if missing:
    more = f" and {len(missing) - 3:,} more" if len(missing) > 3 else ""
    raise InputError(f"{index_path}: there is no {', no '.join(missing[:3])}{more}.")
  return tensors


def _read_weight_map(index_path: pathlib.Path) -> dict[str, str]:
  """Reads which shard holds each tensor; shards must lie in the folder of the index."""
  weight_map = read_json(index_path).get("weight_map")
  message = f"{index_path}: found no weight_map of names to files."
  if not isinstance(weight_map, dict):
    raise InputError(message)
  for file in weight_map.values():
    if not isinstance(file, str):
      raise InputError(message)
  for file in sorted(weight_map.values()):
    if not _is_plain_file_name(file):
      raise InputError(
        f"{index_path}: names the file {file[:200]!r}, expected one in the same folder."
      )
  return weight_map


def _is_plain_file_name(name: str) -> bool:
  is_one_part = name != "" and pathlib.PurePath(name).name == name
  return is_one_part and name.isprintable() and "\\" not in name


def _read_tensor(file, name: str, tensor: TensorInfo) -> np.ndarray:
  if tensor.dtype not in FLOAT_DTYPES:
    supported = ", ".join(FLOAT_DTYPES)
    raise InputError(f"{tensor.file}: {name} is {tensor.dtype}, expected one of {supported}.")
  with np.errstate(over="ignore", invalid="ignore"):  # told in the next lines
    array = np.asarray(file.get_tensor(name)).astype(np.float32)
  if not np.isfinite(array).all():
    raise InputError(f"{tensor.file}: {name} has values that are NaN or infinite.")
  return array


def _pickle_error(path: pathlib.Path) -> InputError:
  if path.name != PICKLED_FILES[0]:
    return InputError(f"{path}: pickled shards can run any code; docs/formats.md converts them.")
  return InputError(f"{path}: a pickle, which can run any code; convert it there: {_CONVERT}")


def _one_line(error: Exception) -> str:
  return " ".join(str(error).split())[:300]
