"""compare.py on a small text: a row a method, every seed's scores, a picture."""

import json
import random

import pytest
from running import ENV, run_program

METHODS = [
  "glove_als",
  "glove",
  "skipgram",
  "cbow",
  "skipgram_hs",
  "cbow_hs",
  "fasttext",
  "ppmi_svd",
]
WORDS = ["king", "queen", "man", "woman"]


def write_evaluation_sets(folder):
  """Writes sets of questions about the words of the text."""
  folder.mkdir(parents=True)
  (folder / "questions-words.txt").write_text(": family\nking queen man woman\n")
  (folder / "EN-WS-353-ALL.txt").write_text("king queen 9\nman woman 8\nking woman 2\n")
  (folder / "EN-RG-65.txt").write_text("king queen 9\nman woman 8\nking woman 2\n")


@pytest.mark.slow
def test_all_methods_are_trained_on_the_same_tokens_and_scored(tmp_path):
  pytest.importorskip("matplotlib")
  rng = random.Random(0)
  words = [*WORDS, *(f"w{i}" for i in range(60))]
  lines = [" ".join(rng.choices(words, k=40)) + "\n" for _ in range(200)]
  (tmp_path / "text.txt").write_text("".join(lines))
  write_evaluation_sets(tmp_path / "data" / "intrinsic" / "en")
  done = run_program(
    "compare",
    f"--corpus={tmp_path / 'text.txt'}",
    f"--methods={','.join(METHODS)}",
    "--dim=8",
    "--seeds=2",
    "--settings=epochs=1",
    f"--json={tmp_path / 'rows.json'}",
    f"--plot={tmp_path / 'plot.png'}",
    environment={**ENV, "GLOVE_JAX_DATA": tmp_path / "data"},
  )
  assert done.returncode == 0, done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [row["method"] for row in rows] == METHODS
  assert [line.split()[0] for line in done.stdout.splitlines()] == ["method", *METHODS]
  for row in rows:
    assert row["tokens"] == 8000 and row["dim"] == 8
    assert set(row["scores"]) == {"analogies", "EN-WS-353-ALL"}
    assert all(len(values) == 2 for values in row["scores"].values())
    assert all(score in (0, 100) for score in row["scores"]["analogies"])
    assert all(-1 <= score <= 1 for score in row["scores"]["EN-WS-353-ALL"])
    assert row["wall"] > 0 and row["cpu"] > 0 and 0.05 < row["peak_gb"] < 5
  # Not one number for all methods and seeds.
  assert len({tuple(row["scores"]["EN-WS-353-ALL"]) for row in rows}) > 1
  assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
  ("flags", "message"),
  [
    (["--methods=bert"], "method 'bert' is unknown"),
    (["--plot=a.nothing"], "--plot=a.nothing: expected a name that ends in one of"),
    (["--methods=glove", "--settings=nothing=1"], "there is no key 'nothing'"),
  ],
)
def test_mistakes_are_one_line(flags, message):
  done = run_program("compare", "--corpus=sample", *flags)
  assert done.returncode == 2
  assert message in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr


def test_the_corpus_is_required():
  done = run_program("compare")
  message = "error: --corpus=… is required; --help shows an example\n"
  assert (done.returncode, done.stderr) == (2, message)
