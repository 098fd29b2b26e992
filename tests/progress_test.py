"""Reports of long work: lines about stages, bars over bytes and items, seconds of waits."""

import concurrent.futures
import io
import re
import sys
import time

import jax.monitoring
import pytest

from glove_jax import progress

COMPILED = "/jax/core/compile/backend_compile_duration"


def test_a_bar_over_bytes_counts_to_their_number(clock, capfd):
  with progress.byte_bar("reading") as update:
    for done in (10, 30, 40):
      clock.now += 1
      update(done, 40)
  assert "reading" in (shown := capfd.readouterr().err)
  assert "40.0/40.0" in shown


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


def test_time_left_is_that_of_the_mean_rate_without_compilation(clock, capfd):
  with progress.count_bar("predicting", 100, unit="token") as advance:
    jax.monitoring.record_event_duration_secs(COMPILED, 20.0)
    clock.now += 22
    advance(10)
    for seconds in (3, 7):
      clock.now += seconds
      advance(10)
    shown = capfd.readouterr().err
  assert "30/100 [00:12<00:28" in shown


def test_a_total_that_was_too_low_grows(clock, capfd):
  with progress.count_bar("svd", 10, unit="product") as advance:
    for _ in range(12):
      clock.now += 1
      advance(1)
  shown = re.sub(r"\|.*?\|", "", capfd.readouterr().err)
  assert "90% 9/10" in shown and "100% 12/12" in shown


def test_threads_count_every_item(clock):
  with (
    progress.count_bar("analogies", 4000, unit="candidate") as advance,
    concurrent.futures.ThreadPoolExecutor(8) as pool,
  ):
    list(pool.map(lambda _: advance(1), range(4000)))
    assert progress._open_bars[-1].n == 4000
  assert not progress._open_bars


@pytest.fixture
def impatient(monkeypatch):
  """Bars are drawn on a terminal, after a hundredth of a second and every hundredth."""
  monkeypatch.setattr(progress, "_is_interactive", lambda: True)
  monkeypatch.setattr(progress, "_PATIENCE", 0.01)
  monkeypatch.setattr(progress, "_REDRAWN_EVERY", 0.01)


def test_a_wait_shows_its_seconds(impatient, capfd):
  with progress.waiting("compiling"):
    time.sleep(1.2)
  with progress.silence(), progress.waiting("other"):
    time.sleep(0.05)
  with progress.waiting("third", shown=False):
    time.sleep(0.05)
  shown = capfd.readouterr().err
  assert "compiling, 1 s so far" in shown and "other" not in shown and "third" not in shown


def test_a_bar_is_drawn_while_nothing_is_counted(impatient, capfd):
  with progress.count_bar("predicting", 10, unit="text") as advance:
    time.sleep(0.3)
    assert "predicting:   0% 0/10 [00:00<?" in re.sub(r"\|.*?\|", "", capfd.readouterr().err)
    advance(1)


def test_of_bars_within_one_another_the_innermost_is_drawn(impatient, capfd):
  with progress.waiting("preparing"), progress.count_bar("encoding", 9, unit="text"):
    time.sleep(0.3)
    shown = capfd.readouterr().err
  assert "encoding" in shown and "preparing" not in shown


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
  progress.log_stage("packed", "9 slots", 0.0)
  progress.log_stage("vectors", "9 words")
  assert capfd.readouterr().out == (
    "counts     3 non-zeros  (2.50 s)\npacked     9 slots  (12.5 s)\nvectors    9 words\n"
  )


def test_a_silent_block_prints_nothing(capfd):
  with progress.silence():
    progress.log_stage("texts", "3 train")
    with progress.byte_bar("reading") as update:
      update(5, 10)
    with progress.count_bar("predicting", 2, unit="text") as advance:
      advance(1)
    with progress.silence(False):
      progress.log_stage("inner", "is shown")
  progress.log_stage("texts", "are shown")
  captured = capfd.readouterr()
  assert captured.out.splitlines() == ["inner      is shown", "texts      are shown"]
  assert not captured.err


def test_bars_of_parts_move_the_bar_of_the_whole():
  moved = []
  with progress.part_of(moved.append, 10), progress.count_bar("x", 6, unit="token") as advance:
    advance(3)
    advance(2)
    assert sum(moved) == 8
    advance(4)  # more than was estimated
  assert sum(moved) == 10
  with progress.part_of(moved.append, 5):
    pass
  assert sum(moved) == 15
