"""word2vec and fastText as a user runs them: resuming, continued training on new text, errors."""

import json
import random
import shutil

import numpy as np
import pytest
from running import kill_after_checkpoint, pretrain_command, run

from glove_jax import vector_files
from glove_jax.interop import fasttext

SMALL = (
  "dim=8",
  "window=3",
  "min_count=1",
  "epochs=2",
  "batch_size=128",
  "updates_per_step=2",
  "block_size=8",
  "shared_negatives=4",
  "sample=0",
  "evaluate=False",
  "log_every=2",
  "save_every=3",
)


def command(workdir, corpus, *overrides, config="word2vec"):
  return pretrain_command(config, workdir, corpus, *SMALL, *overrides)


def pretrain(workdir, corpus, *overrides, config="word2vec"):
  return run(command(workdir, corpus, *overrides, config=config))


def kill_at_the_first_checkpoint(workdir, *arguments, **kwargs):
  kill_after_checkpoint(command(workdir, *arguments, **kwargs), workdir)


def write_text(path, words, documents=60, seed=0):
  rng = random.Random(seed)
  weights = [1 / (i + 1) for i in range(len(words))]
  path.write_text(
    "".join(" ".join(rng.choices(words, weights, k=40)) + "\n" for _ in range(documents))
  )
  return path


@pytest.fixture(scope="module")
def text(tmp_path_factory):
  return write_text(tmp_path_factory.mktemp("corpus") / "text.txt", [f"w{i}" for i in range(50)])


@pytest.fixture(scope="module")
def finished(tmp_path_factory, text):
  workdir = tmp_path_factory.mktemp("run") / "word2vec"
  done = pretrain(workdir, text)
  assert done.returncode == 0, done.stderr
  return workdir


@pytest.mark.slow
def test_a_run_leaves_vectors_and_a_falling_loss(finished):
  vectors = vector_files.load(finished)
  assert vectors.vectors.shape == (50, 8)
  losses = [
    json.loads(line)["loss"] for line in (finished / "metrics.jsonl").read_text().splitlines()
  ]
  assert losses[-1] < losses[0]


@pytest.mark.slow
@pytest.mark.parametrize(
  "kind", [("model=cbow",), ("loss=hs",), ("model=cbow", "loss=hs", "dynamic_window=False")]
)
def test_every_kind_trains(tmp_path, text, kind):
  done = pretrain(tmp_path / "run", text, *kind, "epochs=1")
  assert done.returncode == 0, done.stderr
  assert np.isfinite(vector_files.load(tmp_path / "run").vectors).all()


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_killed_and_started_again_gives_the_same_bytes(tmp_path, text, finished, loss):
  whole = finished
  if loss == "hs":
    whole = tmp_path / "whole"
    assert pretrain(whole, text, "loss=hs").returncode == 0
  kill_at_the_first_checkpoint(tmp_path / "run", text, f"loss={loss}")
  done = pretrain(tmp_path / "run", text, f"loss={loss}")
  assert done.returncode == 0, done.stderr
  assert "resumed" in done.stdout
  assert (tmp_path / "run" / "vectors.txt").read_bytes() == (whole / "vectors.txt").read_bytes()


@pytest.mark.slow
def test_fasttext_killed_and_started_again_gives_the_same_bytes_and_knows_unseen_words(
  tmp_path, text
):
  small = ("ngram_buckets=200", "model=cbow")
  done = pretrain(tmp_path / "whole", text, *small, config="fasttext")
  assert done.returncode == 0, done.stderr
  kill_at_the_first_checkpoint(tmp_path / "run", text, *small, config="fasttext")
  assert pretrain(tmp_path / "run", text, *small, config="fasttext").returncode == 0
  for name in ("vectors.txt", "model.bin"):
    assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
  model, vectors = (
    fasttext.load(tmp_path / "run" / "model.bin"),
    vector_files.load(tmp_path / "run"),
  )
  np.testing.assert_allclose(fasttext.vector(model, "w7"), vectors["w7"], rtol=1e-4, atol=1e-6)
  assert np.linalg.norm(fasttext.vector(model, "w77777")) > 0


@pytest.mark.slow
def test_new_text_and_a_vocabulary_that_grows(tmp_path, finished):
  new = write_text(
    tmp_path / "new.txt", [f"w{i}" for i in range(20)] + [f"new{i}" for i in range(10)], documents=5
  )
  done = pretrain(tmp_path / "run", new, f"init={finished}", "grow=True", "learning_rate=1e-9")
  assert done.returncode == 0, done.stderr
  assert "50 of 60 words from" in done.stdout
  before, after = vector_files.load(finished), vector_files.load(tmp_path / "run")
  assert len(after) == 60
  np.testing.assert_allclose(after[list(before.words)], before.vectors, atol=1e-6)
  assert pretrain(tmp_path / "other", new, f"init={finished}").returncode == 0
  assert len(vector_files.load(tmp_path / "other")) == 30


@pytest.mark.slow
def test_fasttext_goes_on_with_new_text_and_a_vocabulary_that_grows(tmp_path, text):
  small = ("ngram_buckets=300", "dim=6")
  assert pretrain(tmp_path / "old", text, *small, config="fasttext").returncode == 0
  new = write_text(
    tmp_path / "new.txt", [f"w{i}" for i in range(20)] + [f"new{i}" for i in range(10)], documents=5
  )
  done = pretrain(
    tmp_path / "run",
    new,
    *small,
    f"init={tmp_path / 'old'}",
    "grow=True",
    "learning_rate=1e-9",
    config="fasttext",
  )
  assert done.returncode == 0, done.stderr
  assert "50 of 60 words from" in done.stdout
  before, after = (fasttext.load(tmp_path / name / "model.bin") for name in ("old", "run"))
  for word in ("w3", "w49", "unheard"):
    np.testing.assert_allclose(
      fasttext.vector(after, word), fasttext.vector(before, word), atol=1e-6
    )
  done = pretrain(
    tmp_path / "other",
    new,
    "ngram_buckets=299",
    "dim=6",
    f"init={tmp_path / 'old'}",
    config="fasttext",
  )
  assert done.returncode == 2 and "has ngram_buckets=300, expected the values" in done.stderr


@pytest.mark.slow
def test_start_from_a_file(tmp_path, text, finished):
  done = pretrain(tmp_path / "run", text, f"init={finished / 'vectors.txt'}", "learning_rate=1e-9")
  assert done.returncode == 0, done.stderr
  before, after = vector_files.load(finished), vector_files.load(tmp_path / "run")
  np.testing.assert_allclose(after.vectors, before.vectors, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("config", ["word2vec", "glove_als"])
def test_phrases_are_words_also_when_the_run_is_resumed(tmp_path, config):
  text = tmp_path / "text.txt"
  rng = random.Random(0)
  text.write_text(
    "".join(
      " ".join(rng.choice(["new york", "x", "y", "z", "v", "w"]) for _ in range(30)) + "\n"
      for _ in range(60)
    )
  )
  settings = (
    "phrases=2",
    "phrase_threshold=1.5",
    "dim=4",
    "epochs=1",
    "evaluate=False",
    "min_count=1",
  )
  command = pretrain_command(config, tmp_path / "run", text, *settings)
  done = run(command)
  assert done.returncode == 0, done.stderr
  words = vector_files.load(tmp_path / "run").words
  assert "new_york" in words
  assert (tmp_path / "run" / "phrases.txt").read_text().startswith("new york ")
  before = (tmp_path / "run" / "vectors.txt").read_bytes()
  # as after a crash before the text was numbered
  for name in ("ids", "cooccurrence", "packed", "checkpoints"):
    shutil.rmtree(tmp_path / "run" / name, ignore_errors=True)
  assert run(command).returncode == 0
  assert (tmp_path / "run" / "vectors.txt").read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize(
  "setting,message",
  [
    ("sample=1e-30", "keeps no word"),
    ("method=glove", "configs/glove.py"),
    ("block=0", "block_size=0, expected at least 1"),
  ],
)
def test_bad_settings_are_one_line(tmp_path, text, setting, message):
  done = pretrain(tmp_path / "run", text, setting)
  assert done.returncode == 2, done.stderr
  assert message in done.stderr.splitlines()[-1]
  assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_settings_of_phrases_are_looked_at_before_the_text_is_read(tmp_path):
  done = pretrain(tmp_path / "run", tmp_path / "missing.txt", "phrases=1", "phrase_score=npmi")
  assert done.returncode == 2 and "from -1 to below 1 for npmi" in done.stderr
