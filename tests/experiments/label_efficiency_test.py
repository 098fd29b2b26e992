"""label_efficiency.py on few texts: a row for each start and number of labels."""

import json
import subprocess
import sys

import pytest
from running import ENV, ROOT


def efficiency(*arguments):
  return subprocess.run([sys.executable, ROOT / "experiments" / "label_efficiency.py", *arguments], env=ENV,
                        capture_output=True, text=True)


@pytest.mark.slow
def test_known_vectors_need_fewer_labels(tmp_path):
  pytest.importorskip("matplotlib")
  words = {label: [f"{label}{i}" for i in range(30)] for label in ("bad", "good")}
  for part, start in (("train", 0), ("dev", 10), ("test", 20)):
    lines = [f"{label} {word}\n" for label, own in words.items() for word in own[start : start + 10]]
    (tmp_path / part).write_text("".join(lines))
  every = enumerate([*words["bad"], *words["good"]])
  rows = [f"{word} {1 if word[0] == 'g' else -1} {i % 3} 0.5\n" for i, word in every]
  (tmp_path / "vectors.txt").write_text("".join(rows))
  done = efficiency(
    *(f"--{part}={tmp_path / part}" for part in ("train", "dev", "test")), f"--inits=random,{tmp_path / 'vectors.txt'}",
    "--labels=8,0", "--seeds=1", f"--json={tmp_path / 'rows.json'}", f"--plot={tmp_path / 'plot.png'}", "--updates=20",
    "--settings=dim=3,filters=8,widths=1,learning_rate=0.05,epochs=8,dropout=0.0,input_dropout=0.0")
  assert done.returncode == 0, done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [(row["init"] == "random", row["labels"], len(row["scores"])) for row in rows] == [
    (True, 8, 1), (True, 0, 1), (False, 8, 1), (False, 0, 1)]
  assert min(rows[3]["scores"]) > max(rows[1]["scores"])
  assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_bad_numbers_are_one_line():
  done = efficiency("--train=a", "--dev=b", "--test=c", "--labels=10,many")
  assert done.returncode == 2 and "--labels has 'many'" in done.stderr.splitlines()[-1]
