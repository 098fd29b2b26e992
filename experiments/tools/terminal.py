"""Reads lines from a terminal, with history and completion where Python has readline."""

import bisect
import contextlib
import os
import pathlib
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Any

_MAX_MATCHES = 200  # words that are offered at once
_MAX_LINES = 1000  # of history that are kept


def lines(words: Sequence[str], *, prompt: str) -> Iterator[str]:
  """Yields the lines of standard input without spaces around them; empty ones are left out.

  On a terminal there is a prompt, Tab completes the last word of a line, Ctrl-C drops the line, and
  the history is kept for the next time. Lines of a pipe are taken as they are.

  Args:
    words: what Tab completes.
    prompt: what stands before a line.
  """
  if hasattr(sys.stdin, "reconfigure"):
    sys.stdin.reconfigure(errors="surrogateescape")  # as words of other bytes are read
  if not sys.stdin.isatty():
    yield from filter(None, map(str.strip, sys.stdin))
    return
  with _history(), _interruptible():
    _complete(words)
    yield from _typed_lines(prompt)


def _typed_lines(prompt: str) -> Iterator[str]:
  while True:
    try:
      line = input(prompt).strip()
    except EOFError:
      print()
      return
    except KeyboardInterrupt:
      print()
      continue
    if line:
      yield line


class Completer:
  """Completes the beginning of a word; words that a terminal would obey are never offered."""

  def __init__(self, words: Sequence[str]):
    self._words = words
    self._sorted: list[str] | None = None
    self._matches: list[str] = []

  def __call__(self, text: str, state: int) -> str | None:
    """Returns match number `state`, as readline asks for it; None after the last one."""
    if state == 0:
      self._matches = self.matches(text)
    return self._matches[state] if state < len(self._matches) else None

  def matches(self, text: str) -> list[str]:
    """Returns words that begin with a text, in alphabetical order."""
    if self._sorted is None:  # at the first Tab: of millions of words it takes a second
      self._sorted = sorted(filter(str.isprintable, self._words))
    matches = []
    start = bisect.bisect_left(self._sorted, text)
    for word in self._sorted[start : start + _MAX_MATCHES]:
      if word.startswith(text):
        matches.append(word)
    return matches


def history_file() -> pathlib.Path:
  """Returns the file that keeps the history, in the user's cache folder."""
  root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
  return pathlib.Path(root) / "glove_jax" / "query_history"


def _readline() -> Any:
  """Returns the module readline; None where Python was built without it."""
  try:
    import readline
  except ImportError:
    return None
  return readline


def _complete(words: Sequence[str]) -> None:
  readline = _readline()
  if readline is None:
    return
  readline.set_completer_delims(" \t,，、")
  readline.set_completer(Completer(words))
  is_libedit = "libedit" in (readline.__doc__ or "")
  readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")


@contextlib.contextmanager
def _history() -> Iterator[None]:
  """Reads the history of earlier times, and keeps it with the lines of the block."""
  readline = _readline()
  if readline is None:
    yield
    return
  path = history_file()
  with contextlib.suppress(OSError):
    readline.read_history_file(path)
  readline.set_history_length(_MAX_LINES)
  try:
    yield
  finally:
    with contextlib.suppress(OSError):  # a home that cannot be written to: no history
      path.parent.mkdir(parents=True, exist_ok=True)
      readline.write_history_file(path)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
  """Lets Ctrl-C drop a line in the block, as shells do, instead of ending the program."""
  descriptor = signal.set_wakeup_fd(-1)
  handler = signal.signal(signal.SIGINT, signal.default_int_handler)
  try:
    yield
  finally:
    signal.signal(signal.SIGINT, handler)
    signal.set_wakeup_fd(descriptor)
