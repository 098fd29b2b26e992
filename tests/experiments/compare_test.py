"""compare.py on a small text: a row a method, every seed's scores, a picture."""

import json
import os
import pathlib
import random
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENV = {**os.environ, "JAX_PLATFORMS": "cpu", "GLOVE_JAX_DATA": "/nowhere"}


def compare(*arguments):
  return subprocess.run([sys.executable, ROOT / "experiments" / "compare.py", *arguments], env=ENV, capture_output=True,
                        text=True)


@pytest.mark.slow
def test_all_methods_are_trained_on_the_same_tokens(tmp_path):
  pytest.importorskip("matplotlib")
  rng = random.Random(0)
  words = ["king", "queen", "man", "woman", *(f"w{i}" for i in range(60))]
  (tmp_path / "text.txt").write_text("".join(" ".join(rng.choices(words, k=40)) + "\n" for _ in range(200)))
  methods = ["glove_als", "glove", "skipgram", "cbow", "skipgram_hs", "cbow_hs", "fasttext", "ppmi_svd"]
  done = compare(f"--corpus={tmp_path / 'text.txt'}", f"--methods={','.join(methods)}", "--dim=8", "--seeds=2",
                 "--settings=epochs=1", f"--json={tmp_path / 'rows.json'}", f"--plot={tmp_path / 'plot.png'}")
  assert done.returncode == 0, done.stderr
  rows = json.loads((tmp_path / "rows.json").read_text())
  assert [row["method"] for row in rows] == methods
  assert {row["tokens"] for row in rows} == {8000}
  assert all(len(values) == 2 for row in rows for values in row["scores"].values())
  assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_an_unknown_method_is_one_line(tmp_path):
  done = compare("--corpus=sample", "--methods=bert")
  assert done.returncode == 2
  assert "method 'bert' is unknown" in done.stderr.splitlines()[-1]
