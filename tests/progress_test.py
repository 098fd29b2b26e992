"""Reports of long work: lines about stages, bars over bytes, and the time left of training."""

import io
import re
import sys
import time

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
  monkeypatch.setattr(progress, "_is_interactive", lambda: True)
  return clock


@pytest.fixture
def log_clock(clock, monkeypatch):
  """The same, of bars in a log file."""
  monkeypatch.setattr(progress, "_is_interactive", lambda: False)
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


def test_a_log_file_has_lines_at_growing_intervals(log_clock, capfd):
  bar = progress.StepBar(0, 2000)
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


def test_short_work_leaves_a_log_file_empty(log_clock, capfd):
  with progress.byte_bar("reading") as update:
    update(40, 40)
  assert list(progress.track("abc", "predicting", unit="text")) == ["a", "b", "c"]
  with progress.waiting("compiling"):
    pass
  assert capfd.readouterr().err == ""


def test_items_get_a_bar_after_two_seconds(clock, capfd):
  for number, _ in enumerate(progress.track(range(10), "predicting", unit="text")):
    shown = capfd.readouterr().err
    assert bool(shown) == (number > 1)
    clock.now += 1.0
  assert "predicting" in shown and "<00:01" in shown


def test_a_wait_shows_its_seconds(monkeypatch, capfd):
  monkeypatch.setattr(progress, "_is_interactive", lambda: True)
  monkeypatch.setattr(progress, "_PATIENCE", 0.01)
  with progress.waiting("compiling"):
    time.sleep(1.2)
  with progress.silence(), progress.waiting("other"):
    time.sleep(0.05)
  with progress.waiting("third", shown=False):
    time.sleep(0.05)
  shown = capfd.readouterr().err
  assert "compiling: 00:01" in shown and "other" not in shown and "third" not in shown


@pytest.mark.parametrize(("encoding", "line"), [
  ("utf-8", "texts      caf\\udce9 好\n"),
  ("ascii", "texts      caf\\udce9 \\u597d\n"),
])
def test_a_stage_line_escapes_what_stdout_lacks(monkeypatch, encoding, line):
  stdout = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
  monkeypatch.setattr(sys, "stdout", stdout)
  progress.log_stage("texts", "caf\udce9 好")
  stdout.seek(0)
  assert stdout.buffer.getvalue().decode(encoding) == line
  monkeypatch.setattr(sys, "stdout", None)
  progress.log_stage("texts", "are not shown")


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
