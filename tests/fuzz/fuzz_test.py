"""Some inputs of `fuzz.py` for every reader, always the same ones."""

import sys

import pytest
from running import ROOT, run


def _fuzz(tmp_path, inputs: int):
  program = ROOT / "tests" / "fuzz" / "fuzz.py"
  command = [sys.executable, program, f"--inputs={inputs}", "--seed=7", f"--folder={tmp_path}"]
  done = run(command)
  assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_no_reader_fails_on_a_few_inputs(tmp_path):
  _fuzz(tmp_path, 2000)


@pytest.mark.slow
def test_no_reader_fails_on_many_inputs(tmp_path):
  _fuzz(tmp_path, 40_000)


@pytest.mark.slow
def test_long_runs_of_one_thing_take_no_long_time():
  done = run([sys.executable, ROOT / "tests" / "fuzz" / "stretch.py", "--bytes=100000"])
  assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
