"""repeat.py: all seeds and folds, each once, and what is said of them."""

import importlib
import json
import os
import random
import re
import subprocess
import sys

import pytest
from running import ENV, ROOT


@pytest.fixture
def repeat():
  return importlib.import_module("repeat")


def repeated(*arguments):
  return subprocess.run([sys.executable, ROOT / "experiments" / "repeat.py", *arguments], env=ENV, capture_output=True,
                        text=True)


def texts(path):
  rng = random.Random(0)
  path.write_text("".join(f"{i % 2} c{i % 2}x{rng.randrange(3)} w{rng.randrange(9)}\n" for i in range(60)))
  return path


@pytest.mark.slow
def test_every_seed_and_fold_runs_once(tmp_path):
  arguments = (f"--config={ROOT / 'experiments' / 'configs' / 'fasttext_supervised.py'}", "--config.dim=4",
               f"--config.train={texts(tmp_path / 'train')}", "--config.epochs=2", "--config.buckets=100",
               f"--workdir={tmp_path / 'runs'}", "--folds=2", "--jobs=2", f"--json={tmp_path / 'rows.json'}")
  first = repeated(*arguments, "--seeds=1")
  assert first.returncode == 0, first.stderr
  second = repeated(*arguments, "--seeds=2")
  assert second.returncode == 0, second.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [(row["seed"], row["fold"], row["cpu"] is None) for row in rows] == [
    (1, "1/2", True), (1, "2/2", True), (2, "1/2", False), (2, "2/2", False)]
  mean = sum(row["test"]["accuracy"] for row in rows) / 4
  said = re.search(r"^test: accuracy ([0-9.]+) .* over 2 seed", second.stdout, re.MULTILINE)
  assert float(said[1]) == pytest.approx(mean, abs=1e-4)
  changed = repeated(*arguments, "--seeds=1", "--config.epochs=3")
  assert changed.returncode == 2 and "epochs was 2, now 3" in changed.stderr


def test_the_spread_is_that_of_means_over_folds(repeat):
  rows = [{"seed": seed, "fold": fold, "test": {"f1": value, "precision": 0.1}} for seed, fold, value in (
    (1, "1/2", 0.5), (1, "2/2", 0.7), (2, "1/2", 0.6), (2, "2/2", 0.8))]
  assert repeat.summary(rows, "test") == "f1 0.6500 +- 0.0707 over 2 seed(s), runs 0.5000 to 0.8000"
  assert "+-" not in repeat.summary(rows[:2], "test")


def test_jobs_share_the_cores(repeat, monkeypatch):
  jobs = importlib.import_module("jobs")
  monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
  assert jobs.divided(2) == [{0, 2}, {1, 3}]
  assert all(len(share) == 1 for share in jobs.divided(6))


@pytest.mark.parametrize("arguments,said", [
  (("--folds=10", "--config.test=a"), "--folds=10 with test='a'"), ((), "--folds=0 with test=''"),
  (("--config.nothing=1",), "there is no key 'nothing'"), (("--seeds=0",), "seeds")])
def test_bad_flags_are_one_line(tmp_path, arguments, said):
  done = repeated(f"--workdir={tmp_path / 'runs'}", *arguments)
  assert done.returncode == 2 and said in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr
