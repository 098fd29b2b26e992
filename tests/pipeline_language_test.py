"""BERT and GPT as a user pretrains them: loss, resuming, continued pretraining, bad input."""

import json
import random
import sys

import numpy as np
import pytest
from running import ROOT, kill_after_checkpoint, pretrain_command, run

from glove_jax import vector_files
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.interop import huggingface

SMALL = (
  "dim=16",
  "layers=1",
  "heads=2",
  "context_length=24",
  "max_vocab=270",
  "steps=30",
  "batch_size=8",
  "warmup_steps=2",
  "learning_rate=0.02",
  "log_every=5",
  "save_every=10",
)


def command(config, workdir, corpus, *overrides):
  return pretrain_command(config, workdir, corpus, *SMALL, f"dev={corpus}", *overrides)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
  rng, path = random.Random(0), tmp_path_factory.mktemp("corpus") / "text.txt"
  words = ["the", "cat", "sat", "on", "a", "mat"]
  path.write_text("".join(" ".join(rng.choices(words, k=9)) + "\n" for _ in range(99)))
  return path


@pytest.fixture(scope="module", params=["bert", "gpt"])
def finished(request, tmp_path_factory, text):
  workdir = tmp_path_factory.mktemp("run") / request.param
  done = run(command(request.param, workdir, text))
  assert done.returncode == 0, done.stderr
  return request.param, workdir


@pytest.mark.slow
def test_a_run_leaves_a_falling_loss_and_a_model(finished):
  _, workdir = finished
  records = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
  losses = [record["loss"] for record in records if "loss" in record]
  assert losses[-1] < 0.7 * losses[0]
  assert records[-1]["held_out_perplexity"] == pytest.approx(np.exp(records[-1]["held_out_loss"]))
  model = huggingface.load(workdir / "model")
  assert model.config.vocab_size == subword_tokenizers.load(workdir / "model").get_vocab_size()


@pytest.mark.slow
def test_killed_and_started_again_gives_the_same_bytes(finished, tmp_path, text):
  config, workdir = finished
  kill_after_checkpoint(command(config, tmp_path / "run", text), tmp_path / "run")
  done = run(command(config, tmp_path / "run", text))
  assert done.returncode == 0 and "resumed" in done.stdout, done.stderr
  for name in ("model/model.safetensors", "tokenizer.json"):
    assert (tmp_path / "run" / name).read_bytes() == (workdir / name).read_bytes()


@pytest.mark.slow
def test_a_run_goes_on_from_another(finished, tmp_path, text):
  config, workdir = finished
  settings = (f"init={workdir}", "learning_rate=1e-9", "steps=1")
  done = run(command(config, tmp_path / "run", text, *settings))
  assert done.returncode == 0, done.stderr
  assert (tmp_path / "run" / "tokenizer.json").read_bytes() == (
    workdir / "tokenizer.json"
  ).read_bytes()
  before, after = (
    [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()][-1]
    for folder in (workdir, tmp_path / "run")
  )
  assert after["held_out_loss"] == pytest.approx(before["held_out_loss"], rel=1e-4)


@pytest.mark.slow
def test_a_run_writes_text_or_gives_vectors(finished):
  config, workdir = finished
  write = [
    sys.executable,
    str(ROOT / "experiments" / "generate.py"),
    f"--model={workdir}",
    "--max_new_tokens=5",
    "--prompt=the cat",
    "--prompt=a",
    "--temperature=0",
  ]
  done = run(write)
  if config == "bert":
    assert done.returncode == 2 and "expected a GPT to write text" in done.stderr
  else:
    first, second = done.stdout.rstrip("\n").split("\n\n")
    assert first.startswith("the cat") and second.startswith("a") and len(first) > len("the cat")
    assert run([*write, "--top_p=2"]).returncode == 2
    with pytest.raises(InputError, match="expected a BERT for vectors"):
      vector_files.load(workdir)
    return
  vectors = vector_files.load(workdir)
  assert vectors.dim == 16 and {"cat", "mat"} <= set(vectors.words)
  (workdir / "pairs.txt").write_text("cat mat 3\ncat sat 2\nmat cat-like 1\n")
  done = run(
    [
      sys.executable,
      str(ROOT / "experiments" / "evaluate.py"),
      f"--vectors={workdir}",
      "--analogies=",
      f"--similarity={workdir / 'pairs.txt'}",
      "--compose",
    ]
  )
  assert done.returncode == 0 and "pairs" in done.stdout, done.stderr
  compose = vector_files.composer(workdir)
  np.testing.assert_allclose(compose("cat"), vectors["cat"], atol=1e-5)
  assert np.abs(compose("the cat sat") - vectors["cat"]).max() > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(
  "config,setting,message",
  [
    ("bert", ("init=a", "vectors=b"), "init=a and vectors=b"),
    ("bert", "sample=-1.0", "mask_subsample=-1.0, expected at least 0"),
    ("bert", "tokenizer=bpe", "no [MASK]"),
    ("gpt", "heads=3", "multiple of heads=3"),
  ],
)
def test_bad_settings_are_one_line(tmp_path, text, config, setting, message):
  done = run(
    command(config, tmp_path / "run", text, *([setting] if isinstance(setting, str) else setting))
  )
  assert done.returncode == 2, done.stderr
  assert message in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr
