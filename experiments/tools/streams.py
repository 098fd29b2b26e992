"""The standard streams of a program: what they cannot print is lost, but never the work.

A program may be started by a service without stdout, under a locale that has no Chinese, or with
a reader such as `head` that leaves early. Its results are files, and the scores on the screen are a
report on them: neither may end a run.
"""

import os
import sys
from typing import Any, TextIO

from glove_jax.errors import InputError

_NAMES = ("stdout", "stderr")


class Output:
  """A text stream that drops what it cannot write from the first error on.

  Attributes:
    error: the error that ended the output; None after a reader that went away, which is no fault.
  """

  def __init__(self, stream: TextIO):
    self.error: OSError | None = None
    self._stream = stream

  def write(self, text: str) -> int:
    """Writes text, or drops it."""
    try:
      return self._stream.write(text)
    except OSError as error:
      self._drop(error)
      return len(text)

  def flush(self) -> None:
    """Writes what is buffered, or drops it."""
    try:
      self._stream.flush()
    except OSError as error:
      self._drop(error)

  def __getattr__(self, name: str) -> Any:
    return getattr(self._stream, name)

  def _drop(self, error: OSError) -> None:
    """Sends all further output to nowhere: Python flushes the buffer once more at its exit."""
    if not isinstance(error, BrokenPipeError):
      self.error = self.error or error
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, self._stream.fileno())
    os.close(nowhere)


def prepare() -> None:
  """Makes the standard streams exist, escape what their encoding lacks, and survive errors."""
  _open_missing_descriptors()
  if sys.stdin is None:
    sys.stdin = _open_nowhere("r")
  for name in _NAMES:
    stream = getattr(sys, name)
    if stream is None:
      stream = _open_nowhere("w")
    if hasattr(stream, "reconfigure"):
      stream.reconfigure(errors="backslashreplace")
    if not isinstance(stream, Output):
      setattr(sys, name, Output(stream))


def check() -> None:
  """Raises InputError if stdout has lost output for another reason than a reader that left."""
  error = getattr(sys.stdout, "error", None)
  if error is not None:
    raise InputError(f"stdout: {error.strerror}; the rest of the output is lost.")


def _open_nowhere(mode: str) -> TextIO:
  return open(os.devnull, mode, encoding="utf-8")


def _open_missing_descriptors() -> None:
  """Opens the standard descriptors that are closed, lest a file that is opened next gets one.

  Libraries write messages to descriptor 2, whatever file that is.
  """
  for descriptor in range(3):
    try:
      os.fstat(descriptor)
    except OSError:
      lowest = os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one
      os.set_inheritable(lowest, True)
