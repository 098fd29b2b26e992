"""The training loop: prefetched batches, records, a progress bar, callbacks, early stopping."""

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax

from glove_jax import metrics, parallel, prefetching
from glove_jax.errors import NonFiniteLoss
from glove_jax.progress import waiting
from glove_jax.step_bar import StepBar
from glove_jax.train import Batch, Sums, TrainState, Update, add

Record = dict[str, Any]  # {"step", "time_s", name: value}

_PREFETCHED = 64  # batches that are made ahead of time


class Callback(NamedTuple):
  """A function of the state that is called regularly; it returns True to end the training."""

  every: int  # steps, and after the last one; 0: never
  function: Callable[[TrainState], bool | None]
  is_due: Callable[[], bool] | None = None  # also after any step where it returns True

  def is_called(self, step: int, num_steps: int) -> bool:
    """Returns whether the function is to be called after a step."""
    if not self.every:
      return False
    is_due = self.is_due is not None and self.is_due()  # asked after each step
    return is_due or step % self.every == 0 or step == num_steps


class EarlyStopping(NamedTuple):
  """Stops the training after `patience` evaluations without a new best of a metric."""

  metric: str
  mode: str = "min"  # or max
  patience: int = 0  # evaluations; 0: never stop
  first: int = 1  # number of the first evaluation that counts, from 1

  def improves(self, value: float, history: Sequence[float]) -> bool:
    """Returns whether `value` is to be kept: no earlier evaluation that counts is better.

    Of equal values the later one is kept: it comes from a longer training.
    """
    sign = 1 if self.mode == "min" else -1
    is_counted = len(history) + 1 >= self.first
    counted = history[self.first - 1 :]
    return is_counted and all(sign * value <= sign * earlier for earlier in counted)

  def best(self, history: Sequence[float]) -> int:
    """Returns the index of the evaluation that is kept: the last one that `improves`."""
    kept = [i for i, value in enumerate(history) if self.improves(value, history[:i])]
    return kept[-1]

  def is_over(self, history: Sequence[float]) -> bool:
    """Returns whether none of the last `patience` evaluations is a new best."""
    counted = history[self.first - 1 :]
    if not self.patience or not counted:
      return False
    best = min(counted) if self.mode == "min" else max(counted)
    return len(counted) - counted.index(best) > self.patience


class Logger:
  """Writes a record every `every` steps, from sums that are fetched one interval late.

  Fetching late keeps the device busy: the next updates are under way before the host waits for the
  sums.
  """

  def __init__(self, write: Callable[[Record], None] = lambda record: None, *, every: int = 100):
    self._write, self._every = write, max(1, every)
    self._start = time.monotonic()
    self._total: Sums | None = None
    self._pending: tuple[int, Sums] | None = None
    self.latest: dict[str, float] = {}

  def add(self, step: int, sums: Sums, *, last: bool) -> None:
    """Adds the sums of one step; begins a new interval where one is full."""
    self._total = add(self._total, sums)
    if step % self._every == 0 or last:
      self.flush()
      self._pending, self._total = (step, self._total), None

  def flush(self) -> None:
    """Writes the record of the last full interval, if it has not been written."""
    if self._pending:
      step, total = self._pending
      self._pending = None
      self.latest = metrics.means(total)
      self.write(step, self.latest)

  def write(self, step: int, values: dict[str, float]) -> None:
    """Writes a record of these values. Raises NonFiniteLoss for NaN and infinite ones."""
    for name, value in values.items():
      if not math.isfinite(value):
        raise NonFiniteLoss(f"step {step}: {name} is {value}; try a lower learning rate.")
    seconds = round(time.monotonic() - self._start, 6)
    self._write({"step": step, "time_s": seconds, **values})


def fit(
  state: TrainState, update: Update, batches: Callable[[int], Batch], *,
  num_steps: int,
  logger: Logger | None = None,
  callbacks: Sequence[Callback] = (),
  progress: bool = False,
) -> TrainState:
  """Runs `update` up to step `num_steps`, and returns the state.

  Args:
    state: where to start; its step says which batch comes next.
    update: of `train.make_update`, or of a method.
    batches: step -> batch; called in a thread, ahead of time.
    num_steps: updates in all, counted from step 0.
    logger: receives the sums of every step.
    callbacks: called in order, also those after one that ends the training.
    progress: whether to show a progress bar.

  Raises:
    NonFiniteLoss: a metric is NaN or infinite; checkpoints saved before remain good.
  """
  logger = logger or Logger()
  step = first_step = int(state.step)
  in_flight = []
  bar = StepBar(first_step, num_steps, shown=progress)
  sharded = (parallel.shard(batches(step)) for step in range(first_step, num_steps))
  prefetched = prefetching.prefetch(sharded, _PREFETCHED)
  with contextlib.closing(bar), contextlib.closing(prefetched):
    for batch in prefetched:
      is_first = step == first_step
      with waiting("compiling", shown=progress and is_first):
        state, sums = update(state, batch)
        if progress and is_first:
          jax.block_until_ready(sums)  # the bar begins when the first step is done, and so compiled
      step += 1
      parallel.pace(in_flight, sums)
      logger.add(step, sums, last=step == num_steps)
      bar.update(logger.latest)
      if _run_callbacks(callbacks, state, step, num_steps, logger):
        break
  logger.flush()
  return state


def _run_callbacks(callbacks, state: TrainState, step: int, num_steps: int, logger: Logger) -> bool:
  """Calls what is due at a step; returns whether the training is over."""
  over = False
  for callback in callbacks:
    if callback.is_called(step, num_steps) or (over and callback.every):
      logger.flush()
      over = bool(callback.function(state)) or over
  return over
