"""Tensors of a Hugging Face folder, in `model.safetensors` or in several files with an index; nothing that runs code.

Names, types and shapes are known before a number is read, and each tensor is read by itself.
"""

import contextlib
import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np

from glove_jax.errors import InputError

WEIGHTS_FILE, INDEX_FILE = "model.safetensors", "model.safetensors.index.json"
MODEL_SUBFOLDERS = ("model", "encoder")  # where a run has its model: of pretraining, of fine-tuning
FLOAT_DTYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16}
_LARGEST_HEADER = 1 << 24  # a model of 10,000 tensors has 1.5 MB
_LARGEST_JSON = 1 << 24
_PICKLED = ("pytorch_model.bin", "pytorch_model.bin.index.json")
_CONVERT = ("python -c \"import glob, torch; from safetensors.torch import save_file; save_file({{name: "
            "array.clone().contiguous() for file in glob.glob('{0}/pytorch_model*.bin') for name, array in "
            "torch.load(file, map_location='cpu', weights_only=True).items()}}, '{0}/model.safetensors', "
            "metadata={{'format': 'pt'}})\" where torch is installed")


class TensorInfo(NamedTuple):
  """What a file says of one tensor."""

  file: pathlib.Path
  dtype: str  # F32, I64, ...
  shape: tuple[int, ...]


def list_tensors(folder: str | os.PathLike) -> dict[str, TensorInfo]:
  """The tensors of a model by name.

  Raises:
    InputError: there are none, or a file is damaged; a pickled `.bin` is never opened.
  """
  folder = pathlib.Path(folder)
  if folder.name.startswith("pytorch_model") and folder.is_file():
    raise _pickled(folder)
  if not folder.is_dir():
    raise InputError(f"{folder}: no such folder; expected one with config.json and {WEIGHTS_FILE}.")
  if (folder / WEIGHTS_FILE).exists():
    return _of_file(folder / WEIGHTS_FILE)
  if (folder / INDEX_FILE).exists():
    return _of_index(folder / INDEX_FILE)
  if pickled := next((name for name in _PICKLED if (folder / name).exists()), None):
    raise _pickled(folder / pickled)
  raise InputError(f"{folder}: found neither {WEIGHTS_FILE} nor {INDEX_FILE}; expected a BERT's or a GPT's folder.")


def _pickled(path: pathlib.Path) -> InputError:
  return InputError(f"{path}: a pickle, which can run any code when it is opened; expected {WEIGHTS_FILE}: convert it by "
                    f"{_CONVERT.format(path.parent)}.")


def read(found: dict[str, TensorInfo], names: list[str]) -> Iterator[tuple[str, np.ndarray]]:
  """Those tensors, float32 each, one after another.

  Raises:
    InputError: one holds no floating-point numbers, or NaN or infinity.
  """
  for path in sorted({found[name].file for name in names}):
    with _open(path) as file:
      for name in names:
        if found[name].file == path:
          yield name, _array(file, path, name, found[name])


def write(path: str | os.PathLike, arrays: dict[str, np.ndarray]) -> None:
  """Writes tensors as `transformers` does; callers see to it that the file is whole or absent."""
  from safetensors.numpy import save_file
  save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path, metadata={"format": "pt"})
  os.chmod(path, pathlib.Path(path).parent.stat().st_mode & 0o666)  # not the owner's alone, unless the folder is


def read_json(path: pathlib.Path) -> dict[str, Any]:
  """A JSON object of reasonable size; InputError if it is none."""
  try:
    if (size := path.stat().st_size) > _LARGEST_JSON:
      raise InputError(f"{path}: {size:,} bytes, expected {_LARGEST_JSON:,} at most.")
    found = json.loads(path.read_bytes())
  except (ValueError, RecursionError) as error:  # InputError is one too, and says more
    raise error if isinstance(error, InputError) else InputError(f"{path}: not JSON ({_line(error)}).") from None
  except OSError as error:
    raise InputError(f"{path}: {error.strerror or error}.") from None
  if not isinstance(found, dict):
    raise InputError(f"{path}: found a {type(found).__name__}, expected a JSON object.")
  return found


@contextlib.contextmanager
def _open(path: pathlib.Path):
  import safetensors  # imported late: other formats do without
  try:
    size = path.stat().st_size
    with open(path, "rb") as file:
      header = int.from_bytes(file.read(8), "little")
    if header > min(_LARGEST_HEADER, size - 8):
      raise InputError(f"{path}: a header of {header:,} bytes in a file of {size:,}; expected no more than the file "
                       f"has, and {_LARGEST_HEADER:,} at most.")
    with safetensors.safe_open(path, framework="np") as file:
      yield file
  except (safetensors.SafetensorError, OverflowError) as error:
    raise InputError(f"{path}: not a whole safetensors file ({_line(error)}).") from None
  except OSError as error:
    raise InputError(f"{path}: {error.strerror or error}.") from None


def _of_file(path: pathlib.Path) -> dict[str, TensorInfo]:
  with _open(path) as file:
    slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118, it is no dict
    return {name: TensorInfo(path, one.get_dtype(), tuple(one.get_shape())) for name, one in slices.items()}


def _of_index(path: pathlib.Path) -> dict[str, TensorInfo]:
  places = read_json(path).get("weight_map")
  if not isinstance(places, dict) or not all(isinstance(file, str) for file in places.values()):
    raise InputError(f"{path}: found no weight_map of names to files.")
  files = sorted(set(places.values()))
  strange = next((file for file in files if not (file.isprintable() and pathlib.PurePath(file).name == file != "")
                  or "\\" in file), None)
  if strange is not None:
    raise InputError(f"{path}: names the file {strange[:200]!r}, expected one in the same folder.")
  held = {file: _of_file(path.with_name(file)) for file in files}
  if missing := [f"{name[:200]!r} in {file}" for name, file in places.items() if name not in held[file]]:
    raise InputError(f"{path}: there is no {', no '.join(missing)}.")
  return {name: held[file][name] for name, file in places.items()}


def _array(file, path: pathlib.Path, name: str, tensor: TensorInfo) -> np.ndarray:
  if tensor.dtype not in FLOAT_DTYPES:
    raise InputError(f"{path}: {name} is {tensor.dtype}, expected one of {', '.join(FLOAT_DTYPES)}.")
  array = np.asarray(file.get_tensor(name)).astype(np.float32)
  if not np.isfinite(array).all():
    raise InputError(f"{path}: {name} has numbers that are NaN or infinite.")
  return array


def _line(error: Exception) -> str:
  return " ".join(str(error).split())[:300]
