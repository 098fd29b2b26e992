"""When a run saves its state: every so many steps, by the clock, and at a signal."""

import time
from collections.abc import Callable

from glove_jax.interrupts import Interrupted, Interrupts
from glove_jax.train import TrainState


class Saving:
  """Saves checkpoints by the step, by the clock and at a signal; adds up the seconds it takes.

  Args:
    save: writes a checkpoint of a state.
    interrupts: the signals that the run has put off.
    minutes: between checkpoints; 0: the clock calls for none.
    describe_interruption: returns the message of the error that ends the run at a signal.
  """

  def __init__(
    self,
    save: Callable[[TrainState], None],
    interrupts: Interrupts,
    *,
    minutes: float,
    describe_interruption: Callable[[], str],
  ):
    self.seconds = 0.0
    self._save = save
    self._interrupts = interrupts
    self._describe_interruption = describe_interruption
    self._interval = 60 * minutes
    self._last = time.monotonic()

  def is_due(self) -> bool:
    """Returns whether a signal or the clock calls for a checkpoint after this step."""
    if self._interrupts.pending is not None:
      return True
    return self._interval > 0 and time.monotonic() - self._last >= self._interval

  def save(self, state: TrainState) -> None:
    """Saves a state; raises Interrupted if a signal has come."""
    start = time.monotonic()
    self._save(state)
    self._last = time.monotonic()
    self.seconds += self._last - start
    number = self._interrupts.pending
    if number is not None:
      raise Interrupted(self._describe_interruption(), number)

  def summary(self) -> str:
    """Returns the seconds of all checkpoints for the line about the training; empty if none."""
    return f"; checkpoints took {self.seconds:.1f} s more" if self.seconds else ""
