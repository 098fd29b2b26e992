"""Reports of long work: a line for each stage, and bars whose time left leaves out compilation.

On a terminal and in a notebook a bar is drawn over itself. In a log file it is a line now and then:
after 10 seconds, after 30, and so on, and every 5 minutes in the end.
"""

import contextlib
import contextvars
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from tqdm import tqdm

from glove_jax.errors import printable

T = TypeVar("T")

_PATIENCE = 2.0  # seconds before a wait is shown
_FIRST_LINE = 10.0  # seconds before the first line of a bar in a log file
_LONGEST_INTERVAL = 300.0

_silent = contextvars.ContextVar("silent", default=False)


@contextlib.contextmanager
def silence(silent: bool = True) -> Iterator[None]:
  """Suppresses lines about stages and progress bars in the block, unless `silent` is False."""
  token = _silent.set(silent)
  try:
    yield
  finally:
    _silent.reset(token)


def is_silent() -> bool:
  """Returns whether lines and bars are suppressed."""
  return _silent.get()


def log_stage(stage: str, text: str, start: float | None = None) -> None:
  """Prints a line about a stage of a run, with the seconds since `start`, a monotonic time.

  Control characters are escaped: the text may have words, labels and names of the user's files.
  """
  if _silent.get():
    return
  seconds = "" if start is None else f"  ({time.monotonic() - start:.1f} s)"
  with _bars_cleared():
    print(_encodable(printable(f"{stage:<11}{text}{seconds}")), flush=True)


def note(line: str) -> None:
  """Prints a note for the user on stderr."""
  if _silent.get():
    return
  with _bars_cleared():
    print(f"note: {printable(line)}", file=sys.stderr)


def _bars_cleared() -> contextlib.AbstractContextManager:
  """Returns a context in which no bar stands on the line that is printed."""
  return tqdm.external_write_mode() if _is_interactive() else contextlib.nullcontext()


def _encodable(line: str) -> str:
  """Returns a line with characters escaped that stdout lacks, such as those of odd file names."""
  encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
  return line.encode(encoding, "backslashreplace").decode(encoding)


@contextlib.contextmanager
def byte_bar(label: str) -> Iterator[Callable[[int, int], None]]:
  """Shows a progress bar over bytes; gives a function of the bytes done and the bytes in all."""
  with _make_bar(desc=label, unit="B", unit_scale=True, leave=False) as bar:

    def update(done: int, total: int) -> None:
      bar.total = total
      bar.update(done - bar.n)

    yield update


def track(items: Iterable[T], label: str, *, total: int | None = None, unit: str) -> Iterator[T]:
  """Yields the items, with a progress bar once they take more than two seconds.

  Args:
    items: what the work is done on, one after another.
    label: what is done.
    total: number of items; None: their `len`.
    unit: name of an item.
  """
  if total is None:
    total = len(items)  # type: ignore[arg-type]
  with _make_bar(desc=label, total=total, unit=unit, leave=False, delay=_PATIENCE) as bar:
    for item in items:
      yield item
      bar.update()


@contextlib.contextmanager
def count_bar(label: str, total: int, *, unit: str) -> Iterator[Callable[[int], None]]:
  """Shows a bar once the work takes more than two seconds; gives a function of the items just done.

  Count what the time is proportional to, such as tokens: then the time left is right.
  """
  options = {"unit": unit, "unit_scale": True, "leave": False, "delay": _PATIENCE}
  with _make_bar(desc=label, total=total, **options) as bar:

    def advance(number: int) -> None:
      bar.update(number)

    yield advance


@contextlib.contextmanager
def waiting(label: str, *, shown: bool = True) -> Iterator[None]:
  """Shows the seconds of a wait of unknown length, such as a compilation, once there are two."""
  if _silent.get() or not shown:
    yield
    return
  over = threading.Event()
  thread = threading.Thread(target=_show_wait, args=(label, over), daemon=True)
  thread.start()
  try:
    yield
  finally:
    over.set()
    thread.join()


def _show_wait(label: str, over: threading.Event) -> None:
  """Shows the seconds of a wait until it is over."""
  if over.wait(_PATIENCE):
    return
  options = {"desc": label, "leave": False, "delay": _PATIENCE}
  with _make_bar(**options, bar_format="{desc}: {elapsed}") as bar:
    bar.start_t -= _PATIENCE
    while not over.wait(1.0):
      bar.update()


def _make_bar(**options: Any) -> tqdm:
  """Returns a progress bar: drawn over itself on a terminal, else a line now and then."""
  if _is_interactive():
    return tqdm(**options, disable=_silent.get())
  return _Lines(**{**options, "leave": False}, disable=_silent.get())


def _is_interactive() -> bool:
  """Returns whether stderr can draw a line over itself: a terminal, or a notebook."""
  if "ipykernel" in sys.modules:
    return True
  return sys.stderr is not None and sys.stderr.isatty()


class _Lines(tqdm):
  """A progress bar for log files, which are not drawn over: lines at growing intervals."""

  def __init__(self, **options: Any):
    shared = {"ncols": 0, "mininterval": _FIRST_LINE, "maxinterval": _FIRST_LINE, "miniters": 1}
    super().__init__(**{**options, **shared, "delay": _FIRST_LINE})

  @staticmethod
  def status_printer(file: Any) -> Callable[[str], None]:
    """Returns a function that prints a line."""

    def print_line(text: str) -> None:
      print(text, file=file, flush=True)

    return print_line

  def display(self, msg: str | None = None, pos: int | None = None) -> bool:
    """Prints the state of the bar as a line; the empty text that would wipe a bar out is none."""
    if msg == "":
      return False
    self.mininterval = min(2 * self.mininterval, _LONGEST_INTERVAL)
    return super().display(msg, pos)


class StepBar:
  """A progress bar over training steps.

  It appears after the first step. Seconds that JAX spends compiling, whichever step they fall in,
  count neither as time elapsed nor in the rate, so that the time left is that of the steps
  themselves.
  """

  def __init__(self, first_step: int, num_steps: int, *, shown: bool = True):
    self._first_step = first_step
    self._num_steps = num_steps
    self._shown = shown and not _silent.get()
    self._bar: tqdm | None = None
    self._compiled = 0.0

  def update(self, metrics: Mapping[str, float]) -> None:
    """Counts one step more and shows the latest metrics."""
    if not self._shown:
      return
    compiled = _compile_seconds()
    if self._bar is None:
      self._bar = _make_bar(
        desc="training",
        total=self._num_steps,
        initial=self._first_step + 1,
        unit="step",
        smoothing=0.05,
        mininterval=0.5,
      )
    else:
      skipped = compiled - self._compiled
      self._bar.start_t += skipped
      self._bar.last_print_t += skipped
      values = {name: f"{value:.4g}" for name, value in metrics.items()}
      self._bar.set_postfix(values, refresh=False)
      self._bar.update()
    self._compiled = compiled

  def close(self) -> None:
    """Leaves the bar as it is."""
    if self._bar is not None:
      self._bar.close()


_COMPILE_EVENTS = "/jax/core/compile/"  # tracing, lowering and XLA's own compilation
_compile_clock: list[float] = []  # one number, once JAX reports to it


def _compile_seconds() -> float:
  """Returns the seconds that JAX has spent compiling since the first call."""
  if not _compile_clock:
    import jax.monitoring  # imported late: reading and evaluation report progress without JAX

    _compile_clock.append(0.0)
    jax.monitoring.register_event_duration_secs_listener(_count_compilation)
  return _compile_clock[0]


def _count_compilation(event: str, seconds: float, **_: object) -> None:
  if event.startswith(_COMPILE_EVENTS):
    _compile_clock[0] += seconds
