"""Gives one input to one reader and says what is wrong with what it does."""

import collections
import contextlib
import io
import os
import pathlib
import random
import re
import signal
import traceback
import tracemalloc
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from fuzz.mutators import Mutator, mutate
from glove_jax.errors import InputError

SECONDS = 2.0  # of the processor; a reader that takes longer on a small file hangs
_WAITING = 30.0  # seconds of the clock: a reader that waits for something hangs too
_MEMORY_FACTOR = 10
# What buffers and tables take, however small the file is.
_LEAST_MEMORY = 32 << 20
_LONGEST_MESSAGE = 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

Files = Mapping[str, bytes]  # name in a folder -> content


class Reader(NamedTuple):
  """A reader of the project.

  `read` takes the folder that has the files. `check` raises AssertionError if what it returned is
  not what the files hold.
  """

  name: str
  seeds: Sequence[Files]
  read: Callable[[pathlib.Path], Any]
  check: Callable[[Any, Files], None]
  tokens: Sequence[bytes] = ()
  mutators: Sequence[Mutator] = ()  # that know the format
  fixed: Sequence[str] = ()  # files that stay as they are


class Hang(BaseException):
  """A reader took more than SECONDS; no handler of the reader catches it."""


class Failure(NamedTuple):
  """What is wrong with what a reader did."""

  kind: str  # the same for the same fault
  text: str


def make_input(reader: Reader, rng: random.Random) -> dict[str, bytes]:
  """Returns the files of a seed, one or more of them changed."""
  files = dict(rng.choice(reader.seeds))
  names = [name for name in files if name not in reader.fixed]
  for _ in range(rng.choice((1, 1, 1, 2))):
    name = rng.choice(names)
    other = rng.choice(reader.seeds)
    data = files[name]
    if reader.mutators and rng.random() < 0.5:
      files[name] = rng.choice(reader.mutators)(rng, data, reader.tokens)
    else:
      spliced = other.get(name) or rng.choice(list(other.values()))
      files[name] = mutate(rng, data, reader.tokens, spliced)
  return files


def write_files(folder: pathlib.Path, files: Files, before: Files) -> None:
  """Writes files to a folder that holds the files `before`."""
  for name in before.keys() - files.keys():
    os.unlink(folder / name)
  for name, content in files.items():
    if before.get(name) is not content:
      path = folder / name
      path.parent.mkdir(parents=True, exist_ok=True)
      path.write_bytes(content)


def attempt(
  reader: Reader, folder: pathlib.Path, files: Files, *, measure_memory: bool = False
) -> tuple[str, Failure | None]:
  """Reads a folder; returns whether its files were "read" or "refused", and a failure if any.

  Args:
    reader: to call.
    folder: has the files.
    files: the same, for comparisons.
    measure_memory: whether to measure the memory that Python and NumPy allocate.
  """
  printed = io.StringIO()
  try:
    with contextlib.redirect_stdout(printed), _limited(), _traced(measure_memory, files):
      value = reader.read(folder)
  except InputError as error:
    return "refused", _check_message(str(error)) or _check_printed(printed.getvalue())
  except OSError as error:
    if error.errno is None or not error.filename:
      return "refused", _failure(error)
    return "refused", _check_printed(printed.getvalue())
  except (Exception, Hang) as error:
    return "refused", _failure(error)
  except BaseException as error:  # panics of Rust libraries are no Exceptions
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
      raise
    return "refused", _failure(error)
  try:
    with _limited():
      reader.check(value, files)
  except (Exception, Hang) as error:  # what the reference cannot read must not have been read
    kind = "wrong value" if isinstance(error, AssertionError) else type(error).__name__
    return "read", Failure(f"{kind}: {_place(error, 'fuzz')}", _traceback(error))
  return "read", _check_printed(printed.getvalue())


@contextlib.contextmanager
def _limited():
  """Ends the block after SECONDS of the processor; makes errors of warnings."""
  signal.setitimer(signal.ITIMER_PROF, SECONDS)
  signal.setitimer(signal.ITIMER_REAL, _WAITING)
  try:
    with warnings.catch_warnings():
      warnings.simplefilter("error")
      yield
  finally:
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def _traced(is_on: bool, files: Files):
  """Raises MemoryError if the block allocates more than it may."""
  if not is_on:
    yield
    return
  tracemalloc.start()
  try:
    yield
    _, peak = tracemalloc.get_traced_memory()
  finally:
    tracemalloc.stop()
  size = sum(map(len, files.values()))
  if peak > max(_LEAST_MEMORY, _MEMORY_FACTOR * size):
    raise MemoryError(f"{peak:,} bytes of memory for {size:,} bytes of files")


def install_alarms() -> None:
  """Makes the timers of `attempt` raise Hang in this process."""
  for number in (signal.SIGPROF, signal.SIGALRM):
    signal.signal(number, _raise_hang)


def _raise_hang(number: int, frame: Any) -> None:
  raise Hang(f"more than {SECONDS} s")


def _check_message(message: str) -> Failure | None:
  problem = ""
  if len(message) > _LONGEST_MESSAGE:
    problem = "long"
  elif not message or "\n" in message:
    problem = "not one line"
  elif _CONTROL.search(message):
    problem = "control characters"
  return Failure(f"message: {problem}", message[:2000]) if problem else None


def _check_printed(text: str) -> Failure | None:
  for line in text.split("\n"):
    if _CONTROL.search(line):
      return Failure("printed control characters", repr(line[:1000]))
  return None


def _failure(error: BaseException) -> Failure:
  return Failure(f"{type(error).__name__}: {_place(error, 'glove_jax')}", _traceback(error))


def _place(error: BaseException, package: str) -> str:
  """Returns the innermost line of a package that an exception passed through."""
  frames = traceback.extract_tb(error.__traceback__)
  names = collections.deque((frame for frame in frames if f"/{package}/" in frame.filename), 1)
  for frame in names:
    return f"{pathlib.Path(frame.filename).name}:{frame.name}"
  return "elsewhere"


def _traceback(error: BaseException) -> str:
  return "".join(traceback.format_exception(error))[-4000:]


def minimise(
  reader: Reader, folder: pathlib.Path, files: Files, kind: str, *, attempts: int = 300
) -> dict[str, bytes]:
  """Returns smaller files that fail in the same way."""
  smallest = dict(files)
  before: Files = {}
  for name in files:
    size = max(1, len(smallest[name]) // 2)
    while size and attempts:
      start = 0
      while start < len(smallest[name]) and attempts:
        data = smallest[name]
        shorter = {**smallest, name: data[:start] + data[start + size :]}
        write_files(folder, shorter, before)
        before = shorter
        attempts -= 1
        _, failure = attempt(reader, folder, shorter)
        if failure and failure.kind == kind:
          smallest = shorter
        else:
          start += size
      size //= 2
  write_files(folder, smallest, before)
  return smallest
