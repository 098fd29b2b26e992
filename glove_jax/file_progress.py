"""How far a file has been read, asked of the system: its readers report nothing."""

import contextlib
import os
import pathlib
from collections.abc import Iterator

from tqdm import tqdm

from glove_jax.progress import SECONDS_SO_FAR, drawn, waiting


@contextlib.contextmanager
def reading(path: str | os.PathLike) -> Iterator[None]:
  """Shows how far a file has been read, by whatever code of the block reads it.

  It shows the seconds where that is unknown: of a pipe, a folder, a file that is mapped into
  memory, and of what is done once the file is closed.
  """
  file = pathlib.Path(path)
  if not file.is_file():
    with waiting("reading"):
      yield
    return
  status = file.stat()

  def show_position(bar: tqdm) -> None:
    position = _position(status)
    bar.bar_format = None if position else SECONDS_SO_FAR
    bar.n = position

  with drawn(show_position, desc="reading", total=status.st_size, unit="B", unit_scale=True):
    yield


def _position(status: os.stat_result) -> int:
  """Returns the position in a file that this process has open; 0 if it has not."""
  position = 0
  with contextlib.suppress(OSError):  # a system without /dev/fd
    for name in os.listdir("/dev/fd"):
      with contextlib.suppress(OSError):  # closed meanwhile, or a pipe
        if os.path.samestat(os.fstat(int(name)), status):
          position = max(position, os.lseek(int(name), 0, os.SEEK_CUR))
  return position
