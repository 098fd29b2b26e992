"""When a run saves its state: every so many steps, by the clock, and at a signal."""

import time
from collections.abc import Callable

from glove_jax import processes
from glove_jax.agreement import Agreement, Needs
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
    self._agreement = Agreement() if processes.count() > 1 else None
    self._agreed = Needs()

  def is_due(self) -> bool:
    """Returns whether a signal or the clock calls for a checkpoint after this step."""
    if self._agreement is None:
      self._agreed = self._needs()
    else:
      self._agreed = self._agreement.after_step(self._needs)
    return bool(self._agreed.signal) or self._agreed.checkpoint

  def _needs(self) -> Needs:
    """Returns what calls for a checkpoint in this process."""
    now = time.monotonic()
    is_late = self._interval > 0 and now - self._last >= self._interval
    if is_late:
      self._last = now  # asked for once: several processes agree on it some steps later
    return Needs(self._interrupts.pending or 0, is_late)

  def save(self, state: TrainState) -> None:
    """Saves a state; raises Interrupted if a signal has come."""
    start = time.monotonic()
    self._save(state)
    self._last = time.monotonic()
    self.seconds += self._last - start
    signal = self._agreed.signal if self._agreement else self._interrupts.pending
    if signal:
      processes.wait_for_all()  # until the first has saved it
      raise Interrupted(self._describe_interruption(), signal)

  def summary(self) -> str:
    """Returns the seconds of all checkpoints for the line about the training; empty if none."""
    return f"; checkpoints took {self.seconds:.1f} s more" if self.seconds else ""
