"""Writes files and folders atomically: a path holds the whole result or what was there before."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from glove_jax.errors import InputError, quote

BUILDING = ".building"  # ends the name of a folder that is not complete yet
REMOVING = ".removing"  # ends the name of a folder that is being removed

_BLOCK = 1 << 20  # bytes read or written at a time; smaller writes take twice the time
_CHECKSUM = "checksum"  # the key of a record's own checksum


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike, mode: str = "w", **kwargs) -> Iterator[IO]:
  """Opens a temporary file beside `path` and renames it to `path` once it is complete and on disk.

  If the block raises an exception, the temporary file is removed and `path` stays as it was.

  Args:
    path: the file to write; missing parent folders are created.
    mode: "w" or "wb", as for `open`.
    **kwargs: passed on to `open`. Text is UTF-8 with "\\n" as line end unless they say otherwise.
  """
  path = pathlib.Path(path)
  path.parent.mkdir(parents=True, exist_ok=True)
  kwargs.setdefault("buffering", _BLOCK)
  if "b" not in mode:
    kwargs.setdefault("encoding", "utf-8")
    kwargs.setdefault("newline", "\n")
  prefix = f".{path.name[:40]}."  # the name and more might be too long a name
  try:
    descriptor, temporary = tempfile.mkstemp(prefix=prefix, suffix=".tmp", dir=path.parent)
  except OSError as error:
    error.filename = str(path)
    raise
  try:
    with open(descriptor, mode, **kwargs) as file:
      yield file
      file.flush()
      os.fsync(file.fileno())
    os.chmod(temporary, 0o666 & ~_umask())
    os.replace(temporary, path)
  except BaseException as error:
    with contextlib.suppress(FileNotFoundError):
      os.unlink(temporary)
    if isinstance(error, OSError) and error.errno and error.filename in (None, temporary):
      error.filename = str(path)  # of a full disk Python does not say which file
    raise


@contextlib.contextmanager
def atomic_folder(path: str | os.PathLike, *, what: str) -> Iterator[pathlib.Path]:
  """Yields a temporary folder beside `path`, which in the end replaces whatever is at `path`.

  If the block raises an exception, the temporary folder is removed and `path` stays as it was.

  Args:
    path: the folder to write.
    what: the name of its contents for error messages, such as "the counts".

  Raises:
    InputError: the contents cannot be written, for example because the disk is full.
  """
  path = pathlib.Path(path)
  temporary = path.with_name(path.name + BUILDING)
  shutil.rmtree(temporary, ignore_errors=True)
  try:
    temporary.mkdir(parents=True)
    yield temporary
    replace_folder(temporary, path)
  except OSError as error:
    raise InputError(f"{temporary}: cannot write {what} ({error.strerror or error}).") from None
  finally:
    shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def utf8_alias(folder: str | os.PathLike) -> Iterator[pathlib.Path]:
  """Yields a path of a folder that is UTF-8: the folder itself, or a symbolic link to it.

  Libraries in C++ and Rust refuse names of other bytes, which the system and Python allow.
  """
  folder = pathlib.Path(folder).absolute()
  try:
    str(folder).encode()
    yield folder
    return
  except UnicodeEncodeError:
    pass
  with tempfile.TemporaryDirectory(prefix="glove_jax-") as temporary:
    alias = pathlib.Path(temporary) / "folder"
    alias.symlink_to(folder)
    yield alias


def replace_folder(new: pathlib.Path, path: pathlib.Path) -> None:
  """Renames a complete folder to `path`; the folder that stood there is removed."""
  remove_folder(path)
  os.replace(new, path)


def remove_folder(path: pathlib.Path) -> None:
  """Removes a folder, if there is one; half a folder never stands under its name.

  A process that is killed in the middle leaves `NAME.removing`, which `remove_leftovers` removes.
  """
  removing = path.with_name(path.name + REMOVING)
  shutil.rmtree(removing, ignore_errors=True)
  with contextlib.suppress(FileNotFoundError):
    os.replace(path, removing)
    shutil.rmtree(removing, ignore_errors=True)


def remove_leftovers(folder: pathlib.Path) -> None:
  """Removes what a killed process has left in a folder: temporary files and half folders."""
  for path in folder.glob(".*.tmp"):
    path.unlink(missing_ok=True)
  for suffix in (BUILDING, REMOVING):
    for path in folder.glob(f"*{suffix}"):
      shutil.rmtree(path, ignore_errors=True)


def write_record(path: pathlib.Path, values: dict[str, Any]) -> None:
  """Writes a JSON object with a checksum of its own, which `read_record` compares."""
  write_json(path, {**values, _CHECKSUM: _json_checksum(values)})


def read_record(path: pathlib.Path, *, remedy: str) -> dict[str, Any]:
  """Reads what `write_record` wrote; an object without a checksum, of an older version, passes.

  Args:
    path: of the file.
    remedy: what the user can do about a damaged file, for the message.

  Raises:
    InputError: the file is damaged.
  """
  try:
    values = json.loads(path.read_text(encoding="utf-8"))
  except (ValueError, RecursionError):
    raise InputError(f"{path}: damaged (not JSON); {remedy}.") from None
  if not isinstance(values, dict):
    raise InputError(f"{path}: damaged (not a JSON object); {remedy}.")
  expected = values.pop(_CHECKSUM, None)
  checksum = _json_checksum(values)
  if expected not in (None, checksum):
    message = f"checksum {checksum}, expected {quote(expected)}"
    raise InputError(f"{path}: damaged ({message}); {remedy}.")
  return values


def file_checksum(path: str | os.PathLike) -> list[int]:
  """Returns the size and the CRC-32 of a file."""
  value = 0
  size = 0
  with open(path, "rb", buffering=0) as file:
    while block := file.read(_BLOCK):
      value = zlib.crc32(block, value)
      size += len(block)
  return [size, value]


def _json_checksum(values: dict[str, Any]) -> int:
  return zlib.crc32(json.dumps(values, sort_keys=True).encode())


def read_json(path: pathlib.Path) -> Any:
  """Reads a JSON file.

  Raises:
    InputError: the file is not JSON.
  """
  try:
    return json.loads(path.read_text(encoding="utf-8"))
  except (ValueError, RecursionError) as error:
    raise InputError(f"{path}: not JSON ({error}).") from None


def write_json(path: pathlib.Path, value: Any) -> None:
  """Writes a JSON file atomically."""
  text = json.dumps(value, indent=2, ensure_ascii=False)
  with atomic_write(path) as file:
    file.write(_SURROGATE.sub(_escape, text) + "\n")


# Python's str of a file name that is not UTF-8 has these, which UTF-8 cannot write.
_SURROGATE = re.compile("[\ud800-\udfff]")


def _escape(character: re.Match) -> str:
  """Returns a character as JSON escapes it; `read_json` returns the same file name."""
  return f"\\u{ord(character[0]):04x}"


def _umask() -> int:
  mask = os.umask(0)
  os.umask(mask)
  return mask
