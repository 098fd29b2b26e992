"""Stores named arrays in a folder: written once, verified by checksum, opened as memory maps.

Each array is a raw binary file; `meta.json` lists their types, sizes and checksums.
"""

import concurrent.futures
import os
import pathlib
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.files import file_checksum, read_record, write_record

_META = "meta.json"

_DATA_TYPES = {"bool", "float16", "float32", "float64"}
_DATA_TYPES |= {f"{kind}int{bits}" for kind in ("", "u") for bits in (8, 16, 32, 64)}


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
  with concurrent.futures.ThreadPoolExecutor() as pool:  # zlib releases the interpreter's lock
    checksums = pool.map(file_checksum, [folder / name for name in types])
    files = {}
    for (name, dtype), checksum in zip(types.items(), checksums, strict=True):
      files[name] = [str(np.dtype(dtype)), *checksum]
  write_record(folder / _META, {"key": key, "files": files, "about": dict(extra or {})})


def load(
  folder: str | os.PathLike,
  *,
  key: str | None = "",
  names: Collection[str] = (),
  verify: bool = True,
) -> StoredArrays | None:
  """Opens the arrays in `folder`; returns None if there are none or they have another `key`.

  Args:
    folder: the folder that `write_metadata` completed.
    key: the key that the arrays must have been stored with; None: any.
    names: of arrays that must be there.
    verify: whether to compare checksums, which reads every byte once.

  Raises:
    InputError: a file is damaged (size or checksum), or an array of `names` is missing.
  """
  folder = pathlib.Path(folder)
  if not (folder / _META).exists():
    return None
  stored_key, files, extra = _read_metadata(folder)
  if key is not None and stored_key != key:
    return None
  for name in names:
    if name not in files:
      raise damaged(folder, f"no array {name!r}")
  with concurrent.futures.ThreadPoolExecutor() as pool:
    opened = pool.map(lambda name: _open_array(folder / name, files[name], verify), files)
    arrays = dict(zip(files, opened, strict=True))
  return StoredArrays(arrays, extra, stored_key)


def damaged(folder: pathlib.Path, what: str) -> InputError:
  """Returns the error for metadata that does not describe what the folder should hold."""
  return InputError(f"{folder / _META}: damaged ({what}); {_remedy(folder)}.")


def _remedy(folder: pathlib.Path) -> str:
  return f"delete {folder} to create it again"


def _read_metadata(folder: pathlib.Path) -> tuple[str, dict[str, _File], dict]:
  """Returns the key, the files by name and the extra values in `meta.json`."""
  meta = read_record(folder / _META, remedy=_remedy(folder))
  try:
    files = {}
    for name, (dtype, size, crc) in meta["files"].items():
      path = pathlib.PurePath(name)
      if path.is_absolute() or ".." in path.parts:  # outside of the folder
        raise ValueError(f"a file {name!r}")
      files[name] = _File(_data_type(dtype), int(size), int(crc))
    extra = dict(meta["about"])
    return meta["key"], files, extra
  except (ValueError, KeyError, TypeError, AttributeError, OverflowError, SyntaxError) as error:
    raise damaged(folder, quote(error)) from None


def _data_type(name: str) -> np.dtype:
  """Returns the type of numbers of this name. Raises ValueError for other types."""
  if name not in _DATA_TYPES:
    raise ValueError(f"a type {name!r}")
  return np.dtype(name)


def _open_array(path: pathlib.Path, file: _File, verify: bool) -> np.ndarray:
  size = path.stat().st_size if path.exists() else 0
  remedy = f"{_remedy(path.parent)}."
  if size != file.size or size % file.dtype.itemsize:
    raise InputError(f"{path}: {size} bytes, expected {file.size}; {remedy}")
  if verify:
    _, crc = file_checksum(path)
    if crc != file.crc:
      raise InputError(f"{path}: wrong checksum ({crc}, expected {file.crc}); {remedy}")
  if not size:  # an empty file cannot be mapped
    return np.zeros(0, file.dtype)
  return np.memmap(path, file.dtype, "r")
