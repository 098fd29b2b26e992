"""Checkpoints are due by the clock and at a signal, which ends the run once its state is saved."""

import signal
import time

import pytest

from glove_jax.interrupts import Interrupted, Interrupts
from glove_jax.run_saving import Saving


class States:
  """Remembers what is saved, and takes a second for each."""

  def __init__(self, clock):
    self.saved = []
    self._clock = clock

  def save(self, state):
    self.saved.append(state)
    self._clock[0] += 1.0


@pytest.fixture
def clock(monkeypatch):
  now = [100.0]
  monkeypatch.setattr(time, "monotonic", lambda: now[0])
  return now


def make(clock, minutes=2.0):
  states, interrupts = States(clock), Interrupts(announced=True)
  saving = Saving(
    states.save, interrupts, minutes=minutes, describe_interruption=lambda: "the state is saved"
  )
  return saving, states, interrupts


def test_the_clock_counts_from_the_last_checkpoint(clock):
  saving, _, _ = make(clock)
  clock[0] += 119
  assert not saving.is_due()
  clock[0] += 1
  assert saving.is_due()
  saving.save("a state")
  assert not saving.is_due() and saving.seconds == 1.0
  assert saving.summary() == "; checkpoints took 1.0 s more"


def test_without_minutes_the_clock_never_calls(clock):
  saving, _, _ = make(clock, minutes=0)
  clock[0] += 10_000
  assert not saving.is_due() and saving.summary() == ""


def test_a_signal_ends_the_run_after_its_state_is_saved(clock):
  saving, states, interrupts = make(clock)
  interrupts.pending = signal.SIGTERM
  assert saving.is_due()
  with pytest.raises(Interrupted, match="the state is saved") as caught:
    saving.save("a state")
  assert states.saved == ["a state"] and caught.value.status == 143
