"""Reports of long work: lines about stages, bars over bytes, and the time left of training."""

import re

import jax.monitoring
import pytest
import tqdm.std

from glove_jax import progress

COMPILED = "/jax/core/compile/backend_compile_duration"


class Clock:
  def __init__(self):
    self.now = 1000.0

  def __call__(self):
    return self.now


@pytest.fixture
def clock(monkeypatch):
  """The clock of all progress bars, which only the test moves."""
  clock = Clock()
  monkeypatch.setattr(tqdm.std, "time", clock)
  return clock


def last_state(capfd):
  """Returns (steps done, elapsed, time left) as the bar last showed them."""
  states = re.findall(r"(\d+)/\d+ \[([\d:]+)<([\d:?]+)", capfd.readouterr().err)
  return states[-1]


def advance(clock, bar, steps, seconds=1.0):
  for _ in range(steps):
    clock.now += seconds
    bar.update({"loss": 2.0})


def test_time_left_is_that_of_the_steps(clock, capfd):
  bar = progress.StepBar(0, 100)
  advance(clock, bar, 11)
  assert last_state(capfd) == ("11", "00:10", "01:29")


def test_the_first_step_is_not_timed(clock, capfd):
  bar = progress.StepBar(0, 100)
  clock.now += 500  # the first step compiles the update
  advance(clock, bar, 11)
  assert last_state(capfd) == ("11", "00:10", "01:29")


@pytest.mark.parametrize("compiling_step", [2, 6])
def test_time_left_leaves_out_every_compilation(clock, capfd, compiling_step):
  bar = progress.StepBar(0, 100)
  advance(clock, bar, compiling_step)
  clock.now += 30
  jax.monitoring.record_event_duration_secs(COMPILED, 20.0)
  jax.monitoring.record_event_duration_secs("/jax/core/compile/jaxpr_trace_duration", 10.0)
  advance(clock, bar, 11 - compiling_step)
  assert last_state(capfd) == ("11", "00:10", "01:29")


def test_other_waiting_counts(clock, capfd):
  bar = progress.StepBar(0, 100)
  advance(clock, bar, 10)
  clock.now += 30
  jax.monitoring.record_event_duration_secs("/jax/checkpoint/write/duration", 30.0)
  advance(clock, bar, 1)
  done, elapsed, _ = last_state(capfd)
  assert (done, elapsed) == ("11", "00:40")


def test_a_resumed_run_starts_at_its_step(clock, capfd):
  bar = progress.StepBar(50, 100)
  advance(clock, bar, 11)
  assert last_state(capfd) == ("61", "00:10", "00:39")


def test_a_bar_that_is_not_shown_prints_nothing(clock, capfd):
  bar = progress.StepBar(0, 10, shown=False)
  advance(clock, bar, 10)
  bar.close()
  assert capfd.readouterr().err == ""


def test_a_bar_over_bytes_counts_to_their_number(clock, capfd):
  with progress.byte_bar("reading") as update:
    for done in (10, 30, 40):
      clock.now += 1
      update(done, 40)
  assert "reading" in (shown := capfd.readouterr().err)
  assert "40.0/40.0" in shown


def test_a_stage_is_a_line_with_its_seconds(capfd, monkeypatch):
  monkeypatch.setattr(progress.time, "monotonic", lambda: 12.5)
  progress.log_stage("counts", "3 non-zeros", 10.0)
  progress.log_stage("vectors", "9 words")
  assert capfd.readouterr().out == "counts     3 non-zeros  (2.5 s)\nvectors    9 words\n"


def test_a_silent_block_prints_nothing(capfd):
  with progress.silence():
    progress.log_stage("texts", "3 train")
    with progress.byte_bar("reading") as update:
      update(5, 10)
    bar = progress.StepBar(0, 2)
    bar.update({"loss": 1.0})
    bar.close()
    with progress.silence(False):
      progress.log_stage("inner", "is shown")
  progress.log_stage("texts", "are shown")
  captured = capfd.readouterr()
  assert captured.out.splitlines() == ["inner      is shown", "texts      are shown"]
  assert not captured.err
