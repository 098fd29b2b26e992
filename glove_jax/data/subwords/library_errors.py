"""Errors and panics of the `tokenizers` library, as an InputError of one line."""

import contextlib
import os
import pathlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from glove_jax.errors import InputError, quote

_PANIC = "PanicException"  # no Exception, and of a module that cannot be imported
_STANDARD_ERROR = 2
_silencing = threading.RLock()

_Result = TypeVar("_Result")


def call_library(path: pathlib.Path, make: Callable[[], _Result]) -> _Result:
  """Returns the result of a call of the library, whose errors become InputErrors that name a file.

  Args:
    path: of the file, for the message.
    make: calls the library.
  """
  try:
    with _without_standard_error():
      return make()
  except BaseException as error:
    if isinstance(error, InputError) or not _is_of_library(error):
      raise
    message = " ".join(str(error).split())[:300]
    raise InputError(f"{path}: the tokenizers library cannot read it ({message}).") from None


@contextlib.contextmanager
def encoding(texts: object) -> Iterator[None]:
  """Turns the library's errors in a block that encodes texts into InputErrors.

  Args:
    texts: for the message.
  """
  try:
    yield
  except BaseException as error:
    if not _is_of_library(error):
      raise
    if isinstance(error, TypeError):  # the library's answer to lone surrogates
      raise InputError(
        f"found a text that is not Unicode, expected no lone surrogates: {quote(texts)}."
      ) from None
    raise InputError(f"the tokenizer cannot read the text {quote(texts)} ({error}).") from None


def _is_of_library(error: BaseException) -> bool:
  is_error = isinstance(error, Exception) and not isinstance(error, MemoryError)
  return is_error or type(error).__name__ == _PANIC


@contextlib.contextmanager
def _without_standard_error() -> Iterator[None]:
  """Drops what the block writes to the standard error: a panic prints its backtrace there.

  Only for short calls: other threads' lines are lost too.
  """
  if sys.stderr is None:  # the process has none
    yield
    return
  sys.stderr.flush()
  with _silencing, open(os.devnull, "wb") as sink:
    original = os.dup(_STANDARD_ERROR)
    os.dup2(sink.fileno(), _STANDARD_ERROR)
    try:
      yield
    finally:
      os.dup2(original, _STANDARD_ERROR)
      os.close(original)
