"""repeat.py: all seeds and folds, each once, and what is said of them."""

import json
import random
import re

import pytest
from running import ROOT, run_program

import repeat

CONFIG = ROOT / "experiments" / "configs" / "fasttext_supervised.py"


def texts(path):
  rng = random.Random(0)
  path.write_text(
    "".join(f"{i % 2} c{i % 2}x{rng.randrange(3)} w{rng.randrange(9)}\n" for i in range(60))
  )
  return path


@pytest.mark.slow
def test_every_seed_and_fold_runs_once(tmp_path):
  arguments = (
    f"--config={CONFIG}",
    "--config.dim=4",
    f"--config.train={texts(tmp_path / 'train')}",
    "--config.epochs=2",
    "--config.ngram_buckets=100",
    f"--workdir={tmp_path / 'runs'}",
    "--folds=2",
    "--jobs=2",
    f"--json={tmp_path / 'rows.json'}",
  )
  first = run_program("repeat", *arguments, "--seeds=1")
  assert first.returncode == 0, first.stderr
  second = run_program("repeat", *arguments, "--seeds=2")
  assert second.returncode == 0, second.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [(row["seed"], row["fold"], row["cpu"] is None) for row in rows] == [
    (1, "1/2", True),
    (1, "2/2", True),
    (2, "1/2", False),
    (2, "2/2", False),
  ]
  mean = sum(row["test"]["accuracy"] for row in rows) / 4
  said = re.search(r"^test: accuracy ([0-9.]+) .* over 2 seed", second.stdout, re.MULTILINE)
  assert float(said[1]) == pytest.approx(mean, abs=1e-4)
  changed = run_program("repeat", *arguments, "--seeds=1", "--config.epochs=3")
  assert changed.returncode == 2 and "epochs was 2, now 3" in changed.stderr


def test_the_spread_is_that_of_means_over_folds():
  rows = [
    {"seed": seed, "fold": fold, "test": {"f1": value, "precision": 0.1}}
    for seed, fold, value in ((1, "1/2", 0.5), (1, "2/2", 0.7), (2, "1/2", 0.6), (2, "2/2", 0.8))
  ]
  assert (
    repeat.summarize(rows, "test") == "f1 0.6500 +- 0.0707 over 2 seed(s), runs 0.5000 to 0.8000"
  )
  assert "+-" not in repeat.summarize(rows[:2], "test")


@pytest.mark.parametrize(
  ("row", "line"),
  [
    (
      {"seed": 3, "fold": "", "cpu": 2.4, "test": {"f1": 0.51, "precision": 0.3}},
      "seed 3  test f1 0.5100  2 s of CPU time",
    ),
    (
      {"seed": 1, "fold": "2/5", "cpu": None, "dev": {"accuracy": 0.25}, "test": {"accuracy": 1.0}},
      "seed 1  fold 2/5  dev accuracy 0.2500  test accuracy 1.0000  finished before",
    ),
  ],
)
def test_a_line_has_the_first_score_of_each_part(row, line):
  assert repeat.format_row(row) == line


def test_settings_are_handed_on_to_finetune():
  arguments = [
    "--seeds=2",
    "--config=a.py",
    "--config.dim=4",
    "--noconfig.lowercase",
    "--configs=1",
  ]
  assert repeat.config_arguments(arguments) == arguments[1:4]


@pytest.mark.slow
def test_runs_of_older_spellings_count_as_finished(tmp_path):
  arguments = (
    f"--config={CONFIG}",
    "--config.dim=4",
    "--config.epochs=1",
    "--seeds=1",
    f"--config.train={texts(tmp_path / 'train')}",
    f"--config.test={tmp_path / 'train'}",
    f"--workdir={tmp_path / 'runs'}",
  )
  first = run_program("repeat", *arguments, "--config.ngram_buckets=100")
  assert first.returncode == 0, first.stderr
  path = tmp_path / "runs" / "1" / "config.json"
  path.write_text(path.read_text().replace("ngram_buckets", "buckets"))
  second = run_program("repeat", *arguments, "--config.buckets=100")
  assert "finished before" in second.stdout
  assert "note: the key 'buckets' is now called 'ngram_buckets'" in second.stderr


@pytest.mark.parametrize(
  "arguments,said",
  [
    (("--folds=10", "--config.test=a"), "--folds=10 with test='a'"),
    ((), "--folds=0 with test=''"),
    (("--config.nothing=1",), "there is no key 'nothing'"),
    (("--seeds=0",), "seeds"),
  ],
)
def test_bad_flags_are_one_line(tmp_path, arguments, said):
  done = run_program("repeat", f"--workdir={tmp_path / 'runs'}", *arguments)
  assert (
    done.returncode == 2 and said in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr
  )
