"""Runs of pretrain.py and finetune.py: their command lines, and what is read from their folders."""

import json
import pathlib

import numpy as np
import pytest
from running import run

from glove_jax import vector_files
from glove_jax.word_vectors import WordVectors
from tools import training_runs
from tools.measure import Measurement


def write_metrics(folder, epochs, records):
  (folder / "config.json").write_text(json.dumps({"epochs": epochs}))
  (folder / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))


def write_evaluation_sets(folder):
  folder.mkdir(parents=True)
  (folder / "EN-WS-353-ALL.txt").write_text("king queen 9\nman woman 8\nking woman 2\n")
  (folder / "EN-SIMLEX-999.txt").write_text("x y 1\n")
  (folder / "EN-RG-65.txt").write_text("king queen 9\nman woman 8\nking woman 2\n")
  (folder / "questions-words.txt").write_text(": family\nking queen man woman\nx y man woman\n")


def test_a_command_names_the_config_with_its_argument():
  done = run([*training_runs.command("pretrain", "word2vec:cbow", "a", ["dim=4"]), "--help"])
  assert done.returncode == 0
  assert "batch_size=2048" in done.stdout
  command = training_runs.command("finetune", "tag:characters", "runs/a", ["dim=4", "dim=5"])
  assert pathlib.Path(command[1]).name == "finetune.py" and pathlib.Path(command[1]).exists()
  assert command[2].endswith("configs/tag.py:characters")
  assert command[3:] == ["--workdir=runs/a", "--config.dim=4", "--config.dim=5"]


def test_recipes_have_configs_of_pretraining():
  for config, *_ in training_runs.RECIPES.values():
    path = training_runs.command("pretrain", config, "a", [])[2].removeprefix("--config=")
    assert pathlib.Path(path.partition(":")[0]).exists()


def test_runs_differ_by_seed_and_leave_nothing(monkeypatch, tmp_path):
  calls = []

  def pretrain(config, corpus, workdir, settings):
    calls.append((config, corpus, settings))
    workdir.mkdir()
    (workdir / "vectors.txt").write_text("a 1\n")
    return Measurement(1.0, 2.0, 3.0)

  monkeypatch.setattr(training_runs, "pretrain", pretrain)
  monkeypatch.setattr(training_runs, "intrinsic_scores", lambda path: {"size": path.stat().st_size})
  runs = training_runs.scored_runs("cbow_hs", "text", tmp_path, seeds=2, settings=["dim=3"])
  assert calls == [
    ("word2vec:cbow", "text", ["loss=hs", "dim=3", "seed=1"]),
    ("word2vec:cbow", "text", ["loss=hs", "dim=3", "seed=2"])]
  assert [run.scores for run in runs] == [{"size": 4}, {"size": 4}]
  assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("epochs", "records", "seconds"), [
  (2, [(1, 9.0), (2, 10.0), (3, 11.0), (4, 12.0)], 2.0),  # the first step compiles
  (2, [(2, 10.0), (4, 13.0)], 3.0),
  (1, [(1, 9.0), (2, 10.0), (4, 12.0)], 4.0),
  (1, [(4, 12.0)], 12.0)])
def test_an_epoch_takes_what_it_takes_after_the_first(tmp_path, epochs, records, seconds):
  write_metrics(tmp_path, epochs, [{"step": step, "time_s": time} for step, time in records])
  assert training_runs.epoch_seconds(tmp_path) == pytest.approx(seconds)


def test_scores_are_those_of_three_sets_as_far_as_they_cover_anything(monkeypatch, tmp_path):
  write_evaluation_sets(tmp_path / "intrinsic" / "en")
  monkeypatch.setenv("GLOVE_JAX_DATA", str(tmp_path))
  vectors = np.array([[1, 0.1], [1, 0.2], [0, 1.0], [0.1, 1]], np.float32)
  vector_files.save(
    WordVectors(["king", "queen", "man", "woman"], vectors), tmp_path / "vectors.txt")
  scores = training_runs.intrinsic_scores(tmp_path / "vectors.txt")
  assert set(scores) == {"analogies", "EN-WS-353-ALL"}
  assert scores["analogies"] in (0, 100)
  assert scores["EN-WS-353-ALL"] == pytest.approx(1)


def test_the_median_run_has_the_median_of_each_score():
  runs = [Measurement(wall, 1, 1, scores={"a": a}) for wall, a in ((3.0, 5), (1.0, 1), (2.0, 9))]
  median = training_runs.median_run(runs)
  assert (median.wall, median.scores) == (2.0, {"a": 5})


@pytest.mark.slow
def test_a_pretraining_run_is_measured(tmp_path):
  (tmp_path / "text").write_text("the cat sat on the mat\n" * 50)
  run = training_runs.pretrain("glove_als", tmp_path / "text", tmp_path / "run", ["dim=4"])
  assert (run.tokens, run.nonzeros) == (300, 5 * 5 - 5 + 1)
  assert {"vocabulary", "counts", "packed", "training"} <= set(run.stages)
  folders = [tmp_path / "run" / name for name in ("packed", "packed_other_words")]
  packed = sum(path.stat().st_size for folder in folders for path in folder.iterdir())
  assert packed > 1000
  assert run.memory_bound_gb == pytest.approx(1 + (packed + 2 * 5 * 5 * 4) / 1e9, abs=1e-6)
