"""Damaged folders of runs, and runs that are killed, of every recipe; see tests/damage/."""

import os
import sys

import pytest
from running import ENV, ROOT, run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("script", "count"), [("mutate", 300), ("kill", 200)])
def test_runs_end_with_the_same_results_or_one_line(tmp_path, script, count):
  environment = {
    **ENV,
    "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "compiled"),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
  }
  command = [sys.executable, ROOT / "tests" / "damage" / f"{script}.py", f"--count={count}"]
  done = run(command, environment=environment)
  assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
