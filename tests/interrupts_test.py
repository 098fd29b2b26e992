"""SIGINT and SIGTERM: raised at once, put off to the next step, or the end of the process."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from glove_jax import interrupts
from glove_jax.interrupts import Interrupted


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_work_at_once_and_handlers_are_restored(number, status):
  before = signal.getsignal(number)
  with pytest.raises(Interrupted) as error, interrupts.handled():
    signal.raise_signal(number)
  assert isinstance(error.value, KeyboardInterrupt)
  assert error.value.status == status
  assert signal.getsignal(number) is before


AGAIN = {signal.SIGINT: "Ctrl-C once more: at once", signal.SIGTERM: "a second signal: at once"}


@pytest.mark.parametrize(
  ("first", "second"), [(signal.SIGTERM, signal.SIGINT), (signal.SIGINT, signal.SIGTERM)]
)
def test_a_first_signal_is_put_off_and_a_second_one_is_not(capfd, first, second):
  with interrupts.handled() as signals, pytest.raises(Interrupted), signals.deferred():
    signal.raise_signal(first)
    assert signals.pending == first
    signal.raise_signal(second)
  notice = f"\ninterrupted: ends at the next safe point ({AGAIN[first]})\n"
  assert capfd.readouterr().err == notice


def test_a_signal_that_nobody_has_looked_at_is_raised_in_the_end():
  with interrupts.handled() as signals, pytest.raises(Interrupted), signals.deferred():
    signal.raise_signal(signal.SIGINT)


def test_nested_blocks_are_one():
  with interrupts.handled() as outer, interrupts.handled() as inner:
    assert inner is outer


def test_handlers_of_the_caller_and_ignored_signals_stay():
  received = []
  before = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
  ignored = signal.signal(signal.SIGINT, signal.SIG_IGN)
  try:
    with interrupts.handled():
      signal.raise_signal(signal.SIGTERM)
      signal.raise_signal(signal.SIGINT)
  finally:
    signal.signal(signal.SIGTERM, before)
    signal.signal(signal.SIGINT, ignored)
  assert received == [signal.SIGTERM]


def test_other_threads_work_without_handlers():
  values = []

  def work():
    with interrupts.handled() as signals, signals.deferred():
      values.append(signals.pending)

  thread = threading.Thread(target=work)
  thread.start()
  thread.join()
  assert values == [None]


SCRIPT = """
import signal, sys, threading
from glove_jax import interrupts
with interrupts.handled(exit_at_second=True) as signals, signals.deferred():
  print("ready", flush=True)
  signal.pthread_sigmask(signal.SIG_SETMASK, [])
  lock = threading.Lock()
  lock.acquire()
  while True:  # Python's own handler sets `pending` only
    sum(range(10**4))
"""


@pytest.mark.parametrize("number", AGAIN)
def test_a_second_signal_ends_the_process(number):
  environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
  process = subprocess.Popen(
    [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    env=environment,
  )
  assert process.stdout.readline() == "ready\n"
  process.send_signal(number)
  notice = process.stderr.readline() + process.stderr.readline()
  assert f"ends at the next safe point ({AGAIN[number]})" in notice
  process.send_signal(number)
  error = process.communicate(timeout=60)[1]
  assert process.returncode == 128 + number
  assert "interrupted twice" in error and "Traceback" not in error


class Dropping:
  """Gets a signal where Python drops exceptions."""

  def __del__(self):
    signal.raise_signal(signal.SIGINT)
    sum(range(10))  # the handler is called between two instructions


def get_signal_in_garbage_collection():
  sent = []
  def callback(phase, info):
    if not sent:
      sent.append(phase)
      signal.raise_signal(signal.SIGINT)
  gc.callbacks.append(callback)
  try:
    gc.collect()
  finally:
    gc.callbacks.remove(callback)


@pytest.mark.parametrize("get_signal", [Dropping, get_signal_in_garbage_collection])
@pytest.mark.parametrize("exit_at_second", [True, False])
def test_a_signal_that_python_drops_is_raised_again(get_signal, exit_at_second, capfd):
  before = sys.unraisablehook
  with pytest.raises(Interrupted), interrupts.handled(exit_at_second=exit_at_second):
    get_signal()
    time.sleep(10)
  assert sys.unraisablehook is before
  assert "Traceback" not in capfd.readouterr().err
