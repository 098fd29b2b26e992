"""Files and folders that settings name, compared by content: they may lie elsewhere at a later
start."""

import concurrent.futures
import glob
import hashlib
import os
import pathlib
from typing import Any

_BLOCK = 1 << 20  # bytes read at a time

# What a run makes for itself in its folder; nothing that starts from the run reads it.
_NOT_READ = {
  "best", "checkpoints", "cooccurrence", "dev_ids", "epochs", "ids", "packed", "packed_contexts",
  "README.md", "config.json", "metrics.jsonl", "predicted.txt", "run.json", "scores.json", "shards",
  "spark", "spark.log",
}


def describe(value: str, earlier: dict[str, Any] | None = None) -> dict[str, Any] | None:
  """Describes what a setting names: how it was called, and a fingerprint of its contents.

  Args:
    value: a file, a folder, a member of an archive as `FILE:MEMBER`, a glob, or several of them
      separated by commas.
    earlier: the description at an earlier start. Where sizes and times of change are the same as
      then, the contents are not read again.

  Returns:
    A JSON object; None if the value names no file.
  """
  files = _find(value) if value else []
  if not files:
    return None
  stamp = _stamp(files)
  if earlier and earlier.get("stamp") == stamp:
    return {**earlier, "value": value}
  return {"value": value, "stamp": stamp, "fingerprint": _fingerprint(files)}


def is_same(description: dict[str, Any] | None, earlier: dict[str, Any]) -> bool:
  """Returns whether two descriptions are of the same contents."""
  return description is not None and description["fingerprint"] == earlier["fingerprint"]


def _find(value: str) -> list[tuple[str, pathlib.Path]]:
  """Returns (name, path) of the files that a value names; names do not say where they lie."""
  value = os.path.expanduser(value)
  path = pathlib.Path(value)
  if path.is_dir():
    return _find_below(path)
  if path.is_file():
    return [("", path)]
  archive, _, member = value.rpartition(":")
  if member and os.path.isfile(archive):
    return [(member, pathlib.Path(archive))]
  files = []
  for part in value.split(","):
    names = sorted(glob.glob(part.strip(), recursive=True)) or [part.strip()]
    if not all(map(os.path.isfile, names)):
      return []
    files += [("", pathlib.Path(name)) for name in names]
  return files


def _find_below(folder: pathlib.Path) -> list[tuple[str, pathlib.Path]]:
  files = []
  for parent, folders, names in os.walk(folder):
    is_top = pathlib.Path(parent) == folder
    skipped = _NOT_READ if is_top else ()
    folders[:] = sorted(name for name in folders if name not in skipped)
    for name in sorted(names):
      path = pathlib.Path(parent, name)
      if name not in skipped and not name.startswith(".") and path.is_file():
        files.append((path.relative_to(folder).as_posix(), path))
  return files


def _stamp(files: list[tuple[str, pathlib.Path]]) -> str:
  """Returns a hash of the sizes and times of change of files."""
  digest = hashlib.blake2b(digest_size=16)
  for name, path in files:
    status = path.stat()
    stamp = (name, str(path.absolute()), status.st_size, status.st_mtime_ns)
    digest.update(repr(stamp).encode())
  return digest.hexdigest()


def _fingerprint(files: list[tuple[str, pathlib.Path]]) -> str:
  """Returns a hash of the contents of files, and of their names where a folder has them."""
  digest = hashlib.blake2b(digest_size=16)
  paths = [path for _, path in files]
  with concurrent.futures.ThreadPoolExecutor() as pool:  # hashlib releases the interpreter's lock
    for (name, _), contents in zip(files, pool.map(_file_digest, paths), strict=True):
      digest.update(repr(name).encode() + contents)
  return digest.hexdigest()


def _file_digest(path: pathlib.Path) -> bytes:
  digest = hashlib.blake2b(digest_size=16)
  with open(path, "rb", buffering=0) as file:
    while block := file.read(_BLOCK):
      digest.update(block)
  return digest.digest()
