"""Writes files and folders atomically: a path holds the whole result or what was there before."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from glove_jax.errors import InputError


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
  if "b" not in mode:
    kwargs.setdefault("encoding", "utf-8")
    kwargs.setdefault("newline", "\n")
  descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
  try:
    with open(descriptor, mode, **kwargs) as file:
      yield file
      file.flush()
      os.fsync(file.fileno())
    os.chmod(temporary, 0o666 & ~_umask())
    os.replace(temporary, path)
  except BaseException:
    with contextlib.suppress(FileNotFoundError):
      os.unlink(temporary)
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
  temporary = path.with_name(path.name + ".building")
  shutil.rmtree(temporary, ignore_errors=True)
  try:
    temporary.mkdir(parents=True)
    yield temporary
    shutil.rmtree(path, ignore_errors=True)
    os.replace(temporary, path)
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


def read_json(path: pathlib.Path) -> Any:
  """Reads a JSON file.

  Raises:
    InputError: the file is not JSON.
  """
  try:
    return json.loads(path.read_text(encoding="utf-8"))
  except ValueError as error:
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
