"""Reports of long work: a line for each stage, and bars whose time left leaves out compilation.

On a terminal and in a notebook a bar is drawn over itself. In a log file it is a line now and then:
after 10 seconds, after 30, and so on, and every 5 minutes in the end.
"""

import contextlib
import contextvars
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from tqdm import tqdm

from glove_jax import compile_clock
from glove_jax.errors import printable

T = TypeVar("T")

_PATIENCE = 2.0  # seconds before a wait is shown
_REDRAWN_EVERY = 1.0  # seconds
SECONDS_SO_FAR = "{desc}, {elapsed_s:.0f} s so far"  # where the work has no units
_FIRST_LINE = 10.0  # seconds before the first line of a bar in a log file
_LONGEST_INTERVAL = 300.0
_SCALED = 1000  # items from which a bar has 1.00k of them, and not each one

# (function of the items just done, items) of a bar into which those of the block go.
_whole: contextvars.ContextVar[tuple[Callable[[int], None], int] | None]
_whole = contextvars.ContextVar("whole", default=None)

_open_bars: list[tqdm] = []  # the innermost last
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

  Seconds have two decimals up to ten seconds, and one above.

  Control characters are escaped: the text may have words, labels and names of the user's files.
  """
  if _silent.get():
    return
  seconds = ""
  if start is not None:
    passed = time.monotonic() - start
    seconds = f"  ({passed:.{2 if passed < 10 else 1}f} s)"
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


def ignore(number: int) -> None:
  """Stands for the function of a bar where none is shown."""
  del number


@contextlib.contextmanager
def byte_bar(label: str) -> Iterator[Callable[[int, int], None]]:
  """Shows a progress bar over bytes; gives a function of the bytes done and the bytes in all."""
  with drawn(desc=label, unit="B", unit_scale=True) as bar:

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
  with count_bar(label, total, unit=unit) as advance:
    for item in items:
      yield item
      advance(1)


@contextlib.contextmanager
def count_bar(label: str, total: int, *, unit: str) -> Iterator[Callable[[int], None]]:
  """Shows a bar once the work takes more than two seconds; gives a function of the items just done.

  Count what the time is proportional to, such as tokens: then the time left is right. It is that of
  the mean rate, without the seconds of compilation. Threads may call the function. Where more is
  done than `total`, an estimate, the bar grows with it.
  """
  whole = _whole.get()
  if whole is not None:
    yield _scaled(*whole, total)
    return
  compiled = compile_clock.seconds()
  lock = threading.Lock()
  with drawn(desc=label, total=total, unit=unit, unit_scale=total >= _SCALED) as bar:

    def advance(number: int) -> None:
      nonlocal compiled
      if bar.disable:
        return
      with lock:
        now = compile_clock.seconds()
        bar.start_t += now - compiled
        compiled = now
        bar.total = max(total, bar.n + number)
        bar.update(number)

    yield advance


def _scaled(advance: Callable[[int], None], items: int, total: int) -> Callable[[int], None]:
  """Returns a function of the items just done of `total`, which are `items` of another bar."""
  done = 0
  lock = threading.Lock()

  def advance_whole(number: int) -> None:
    nonlocal done
    with lock:
      before = items * min(done, total) // max(1, total)
      done += number
      advance(items * min(done, total) // max(1, total) - before)

  return advance_whole


@contextlib.contextmanager
def part_of(advance: Callable[[int], None], items: int) -> Iterator[None]:
  """Lets a bar of the block move the one of `advance`, of `count_bar`, by `items` in all.

  The work of a block should have one bar, or none: then it is done at the end of the block.
  """
  moved = 0

  def count(number: int) -> None:
    nonlocal moved
    moved += number
    advance(number)

  token = _whole.set((count, items))
  try:
    yield
  finally:
    _whole.reset(token)
  advance(items - moved)


@contextlib.contextmanager
def waiting(label: str, *, shown: bool = True) -> Iterator[None]:
  """Shows the seconds of a wait of unknown length, such as a compilation, once there are two."""
  if not shown:
    yield
    return
  with drawn(desc=label, bar_format=SECONDS_SO_FAR):
    yield


@contextlib.contextmanager
def drawn(prepare: Callable[[tqdm], None] | None = None, **options: Any) -> Iterator[tqdm]:
  """Gives a bar that is drawn from time to time, also while nothing is counted.

  Args:
    prepare: called before the bar is drawn.
    **options: of `tqdm`.
  """
  shared = {"leave": False, "delay": _PATIENCE, "smoothing": 0, "miniters": 1}
  with make_bar(**shared, **options) as bar:
    if bar.disable:
      yield bar
      return
    over = threading.Event()
    thread = threading.Thread(target=_draw, args=(bar, over, prepare), daemon=True)
    _open_bars.append(bar)
    thread.start()
    try:
      yield bar
    finally:
      over.set()
      thread.join()
      _open_bars.remove(bar)


def _draw(bar: tqdm, over: threading.Event, prepare: Callable[[tqdm], None] | None) -> None:
  """Draws a bar until the work is over; of bars within one another, the innermost."""
  while not over.wait(_REDRAWN_EVERY):
    now = time.time()  # tqdm's clock
    is_due = now >= bar.start_t + bar.delay and now >= bar.last_print_t + bar.mininterval
    if is_due and _open_bars[-1] is bar:
      if prepare is not None:
        prepare(bar)
      bar.refresh()
      bar.last_print_t = now


def make_bar(**options: Any) -> tqdm:
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
