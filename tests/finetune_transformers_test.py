"""`finetune.py` on pretrained transformers: texts, pairs, words, adapters, and prediction."""

import json
import random
import subprocess

import finetuning_data
import jax
import numpy as np
import pytest
from running import ENV, experiment_command, kill_after_checkpoint, run

from glove_jax.interop import huggingface


@pytest.fixture(scope="module")
def files(tmp_path_factory):
  """Texts of all kinds, a BERT and a GPT, small and random."""
  return finetuning_data.write_transformer_tasks(tmp_path_factory.mktemp("transformers"))


def parts(files, end):
  return tuple(f"{part}={files / f'{part}.{end}'}" for part in ("train", "dev", "test"))


SMALL = (
  "batch_size=16",
  "length_buckets=1",
  "layer_dropout=0",
  "dropout=0",
  "learning_rate=0.01",
  "log_every=5",
)


def finetune(config, workdir, *settings):
  done = run(experiment_command("finetune", config, workdir, *settings))
  assert done.returncode == 0, done.stderr
  return json.loads((workdir / "metrics.json").read_text())


STRATEGIES = {
  "pairs": (
    "bert",
    "pairs",
    (
      "epochs=12",
      "layer_decay=0.8",
      "unfreeze_after=embed=1",
      "ema_decay=0.9",
      "pooling=mean_max",
      "word_dropout=0.05",
    ),
  ),
  "adapters": (
    "bert",
    "txt",
    (
      "lora_rank=4",
      "schedule=cosine",
      "class_weights=balanced",
      "mixup=0.2",
      "label_smoothing=0.1",
    ),
  ),
  "gpt": ("gpt", "txt", ("pooling=last", "max_length=16")),
}


@pytest.mark.slow
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_learns_and_labels_new_texts(tmp_path, files, strategy):
  kind, end, settings = STRATEGIES[strategy]
  metrics = finetune(
    "bert_classify", tmp_path, f"init={files / kind}", *parts(files, end), *SMALL, *settings
  )
  assert metrics["test"]["accuracy"] > 0.8
  new, answers = tmp_path / "new.txt", {"w1 good": "good", "bad w2": "bad"}
  if end == "pairs":
    answers = {"good w1\tw1 bad": "bad", "bad w2\tw2 good": "good"}
  new.write_text("".join(line + "\n" for line in answers))
  finetune("bert_classify", tmp_path, f"predict={new}")
  if metrics["test"]["accuracy"] == 1:
    assert (tmp_path / "predicted.txt").read_text() == "".join(
      f"{label}\t{line}\n" for line, label in answers.items()
    )
  if strategy == "gpt":  # which leaves, and labels texts as it did
    finetune("bert_classify", tmp_path, f"export={tmp_path / 'exported'}")
    config = json.loads((tmp_path / "exported" / "config.json").read_text())
    assert config["architectures"] == ["GPT2ForSequenceClassification"]
    labels = tmp_path / "labels.txt"
    keys = (f"predict={new}", f"predictions={labels}")
    done = run(experiment_command("finetune", "bert_classify", tmp_path / "exported", *keys))
    assert done.returncode == 0, done.stderr
    assert labels.read_text() == (tmp_path / "predicted.txt").read_text()


@pytest.mark.slow
def test_a_tagger_learns_from_its_own_pretraining_and_from_a_finetuned_run(tmp_path, files):
  (tmp_path / "corpus.txt").write_text(
    "\n".join(" ".join(random.Random(i).sample(finetuning_data.WORDS, 6)) for i in range(200))
  )
  command = experiment_command(
    "pretrain",
    "bert",
    tmp_path / "bert",
    f"corpus={tmp_path / 'corpus.txt'}",
    "layers=1",
    "dim=16",
    "heads=2",
    "window=16",
    "max_vocab=60",
    "batch_size=8",
    "steps=10",
  )
  assert run(command).returncode == 0
  settings = (*parts(files, "conll"), *SMALL, "epochs=10")
  metrics = finetune("bert_tag", tmp_path / "one", f"init={tmp_path / 'bert'}", *settings)
  assert metrics["test"]["f1"] > 0.8
  metrics = finetune(
    "bert_tag", tmp_path / "two", f"init={tmp_path / 'one'}", *settings, "use_crf=False"
  )
  assert metrics["test"]["f1"] > 0.8


@pytest.mark.slow
def test_killed_and_started_again_gives_the_same_bytes(tmp_path, files):
  settings = (
    f"init={files / 'bert'}",
    *parts(files, "conll"),
    *SMALL,
    "layer_dropout=0.1",
    "dropout=0.1",
    "char_filters=4",
    "char_dim=4",
    "layer_decay=0.9",
    "ema_decay=0.9",
    "save_every=20",
    "epochs=8",
  )
  finetune("bert_tag", tmp_path / "whole", *settings)
  killed = tmp_path / "killed"
  kill_after_checkpoint(
    experiment_command("finetune", "bert_tag", killed, *settings), killed, number=2
  )
  assert not (killed / "metrics.json").exists()
  finetune("bert_tag", killed, *settings)
  for name in ("metrics.json", "encoder/model.safetensors", "lexicon.json"):
    assert (killed / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.slow
def test_eight_devices_learn_what_one_does(tmp_path, files):
  settings = (
    f"init={files / 'bert'}",
    *parts(files, "pairs"),
    *SMALL,
    "epochs=2",
    "optimizer=momentum",
    "layer_decay=0.9",
  )
  for devices in ("1", "8"):
    command = experiment_command("finetune", "bert_classify", tmp_path / devices, *settings)
    subprocess.run(
      command, env={**ENV, "JAX_NUM_CPU_DEVICES": devices}, check=True, capture_output=True
    )
  one, eight = (huggingface.load(tmp_path / devices / "encoder").params for devices in ("1", "8"))
  jax.tree.map(lambda left, right: np.testing.assert_allclose(left, right, atol=1e-4), one, eight)
