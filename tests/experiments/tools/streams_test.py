"""What programs do when stdout and stderr are closed, full, left by their reader, or not UTF-8."""

import errno
import io
import os
import subprocess
import sys

import pytest
from running import ENV, ROOT

from tools import streams

PROGRAM = """
import os, sys
from tools import program
def main():
  print("好 café" + chr(0xDCE9))
  print("a warning: 好", file=sys.stderr)
  sys.stdout.flush()
  print("more")
  sys.stdout.flush()
  open("scores", "w").write("done")
program.run(main)
"""


@pytest.fixture
def shell(tmp_path):
  """Runs a line of bash in which $PROGRAM is a program that prints, and then writes `scores`."""
  (tmp_path / "program.py").write_text(PROGRAM)
  paths = os.pathsep.join([str(ROOT / "experiments"), str(ROOT)])
  environment = {**ENV, "PYTHONPATH": paths, "PROGRAM": f"{sys.executable} program.py"}

  def run(line):
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environment, capture_output=True)
    scores = tmp_path / "scores"
    written = scores.exists() and scores.read_text() == "done"
    return done.returncode, done.stdout, done.stderr, written

  return run


@pytest.mark.parametrize(
  ("variables", "out"),
  [
    ("PYTHONIOENCODING=ascii", rb"\u597d caf\xe9\udce9"),
    ("PYTHONIOENCODING=latin-1", b"\\u597d caf\xe9\\udce9"),
    ("PYTHONIOENCODING=utf-8:strict", "好 café\\udce9".encode()),
    ("PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 LC_ALL=POSIX", rb"\u597d caf\xe9\udce9"),
  ],
)
def test_what_an_encoding_lacks_is_escaped(shell, variables, out):
  status, printed, errors, written = shell(f"{variables} $PROGRAM")
  assert (status, written) == (0, True)
  assert printed == out + b"\nmore\n"
  assert errors.startswith(b"a warning: ")


@pytest.mark.parametrize(
  ("line", "status", "error"),
  [
    ("$PROGRAM >&-", 0, b"a warning: "),
    ("$PROGRAM <&- >&- 2>&-", 0, b""),
    ("$PROGRAM 2>/dev/full", 0, b""),
    ("$PROGRAM | true; exit ${PIPESTATUS[0]}", 0, b"a warning: "),
    ("$PROGRAM 2>&1 | true; exit ${PIPESTATUS[0]}", 0, b""),
    ("$PROGRAM >/dev/full", 2, b"error: stdout: No space left on device; the rest of the output"),
    ("$PROGRAM 1</dev/null", 2, b"error: stdout: Bad file descriptor"),
  ],
)
def test_work_goes_on_where_nothing_can_be_printed(shell, line, status, error):
  actual, _, errors, written = shell(line)
  assert (actual, written) == (status, True)
  assert error in errors and b"Traceback" not in errors


class Full(io.StringIO):
  """A stream on which nothing can be written."""

  def __init__(self, number, descriptor):
    super().__init__()
    self._error = OSError(number, os.strerror(number))
    self._descriptor = descriptor

  def write(self, text):
    raise self._error

  def fileno(self):
    return self._descriptor


@pytest.mark.parametrize(("number", "kept"), [(errno.ENOSPC, True), (errno.EPIPE, False)])
def test_the_first_error_is_kept_unless_the_reader_left(tmp_path, number, kept):
  with open(tmp_path / "out", "w") as file:
    output = streams.Output(Full(number, file.fileno()))
    assert output.write("text") == 4
    assert (output.error is not None) == kept
    os.write(file.fileno(), b"what Python has buffered")  # goes nowhere now
  assert (tmp_path / "out").read_text() == ""
