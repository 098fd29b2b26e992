"""Running a command: its time, memory and output, and what is read from them."""

import os
import subprocess
import sys

import pytest
from running import ROOT

from glove_jax.errors import InputError
from glove_jax.progress import log_stage
from tools import measure


def python(code, **kwargs):
  return measure.run_timed([sys.executable, "-c", code], **kwargs)


def test_time_and_output_are_those_of_the_command():
  run = python("import sys, time; print('a'); print('b', file=sys.stderr); time.sleep(0.2)")
  assert sorted(run.output.split()) == ["a", "b"]
  assert 0.2 < run.wall < 30 and run.cpu < run.wall + 0.1


def test_memory_is_that_of_the_command():
  # In a process of its own: Linux counts the memory of the process that starts a command, too.
  script = (
    "import sys; from tools import measure\n"
    "command = [sys.executable, '-c', 'data = bytes(range(250)) * 1_200_000']\n"
    "run = measure.run_timed(command)\n"
    "assert 0.3 < run.peak_gb < 3, run.peak_gb"
  )
  path = os.pathsep.join([str(ROOT), str(ROOT / "experiments")])
  environment = {**os.environ, "PYTHONPATH": path}
  subprocess.run([sys.executable, "-c", script], check=True, env=environment)


def test_files_are_read_and_written(tmp_path):
  (tmp_path / "in").write_text("text")
  code = "import sys; print(sys.stdin.read() + '!'); print('log', file=sys.stderr)"
  run = python(code, stdin=tmp_path / "in", stdout=tmp_path / "out")
  assert (tmp_path / "out").read_text() == "text!\n"
  assert run.output == "log\n"


def test_a_failure_has_the_status_and_the_end_of_the_output():
  with pytest.raises(InputError, match=r"ended with status 3: no such thing$"):
    python("import sys; print('no such thing'); sys.exit(3)")


def test_stages_are_those_of_the_log(capfd):
  log_stage("vocabulary", "80 words", start=0.0)
  log_stage("training", "9 steps on 1 cpu device(s); checkpoints took 0.2 s more", start=0.0)
  log_stage("vectors", "80 words x 8: vectors.txt")
  stages = measure.stage_seconds(capfd.readouterr().out)
  assert list(stages) == ["vocabulary", "training"] and all(value > 0 for value in stages.values())


def test_numbers_that_a_peer_prints():
  assert measure.printed_number("noise\ntraining 1.25\naccuracy 0.5\n", "accuracy") == 0.5
  with pytest.raises(InputError, match="no line 'training NUMBER'"):
    measure.printed_number("training nothing", "training")
