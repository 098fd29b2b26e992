"""Ctrl-C and SIGTERM: work ends at once, or at its next step where it can save its state there."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

from glove_jax.progress import is_silent

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_RESEND_AFTER = 0.02  # seconds

_NOTICE = "\ninterrupted: ends at the next safe point ({again}: at once)\n"
_AT_ONCE = b"\nerror: interrupted twice; the same command goes on from the last checkpoint\n"


def _write_notice(number: int) -> None:
  """Tells the user, on stderr, what the first signal does and what a second one would do."""
  again = "Ctrl-C once more" if number == signal.SIGINT else "a second signal"
  # Not `print`, which must not be called while another print is under way.
  os.write(2, _NOTICE.format(again=again).encode())


class Interrupted(KeyboardInterrupt):
  """SIGINT or SIGTERM has ended the work; the message says where, and how it goes on."""

  def __init__(self, message: str, number: int = signal.SIGINT):
    super().__init__(message)
    self.number = number

  @property
  def status(self) -> int:
    """The exit status of a program that a signal ends."""
    return 128 + self.number


class Interrupts:
  """The signals that arrive in a block of `handled`.

  Attributes:
    pending: the signal that `deferred` has put off; None: there is none.
    resent: how many signals `_raised_again` has sent, which are not the user's.
  """

  def __init__(self, *, announced: bool):
    self.pending: int | None = None
    self.resent = 0
    self._announced = announced  # a thread of `_exit_at_second` tells the user
    self._is_deferred = False

  @contextlib.contextmanager
  def deferred(self) -> Iterator[None]:
    """Puts a first signal off: the block looks at `pending`. A second one is raised at once."""
    self._is_deferred = True
    try:
      yield
    finally:
      self._is_deferred = False
    if self.pending is not None:
      raise Interrupted("interrupted", self.pending)

  def receive(self, number: int, frame: FrameType | None) -> None:
    """Handles a signal, as `signal.signal` calls it."""
    del frame
    if not self._is_deferred or self.pending is not None:
      raise Interrupted("interrupted", number)
    self.pending = number
    if not self._announced and not is_silent():
      _write_notice(number)


_active: list[Interrupts] = []  # of the outermost block


@contextlib.contextmanager
def handled(*, exit_at_second: bool = False) -> Iterator[Interrupts]:
  """Turns SIGINT and SIGTERM in the block into `Interrupted`; restores their handlers after it.

  Signals that are ignored, or that the caller handles in another way, stay as they are. Blocks may
  be nested: the outermost one counts. Outside the main thread, which alone receives signals, this
  does nothing.

  Args:
    exit_at_second: end the process at a second signal, also while it computes outside Python.
  """
  if _active:
    yield _active[0]
    return
  interrupts = Interrupts(announced=exit_at_second)
  if threading.current_thread() is not threading.main_thread():
    yield interrupts
    return
  with contextlib.ExitStack() as stack:
    if exit_at_second:
      stack.enter_context(_exit_at_second(interrupts))
    stack.enter_context(_raised_again(interrupts))
    for number in SIGNALS:
      before = signal.getsignal(number)
      if before in (signal.SIG_DFL, signal.default_int_handler):
        signal.signal(number, interrupts.receive)
        stack.callback(signal.signal, number, before)
    _active.append(interrupts)
    stack.callback(_active.clear)
    yield interrupts


@contextlib.contextmanager
def _raised_again(interrupts: Interrupts) -> Iterator[None]:
  """Sends a signal again whose exception Python drops.

  It does so in `__del__` and in callbacks of the garbage collector; JAX has one of these.
  """
  before = sys.unraisablehook

  def hook(unraisable) -> None:
    if not isinstance(unraisable.exc_value, Interrupted):
      before(unraisable)
      return
    # Later: within the callback it would be dropped again.
    number = unraisable.exc_value.number
    timer = threading.Timer(_RESEND_AFTER, _send_again, [interrupts, number])
    timer.daemon = True
    timer.start()

  sys.unraisablehook = hook
  try:
    yield
  finally:
    sys.unraisablehook = before


def _send_again(interrupts: Interrupts, number: int) -> None:
  if interrupts in _active:
    interrupts.resent += 1
    signal.pthread_kill(threading.main_thread().ident, number)


@contextlib.contextmanager
def _exit_at_second(interrupts: Interrupts) -> Iterator[None]:
  """Announces the first signal and ends the process at the second one, from a thread.

  Python calls handlers between two of its own instructions: a compilation of a minute would keep
  the user waiting without a word. The thread reads what the C handler writes.
  """
  reading, writing = os.pipe()
  os.set_blocking(writing, False)
  before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
  thread = threading.Thread(target=_watch, args=(reading, interrupts), daemon=True)
  thread.start()
  try:
    yield
  finally:
    signal.set_wakeup_fd(before)
    os.close(writing)  # ends the thread
    thread.join()
    os.close(reading)


def _watch(reading: int, interrupts: Interrupts) -> None:
  is_second = False
  while data := os.read(reading, 1):
    number = data[0]
    if number not in SIGNALS:
      continue
    if interrupts.resent:
      interrupts.resent -= 1
      continue
    if is_second:
      os.write(2, _AT_ONCE)
      os._exit(128 + number)
    _write_notice(number)
    is_second = True
