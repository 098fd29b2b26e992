"""Values and lines of files that are read anew in each pass, so that they take no memory."""

import itertools
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Generic, TypeVar

from glove_jax.data.labelled import file_text

T = TypeVar("T")

# Kept of a file: more lines than detection of formats looks at.
HEAD_LINES = 1 << 15


class Reread(Collection, Generic[T]):
  """Values that are made anew in each pass; the first whole pass counts them."""

  def __init__(self, make: Callable[[], Iterator[T]]):
    self._make = make
    self._length: int | None = None

  def __iter__(self) -> Iterator[T]:
    number = 0
    for number, value in enumerate(self._make(), 1):  # noqa: B007, the count is used below
      yield value
    self._length = number

  def __len__(self) -> int:
    if self._length is None:
      self._length = sum(1 for _ in self._make())
    return self._length

  def __bool__(self) -> bool:
    return any(True for _ in self._make())

  def __contains__(self, value: object) -> bool:
    return any(value == other for other in self._make())


class FileLines(Sequence[str]):
  """The lines of a file, as `file_text.read_lines`; the first HEAD_LINES are kept in memory."""

  def __init__(self, path: str | os.PathLike, *, encoding: str = "utf-8", errors: str = "strict"):
    """Reads the first lines.

    Raises:
      InputError: the file cannot be read, here or in a later pass.
    """
    self._read = lambda: file_text.iterate_lines(path, encoding=encoding, errors=errors)
    self._head = list(itertools.islice(self._read(), HEAD_LINES))
    self._length = len(self._head) if len(self._head) < HEAD_LINES else None

  def __iter__(self) -> Iterator[str]:
    return iter(self._head) if self._length == len(self._head) else self._read()

  def __len__(self) -> int:
    if self._length is None:
      self._length = sum(1 for _ in self._read())
    return self._length

  def __bool__(self) -> bool:
    return bool(self._head)

  def __getitem__(self, index: Any) -> Any:
    """Returns a line, or a list of lines; those after the head need a pass."""
    if isinstance(index, int):
      is_kept = 0 <= index < len(self._head)
    else:
      is_kept = index.stop is not None and 0 <= index.stop <= len(self._head)
      is_kept = is_kept and (index.start or 0) >= 0
    return self._head[index] if is_kept else list(self)[index]
