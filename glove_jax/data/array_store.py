"""Stores named arrays in a folder: written once, verified by checksum, opened as memory maps.

Each array is a raw binary file; `meta.json` lists their types, sizes and checksums.
"""

import json
import os
import pathlib
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from glove_jax.errors import InputError
from glove_jax.files import atomic_write

_META = "meta.json"


class StoredArrays(NamedTuple):
  """The contents of a folder of arrays."""

  arrays: dict[str, np.ndarray]  # one-dimensional and memory-mapped
  extra: dict  # the JSON values stored beside them
  key: str  # identifies what the arrays were computed from


class _File(NamedTuple):
  """What `meta.json` says about an array's file."""

  dtype: np.dtype
  size: int  # bytes
  crc: int


def write_metadata(
  folder: pathlib.Path, types: Mapping[str, Any], *, key: str = "", extra: Mapping | None = None
) -> None:
  """Writes `meta.json` for the raw files in `folder`, after which `load` can open them.

  Args:
    folder: holds a raw file for each name in `types`.
    types: the dtype of each file, by file name.
    key: identifies what the arrays were computed from; `load` compares it.
    extra: more JSON values to store.
  """
  files = {}
  for name, dtype in types.items():
    path = folder / name
    files[name] = [str(np.dtype(dtype)), path.stat().st_size, _crc32(path)]
  with atomic_write(folder / _META) as file:
    json.dump({"key": key, "files": files, "about": dict(extra or {})}, file, indent=1)


def load(
  folder: str | os.PathLike, *, key: str | None = "", verify: bool = True
) -> StoredArrays | None:
  """Opens the arrays in `folder`; returns None if there are none or they have another `key`.

  Args:
    folder: the folder that `write_metadata` completed.
    key: the key that the arrays must have been stored with; None: any.
    verify: whether to compare checksums, which reads every byte once.

  Raises:
    InputError: a file is damaged (size or checksum).
  """
  folder = pathlib.Path(folder)
  if not (folder / _META).exists():
    return None
  stored_key, files, extra = _read_metadata(folder)
  if key is not None and stored_key != key:
    return None
  arrays = {name: _open_array(folder / name, file, verify) for name, file in files.items()}
  return StoredArrays(arrays, extra, stored_key)


def _read_metadata(folder: pathlib.Path) -> tuple[str, dict[str, _File], dict]:
  """Returns the key, the files by name and the extra values in `meta.json`."""
  path = folder / _META
  try:
    meta = json.loads(path.read_text(encoding="utf-8"))
    files = {}
    for name, (dtype, size, crc) in meta["files"].items():
      files[name] = _File(np.dtype(dtype), int(size), int(crc))
    return meta["key"], files, meta["about"]
  except (ValueError, KeyError, TypeError, AttributeError) as error:
    raise InputError(f"{path}: damaged ({error!r}); delete {folder} to create it again.") from None


def _open_array(path: pathlib.Path, file: _File, verify: bool) -> np.ndarray:
  size = path.stat().st_size if path.exists() else 0
  remedy = f"delete {path.parent} to create it again."
  if size != file.size:
    raise InputError(f"{path}: {size} bytes, expected {file.size}; {remedy}")
  if verify and _crc32(path) != file.crc:
    raise InputError(f"{path}: wrong checksum; {remedy}")
  if not size:  # an empty file cannot be mapped
    return np.zeros(0, file.dtype)
  return np.memmap(path, file.dtype, "r")


def _crc32(path: pathlib.Path) -> int:
  value = 0
  with open(path, "rb") as file:
    while block := file.read(1 << 20):
      value = zlib.crc32(block, value)
  return value
