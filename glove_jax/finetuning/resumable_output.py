"""A file that is written in blocks, and gone on with after an interruption.

Until it is whole, `NAME.partial` holds the blocks, and `NAME.partial.json` says how many of them
are on disk and of what job they are.
"""

import contextlib
import os
import pathlib
import zlib
from collections.abc import Iterator
from typing import IO, Any

from glove_jax.errors import InputError
from glove_jax.files import read_record, write_record
from glove_jax.progress import log_stage

_BLOCK_BYTES = 1 << 20


class Output:
  """The blocks of a file; `done` counts the items of those that an earlier call has written."""

  def __init__(self, file: IO[bytes], record_path: pathlib.Path, record: dict[str, Any]):
    self.done: int = record["done"]
    self._file = file
    self._record_path = record_path
    self._record = record

  def add(self, data: bytes, done: int, *, is_last: bool) -> None:
    """Appends a block, after which `done` items are written; the last one needs no record."""
    self._file.write(data)
    if is_last:
      return
    self._file.flush()
    os.fsync(self._file.fileno())
    self._record["done"] = done
    self._record["bytes"] += len(data)
    self._record["checksum_of_bytes"] = zlib.crc32(data, self._record["checksum_of_bytes"])
    write_record(self._record_path, self._record)


@contextlib.contextmanager
def open_output(path: pathlib.Path, job: dict[str, Any]) -> Iterator[Output]:
  """Opens the file in which an interrupted call of the same job has left its blocks, or a new one.

  Args:
    path: of the whole file: it is there when the block has ended without an exception.
    job: JSON values on which the contents depend.
  """
  partial = path.with_name(f"{path.name}.partial")
  record_path = path.with_name(f"{path.name}.partial.json")
  path.parent.mkdir(parents=True, exist_ok=True)
  record = _resumable(partial, record_path, job)
  if record["done"]:
    log_stage("resumed", f"{record['done']:,} texts are in {partial}")
  with open(partial, "r+b" if record["done"] else "wb") as file:
    file.truncate(record["bytes"])
    file.seek(record["bytes"])
    output = Output(file, record_path, record)
    try:
      yield output
      file.flush()
      os.fsync(file.fileno())
    except BaseException:
      if not record["done"]:
        partial.unlink()
      raise
  os.replace(partial, path)
  record_path.unlink(missing_ok=True)


def _resumable(
  partial: pathlib.Path, record_path: pathlib.Path, job: dict[str, Any]
) -> dict[str, Any]:
  """Returns the record of an earlier call; a new one unless job and bytes are the same."""
  new = {"job": job, "done": 0, "bytes": 0, "checksum_of_bytes": 0}
  try:
    record = read_record(record_path, remedy="")
    if record.get("job") != job or set(record) != set(new):
      return new
    same = _checksum(partial, record["bytes"]) == record["checksum_of_bytes"]
  except (OSError, InputError):
    return new
  return record if same else new


def _checksum(path: pathlib.Path, size: int) -> int | None:
  """Returns the checksum of the first bytes of a file; None if it has fewer."""
  checksum = 0
  with open(path, "rb") as file:
    while size:
      data = file.read(min(size, _BLOCK_BYTES))
      if not data:
        return None
      checksum = zlib.crc32(data, checksum)
      size -= len(data)
  return checksum
