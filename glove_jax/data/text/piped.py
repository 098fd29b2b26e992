"""Keeps what comes through a pipe in a file: a corpus is read more than once."""

import contextlib
import hashlib
import os
import pathlib
import stat
import tempfile
from collections.abc import Iterator

from glove_jax.errors import InputError
from glove_jax.progress import log_stage

STDIN = "-"  # the name of standard input
_STDIN_PATH = "/dev/stdin"
_CHUNK = 1 << 20

_pipes: dict[str, str] = {}  # file that keeps what came through a pipe -> the pipe


def real_path(name: str) -> str:
  """Returns the path of standard input for `-`, other names as they are."""
  is_stdin = name == STDIN and not os.path.exists(name)
  return _STDIN_PATH if is_stdin else name


def is_pipe(path: str | os.PathLike) -> bool:
  """Returns whether a path is a pipe or a socket, which can be read once."""
  try:
    mode = os.stat(path).st_mode
  except (OSError, ValueError):
    return False
  return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def refuse(name: str | os.PathLike) -> None:
  """Raises an InputError for a pipe or for standard input."""
  path = real_path(os.fspath(name))
  if path == _STDIN_PATH or is_pipe(path):
    raise InputError(
      f"{name} can be read only once, but is read again to resume; write it to a file first.")


@contextlib.contextmanager
def named_in_errors() -> Iterator[None]:
  """Names pipes, and not the files that keep what came through them, in errors of a block."""
  try:
    yield
  except InputError as error:
    message = str(error)
    for kept, path in _pipes.items():
      message = message.replace(kept, path)
    raise InputError(message) from None


def keep(path: str, folder: pathlib.Path) -> pathlib.Path:
  """Writes all that comes through a pipe to a file in a folder, and returns its path.

  Its name holds a hash of the content: a run that is started again with the same text goes on.

  Raises:
    InputError: nothing comes through the pipe, or the file cannot be written.
  """
  digest = hashlib.blake2b(digest_size=8)
  temporary = None
  try:
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".corpus.", suffix=".tmp", dir=folder)
    with open(descriptor, "wb") as file, open(path, "rb", buffering=0) as pipe:
      while chunk := pipe.read(_CHUNK):
        digest.update(chunk)
        file.write(chunk)
      size = file.tell()
      file.flush()
      os.fsync(file.fileno())
    kept = folder / f"corpus-{digest.hexdigest()}"
    if size:
      os.replace(temporary, kept)
  except OSError as error:
    raise InputError(f"{path}: cannot be kept in {folder} ({error.strerror or error}).") from None
  finally:
    if temporary and os.path.exists(temporary):
      os.unlink(temporary)
  if not size:
    raise InputError(f"{path}: nothing came through the pipe, expected a text.")
  log_stage("corpus", f"{size:,} bytes of {path} are kept in {kept}")
  _pipes[str(kept)] = path
  return kept
