"""Programs that import JAX at their start report its variables in one line."""

import os
import subprocess
import sys

import pytest
from running import ENV, ROOT

PATHS = os.pathsep.join([str(ROOT / "experiments"), str(ROOT)])


@pytest.mark.parametrize(
  "name, value, message",
  [
    ("JAX_ENABLE_X64", "maybe", "JAX_ENABLE_X64='maybe', expected true or false."),
    (
      "XLA_FLAGS", "--unknown",
      "XLA_FLAGS='--unknown': XLA cannot read them (Unknown flag in XLA_FLAGS: --unknown).",
    ),
  ],
)
def test_a_bad_variable_is_one_line_and_status_2(name, value, message):
  command = [sys.executable, "-c", "from tools import checked_environment; import jax"]
  environment = {**ENV, "PYTHONPATH": PATHS, name: value}
  done = subprocess.run(command, env=environment, capture_output=True, text=True)
  assert (done.returncode, done.stderr) == (2, f"error: {message}\n")
