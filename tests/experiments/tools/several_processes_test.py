"""The flags of several processes, and what a supervisor makes of an abort."""

import os
import sys

import pytest
from running import run_program

from glove_jax.errors import InputError
from tools import several_processes


@pytest.mark.parametrize(
  ("values", "message"),
  [
    (("host:1", None, None), "--coordinator needs --num_processes and --process_id too, or"),
    ((None, 2, None), "--num_processes needs --coordinator and --process_id too, or"),
    ((None, None, 0), "--process_id needs --coordinator and --num_processes too, or"),
    (("auto", None, 0), "--process_id with --coordinator=auto, expected --coordinator=auto alone."),
    (("host", 2, 0), "--coordinator=host, expected HOST:PORT or auto."),
    (("host:1", 0, 0), "--num_processes=0, expected 1 or more."),
    (("host:1", 2, 2), "--process_id=2, expected 0 to 1: --num_processes=2."),
    (("host:1", 2, -1), "--process_id=-1, expected 0 to 1: --num_processes=2."),
  ],
)
def test_flags_that_do_not_go_together_are_refused(values, message):
  with pytest.raises(InputError) as error:
    several_processes.check_address(*values)
  assert str(error.value).startswith(message)


def test_flags_that_go_together():
  assert several_processes.check_address(None, None, None) is None
  assert several_processes.check_address("auto", None, None).coordinator == "auto"
  assert several_processes.check_address("[::1]:80", 2, 1) == ("[::1]:80", 2, 1)


ABORT = """\
[Gloo] Rank 0 is connected to 1 peer ranks. Expected number of connected peer ranks is : 1
W0101 a warning of a library
W0101 another one
E0101 00:00:00.0 1 coordination_service_agent.cc:289] Polled an error
of several lines
F0101 00:00:00.0 1 client.h:80] Terminating process because
{reason}
*** Check failure stack trace: ***
    @     0x7f44dce40634  absl::LogMessage::SendToLog()
"""
SILENT = "The following tasks are unhealthy (stopped sending heartbeats):\n/job:jax/task:3"


@pytest.mark.parametrize(("reason", "lost"), [("Socket closed", "0"), (SILENT, "3")])
def test_an_abort_is_one_line_that_names_the_process(reason, lost, capsys):
  reading, writing = os.pipe()
  with os.fdopen(writing, "w") as file:
    file.write(ABORT.format(reason=reason))
  status = several_processes.report_abort(-6, several_processes.filter_messages(reading))
  *warnings, error = capsys.readouterr().err.splitlines()
  assert status == 1 and warnings == ["W0101 a warning of a library", "W0101 another one"]
  assert error.startswith(f"error: process {lost} has ended, or does not answer; the same command")


def test_another_signal_is_named(capsys):
  assert several_processes.report_abort(-11, None) == 139
  assert capsys.readouterr().err == "error: this process was ended by SIGSEGV\n"


def test_one_process_is_not_supervised():
  assert sys.argv and several_processes.address_of_flags() is None
  assert several_processes.supervise() is None


def test_a_finished_run_is_not_used_by_several_processes(tmp_path):
  flags = ["--coordinator=host:1", "--num_processes=2", "--process_id=0"]
  done = run_program("finetune", f"--workdir={tmp_path}", "--config.predict=new.txt", *flags)
  assert (done.returncode, done.stdout) == (2, "")
  expected = "error: --coordinator=host:1: a finished run is used by one process.\n"
  assert done.stderr == expected
