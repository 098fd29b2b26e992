"""What the processes of a run agree on while they train: a signal, and the clock's checkpoints.

A signal reaches one process, or all of them at different steps, and clocks differ. All must leave
the loop after the same step: who goes on alone waits for the others forever.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import parallel, processes

_SECONDS = 0.5  # between two votes
_MAX_STEPS = 10_000


class Needs(NamedTuple):
  """What a process asks of all."""

  signal: int = 0  # number of the signal that has come; 0: none
  checkpoint: bool = False  # whether the clock calls for one; only that of the first process counts


class Agreement:
  """Collects the needs of all processes at steps that all of them know.

  A vote is read when the next one is cast, so that no step waits for it.
  """

  def __init__(self):
    self._reduce = parallel.pmap(lambda state, votes: parallel.pmax(votes.max(axis=0)))
    self._cast: jax.Array | None = None
    self._steps = 0  # since the last vote
    self._interval = 1
    self._last = time.monotonic()

  def after_step(self, own: Callable[[], Needs]) -> Needs:
    """Returns what is agreed after a step. Every process must call it after the same steps.

    Args:
      own: returns the needs of this process.
    """
    self._steps += 1
    if self._steps < self._interval:
      return Needs()
    before = self._cast
    self._cast = self._vote(own())
    agreed = [0, 0, 1] if before is None else np.asarray(before).tolist()
    signal, checkpoint, self._interval = agreed
    self._steps = 0
    return Needs(signal, bool(checkpoint))

  def _vote(self, own: Needs) -> jax.Array:
    """Returns the largest of all processes' votes, once it is there."""
    vote = [own.signal, 0, 0]
    if processes.is_first():
      vote[1:] = [int(own.checkpoint), self._next_interval()]
    votes = np.tile(np.array(vote, np.int32), (parallel.device_count(), 1))
    return self._reduce(jnp.int32(0), parallel.shard(votes))

  def _next_interval(self) -> int:
    """Returns the steps until the next vote but one, by the speed of those since the last."""
    now = time.monotonic()
    steps = self._steps * _SECONDS / max(now - self._last, 1e-6)
    self._last = now
    return int(np.clip(steps, 1, _MAX_STEPS))
