"""report.py: its errors, and a page of runs that were really trained."""

import json
import subprocess
import sys

import numpy as np
import pytest
from running import ENV, ROOT, run_program

import report
from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors
from tools.report import run_files

pytest.importorskip("jinja2", reason="needs the extra report")
pytest.importorskip("vl_convert", reason="needs the extra report")


def write_vectors(folder, *, method="glove", words=("a", "b", "c"), seed=1):
  folder.mkdir(parents=True)
  settings = {"method": method, "corpus": "x", "seed": seed}
  (folder / "config.json").write_text(json.dumps(settings))
  matrix = np.random.default_rng(seed).normal(size=(len(words), 4))
  WordVectors(list(words), matrix).save(folder / "vectors.txt")
  return folder


@pytest.fixture
def flags(monkeypatch):
  """The flags that the functions of the program read."""
  values = type("Flags", (), {"words": 2, "evaluate": False})
  monkeypatch.setattr(report, "FLAGS", values)
  return values


def test_the_first_words_are_in_the_map(tmp_path, flags):
  run = run_files.read(write_vectors(tmp_path / "a"), "a")
  runs, vectors = report.with_vectors([run])
  assert runs[0].scores == {}
  assert vectors["a"].words == ["a", "b"]
  flags.words = 0
  assert report.with_vectors([run])[1] == {}


def test_damaged_vectors_are_a_note(tmp_path, flags):
  folder = write_vectors(tmp_path / "a")
  (folder / "vectors.txt").write_text("a 1 2\nb 1\n")
  (run,), vectors = report.with_vectors([run_files.read(folder, "a")])
  assert not vectors
  assert "vectors.txt:2" in run.notes[0]


def test_scores_say_on_how_many_questions_they_rest(monkeypatch):
  scores = {
    "similarity": {"ws353": {"spearman": 0.5, "pairs": 3, "of": 9}},
    "analogy": {"total": {"accuracy": 0.25, "questions": 4, "of": 1000},
                "semantic": {"accuracy": 0.0, "questions": 0, "of": 10}},
  }  # fmt: skip
  monkeypatch.setattr(report.intrinsic, "evaluate", lambda vectors: scores)
  assert report.evaluate(WordVectors(["a"], np.ones((1, 2)))) == {
    "similarity": {"ws353 (3 of 9 pairs)": 0.5}, "analogies": {"total (4 of 1,000)": 0.25},
  }  # fmt: skip


def test_a_missing_package_is_one_line(monkeypatch):
  monkeypatch.setattr(report, "_PACKAGES", {"no_such_module": "some-package"})
  with pytest.raises(InputError, match=r"needs some-package: .* -m pip install -e '\.\[report\]'"):
    report.check_packages()


def test_a_folder_that_is_no_run_is_one_line(tmp_path):
  done = run_program("report", f"--workdirs={tmp_path}", f"--output={tmp_path}/a.html")
  assert done.returncode == 2
  assert done.stderr == f"error: {tmp_path}: has no config.json, expected the workdir of a run.\n"
  assert not (tmp_path / "a.html").exists()


TRAINING = """
import pathlib, sys
import glove_jax as gj
folder = pathlib.Path(sys.argv[1])
texts = ["the fine film is <b>fine</b>", "the dull film is dull", "a fine & warm book"] * 20
labels = ["<good>", "bad", "<good>"] * 20
test = (["a fine film & book"] * 2, ["<good>", "bad"])  # whatever is predicted, one is wrong
corpus = [*texts, *["angela merkel in paris in spring"] * 20]
for seed in (1, 2):
  words = folder / f"words-{seed}"
  gj.pretrain(corpus, method="ppmi_svd", dim=4 + seed, min_count=1, workdir=words)
  gj.finetune((texts, labels), test=test, method="averaged", init=folder / f"words-1",
              seed=seed, workdir=folder / f"labels-{seed}")
sentences = [["Angela", "Merkel", "in", "Paris"], ["Paris", "in", "spring"]] * 20
tags = [["B-PER", "I-PER", "O", "B-LOC"], ["B-LOC", "O", "O"]] * 20
gj.finetune((sentences, tags), test=(sentences[:2], tags[:2]), task="tag", init=folder / "words-1",
            epochs=2, encoder="bag", use_crf=False, char_filters=0, workdir=folder / "tags")
"""


@pytest.mark.slow
def test_runs_that_were_trained(tmp_path):
  subprocess.run([sys.executable, "-c", TRAINING, tmp_path], cwd=ROOT, env=ENV, check=True)
  (tmp_path / "broken").mkdir()
  (tmp_path / "broken" / "config.json").write_text("{")
  write_vectors(tmp_path / "unfinished").joinpath("vectors.txt").unlink()
  output = tmp_path / "report.html"
  done = run_program("report", f"--workdirs={tmp_path}/*", f"--output={output}")
  assert done.returncode == 0, done.stderr
  assert "7 runs, 5 configurations" in done.stdout
  text = output.read_text()
  for title in ("Word vectors", "Classifiers", "Taggers", "Word map", "What moved most"):
    assert f">{title}</h" in text
  assert "A averaged: wrong on test</bdi>: 1 of 2" in text
  assert "film &amp; book</td>" in text and "&lt;good&gt;" in text
  assert "mistakes in " in text and '<span class="type">PER' in text
  assert "broken/config.json: not JSON" in text
  assert "Not finished" in text
  assert "cannot be shown" not in text
