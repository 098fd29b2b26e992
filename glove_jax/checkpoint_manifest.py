"""The manifest of a checkpoint: shapes and types of arrays, sizes and checksums of files."""

import concurrent.futures
import pathlib
from typing import Any

from glove_jax.errors import InputError
from glove_jax.files import file_checksum, read_record, write_record
from glove_jax.tree_paths import named_leaves

STATE = "state"  # orbax's files
ATTACHED = "attached"  # small files that belong to a state
_NAME = "manifest.json"


def write(path: pathlib.Path, state: Any) -> None:
  """Writes the manifest of a checkpoint whose files are complete."""
  manifest = {
    "leaves": shapes_and_types(state),
    "files": _checksums(path / STATE),
    ATTACHED: _checksums(path / ATTACHED),
  }
  write_record(path / _NAME, manifest)


def read(path: pathlib.Path, *, remedy: str) -> dict[str, list]:
  """Returns the shapes and types in a checkpoint's manifest, after checking all its files.

  Args:
    path: of the checkpoint.
    remedy: what the user can do about a damaged one, for the message.

  Raises:
    InputError: a file is damaged or missing, or one is not the checkpoint's.
  """
  try:
    manifest = read_record(path / _NAME, remedy=remedy)
    damaged = _first_difference(_checksums(path / STATE), manifest["files"])
    if not damaged:
      attached = manifest.get(ATTACHED, {})
      damaged = _first_difference(_checksums(path / ATTACHED), attached)
    leaves = dict(manifest["leaves"])
  except (OSError, ValueError, KeyError, TypeError, AttributeError):
    damaged = _NAME
  if damaged:
    raise InputError(f"{path}: damaged checkpoint ({damaged}); {remedy}")
  return leaves


def shapes_and_types(state: Any) -> dict[str, list]:
  """Returns the shape and type of each array of a state, by its path."""
  kinds = {}
  for name, leaf in named_leaves(state):
    kinds[name] = [list(leaf.shape), str(leaf.dtype)]
  return kinds


def _checksums(folder: pathlib.Path) -> dict[str, list[int]]:
  """Returns the size and checksum of every file below a folder."""
  files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
  with concurrent.futures.ThreadPoolExecutor() as pool:  # zlib releases the interpreter's lock
    checksums = pool.map(file_checksum, files)
    return {
      path.relative_to(folder).as_posix(): checksum
      for path, checksum in zip(files, checksums, strict=True)
    }


def _first_difference(actual: dict, expected: dict) -> str:
  """Returns the first key that is missing, new or has another value; "" if there is none."""
  for name in sorted(actual.keys() | expected.keys()):
    if actual.get(name) != expected.get(name):
      return name
  return ""


def differences(actual: dict, expected: dict) -> str:
  """Describes all paths that are missing, unexpected or have another value."""
  missing = []
  unequal = []
  for name, value in expected.items():
    if name not in actual:
      missing.append(f"{name} is missing")
    elif actual[name] != value:
      unequal.append(f"{name} is {actual[name]}, expected {value}")
  unexpected = [f"{name} is not expected" for name in actual if name not in expected]
  return "; ".join([*missing, *unexpected, *unequal]) + "."
