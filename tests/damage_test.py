"""Folders of runs that are damaged, and runs that are killed, of every recipe; tests/damage/.

GLOVE_JAX_DAMAGE=1 in the environment makes as many trials as the scripts do by default.
"""

import os
import sys

import pytest
from running import ENV, ROOT, run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("script", "count"), [("mutate", 68), ("kill", 51)])
def test_runs_end_with_the_same_results_or_one_line(tmp_path, script, count):
  environment = {
    **ENV,
    "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "compiled"),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
  }
  command = [sys.executable, ROOT / "tests" / "damage" / f"{script}.py"]
  if "GLOVE_JAX_DAMAGE" not in os.environ:
    command.append(f"--count={count}")
  done = run(command, environment=environment)
  assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
