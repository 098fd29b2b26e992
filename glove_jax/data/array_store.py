"""Named arrays on disk: written once, checked when opened, mapped into memory rather than read."""

import json
import os
import pathlib
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from glove_jax.errors import InputError
from glove_jax.files import atomic_write


def write_metadata(folder: pathlib.Path, types: Mapping[str, Any], *, key: str = "", about: Mapping | None = None) -> None:
  """Makes the raw files in `folder` openable: writes, last of all, their `meta.json`.

  Args:
    types: name of each file -> its dtype.
    key: what the arrays were made from; `load` compares it.
    about: more to store, JSON-ready.
  """
  files = {name: [str(np.dtype(kind)), (folder / name).stat().st_size, _crc32(folder / name)]
           for name, kind in types.items()}
  with atomic_write(folder / "meta.json") as file:
    json.dump({"key": key, "files": files, "about": dict(about or {})}, file, indent=1)


def load(
  folder: str | os.PathLike, *, key: str = "", verify: bool = True
) -> tuple[dict[str, np.ndarray], dict] | None:
  """The arrays in `folder`, flat and memory-mapped, and `about`; None if there are none or they are of another key.

  Args:
    verify: compare checksums, which reads every byte once.

  Raises:
    InputError: a file is damaged (size or checksum).
  """
  folder = pathlib.Path(folder)
  if not (folder / "meta.json").exists():
    return None
  try:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    found, files, about = meta["key"], meta["files"], meta["about"]
    files = {name: (np.dtype(kind), int(size), int(crc)) for name, (kind, size, crc) in files.items()}
  except (ValueError, KeyError, TypeError, AttributeError) as error:
    raise InputError(f"{folder}/meta.json: damaged ({error!r}); delete {folder} to make it anew.") from None
  if found != key:
    return None
  arrays = {}
  for name, (kind, size, crc) in files.items():
    path = folder / name
    present = path.stat().st_size if path.exists() else 0
    if present != size:
      raise InputError(f"{path}: {present} bytes, expected {size}; delete {folder} to make it anew.")
    if verify and _crc32(path) != crc:
      raise InputError(f"{path}: its checksum is not the stored one; delete {folder} to make it anew.")
    arrays[name] = np.memmap(path, kind, "r") if size else np.zeros(0, kind)
  return arrays, about


def _crc32(path: pathlib.Path) -> int:
  value = 0
  with open(path, "rb") as file:
    while block := file.read(1 << 20):
      value = zlib.crc32(block, value)
  return value
