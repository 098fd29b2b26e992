"""A long text is counted in shards; processes that are killed change no byte."""

import random
import sys
import time

import numpy as np
import pytest

from tools.benchmarks import counting

COUNTS_ITS_RUNS = """
import pathlib, sys, time
log = pathlib.Path(sys.argv[1])
log.write_text(log.read_text() + "started ")
time.sleep(float(sys.argv[2]))
log.write_text(log.read_text() + "done ")
"""


def test_a_command_is_killed_ten_times_and_then_runs_to_its_end(tmp_path):
  log = tmp_path / "log"
  log.write_text("")
  start = time.monotonic()
  kills = counting._run_with_kills([sys.executable, "-c", COUNTS_ITS_RUNS, str(log), "0.5"], 1.0)
  assert kills == 10
  assert log.read_text().endswith("started done ")
  assert log.read_text().count("done") == 1
  assert time.monotonic() - start > 1.3  # 5/6 s until the last is killed, and 0.5 s


def test_the_largest_size_of_a_folder_is_seen(tmp_path):
  with counting._watch_disk(tmp_path) as sizes:
    (tmp_path / "file").write_bytes(bytes(1000))
    while 1000 not in sizes:
      time.sleep(0.05)
    (tmp_path / "file").unlink()
  assert max(sizes) == 1000


def test_what_a_quick_program_leaves_is_seen(tmp_path):
  with counting._watch_disk(tmp_path) as sizes:
    (tmp_path / "file").write_bytes(bytes(1000))
  assert sizes[-1] == 1000


def test_a_digest_is_of_every_byte(tmp_path):
  for name in counting._FILES:
    np.arange(1000).tofile(tmp_path / name)
  before = counting._digest(tmp_path)
  with open(tmp_path / "counts", "r+b") as file:
    file.seek(5000)
    file.write(b"x")
  assert counting._digest(tmp_path) != before


@pytest.mark.slow
def test_kills_do_not_change_a_byte(tmp_path, capsys):
  rng = random.Random(0)
  words = [f"w{i}" for i in range(2000)]
  weights = [1 / (i + 1) for i in range(2000)]
  lines = [" ".join(rng.choices(words, weights, k=40)) for _ in range(1000)]
  (tmp_path / "text.txt").write_text("\n".join(lines) + "\n")
  [row] = counting.measure(
    str(tmp_path / "text.txt"), tmp_path, billions=[0.0002], shard_tokens=30_000
  )
  assert row["same_bytes"]
  assert row["kills"] == 10
  assert row["tokens"] == 200_000
  assert row["disk_gb"] >= row["result_gb"] > 12 * row["nonzeros"] / 1e9 > 0
  assert row["peak_gb"] > 0.02
  assert "counting 0.2 M tokens" in capsys.readouterr().out
  assert not (tmp_path / "counting").exists()
