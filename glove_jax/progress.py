"""Reports of long work: a line for each stage, and bars whose time left leaves out compilation."""

import contextlib
import contextvars
import sys
import time
from collections.abc import Callable, Iterator, Mapping

from tqdm import tqdm

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
  """Prints a line about a stage of a run, with the seconds since `start`, a monotonic time."""
  if _silent.get():
    return
  seconds = "" if start is None else f"  ({time.monotonic() - start:.1f} s)"
  print(_encodable(f"{stage:<11}{text}{seconds}"), flush=True)


def _encodable(line: str) -> str:
  """Returns a line with characters escaped that stdout lacks, such as those of odd file names."""
  encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
  return line.encode(encoding, "backslashreplace").decode(encoding)


@contextlib.contextmanager
def byte_bar(label: str) -> Iterator[Callable[[int, int], None]]:
  """Shows a progress bar over bytes; gives a function of the bytes done and the bytes in all."""
  with tqdm(
    desc=label, unit="B", unit_scale=True, leave=False, disable=_silent.get()
  ) as bar:

    def update(done: int, total: int) -> None:
      bar.total = total
      bar.update(done - bar.n)

    yield update


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
      self._bar = tqdm(
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
