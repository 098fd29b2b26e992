"""The bar of a training: the time left is that of the steps themselves."""

import re

import jax.monitoring
import pytest

from glove_jax.step_bar import StepBar

COMPILED = "/jax/core/compile/backend_compile_duration"


def last_state(capfd):
  """Returns (steps done, elapsed, time left) as the bar last showed them."""
  states = re.findall(r"(\d+)/\d+ \[([\d:]+)<([\d:?]+)", capfd.readouterr().err)
  return states[-1]


def advance(clock, bar, steps, seconds=1.0):
  for _ in range(steps):
    clock.now += seconds
    bar.update({"loss": 2.0})


def test_time_left_is_that_of_the_steps(clock, capfd):
  bar = StepBar(0, 100)
  advance(clock, bar, 11)
  assert last_state(capfd) == ("11", "00:10", "01:29")


def test_the_first_step_is_not_timed(clock, capfd):
  bar = StepBar(0, 100)
  clock.now += 500  # the first step compiles the update
  advance(clock, bar, 11)
  assert last_state(capfd) == ("11", "00:10", "01:29")


@pytest.mark.parametrize("compiling_step", [2, 6])
def test_time_left_leaves_out_every_compilation(clock, capfd, compiling_step):
  bar = StepBar(0, 100)
  advance(clock, bar, compiling_step)
  clock.now += 30
  jax.monitoring.record_event_duration_secs(COMPILED, 20.0)
  jax.monitoring.record_event_duration_secs("/jax/core/compile/jaxpr_trace_duration", 10.0)
  advance(clock, bar, 11 - compiling_step)
  assert last_state(capfd) == ("11", "00:10", "01:29")


def test_other_waiting_counts(clock, capfd):
  bar = StepBar(0, 100)
  advance(clock, bar, 10)
  clock.now += 30
  jax.monitoring.record_event_duration_secs("/jax/checkpoint/write/duration", 30.0)
  advance(clock, bar, 1)
  done, elapsed, _ = last_state(capfd)
  assert (done, elapsed) == ("11", "00:40")


def test_a_resumed_run_starts_at_its_step(clock, capfd):
  bar = StepBar(50, 100)
  advance(clock, bar, 11)
  assert last_state(capfd) == ("61", "00:10", "00:39")


def test_a_bar_that_is_not_shown_prints_nothing(clock, capfd):
  bar = StepBar(0, 10, shown=False)
  advance(clock, bar, 10)
  bar.close()
  assert capfd.readouterr().err == ""


def test_a_log_file_has_lines_at_growing_intervals(log_clock, capfd):
  bar = StepBar(0, 2000)
  advance(log_clock, bar, 1501)
  bar.close()
  shown = capfd.readouterr().err
  assert "\r" not in shown
  seconds = [
    60 * int(minutes) + int(rest) for minutes, rest in re.findall(r"\[(\d+):(\d+)<", shown)
  ]
  assert seconds == [10, 30, 70, 150, 310, 610, 910, 1210]
  first = shown.splitlines()[0]
  assert first.startswith("training:") and "11/2000 [00:10<33:09" in first and "loss=2" in first
