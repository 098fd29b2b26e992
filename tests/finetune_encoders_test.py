"""`finetune.py` on word vectors: encoders, strategies, early stopping, resuming, prediction."""

import json
import subprocess

import finetuning_data
import numpy as np
import pytest
from running import ENV, experiment_command, kill_after_checkpoint, run

from glove_jax import checkpoint, tree_paths, vector_files
from glove_jax.data.labelled import tagging

SMALL = (
  "epochs=6",
  "batch_size=8",
  "learning_rate=0.02",
  "log_every=5",
  "length_buckets=2",
  "input_dropout=0.1",
  "word_dropout=0.0",
  "ema_decay=0.0",
)
CLASSIFY = (*SMALL, "filters=8", "lstm_size=8", "widths=1,2", "dim=8", "dropout=0.2")
TAG = (*SMALL, "lstm_size=8", "char_filters=4", "char_dim=4", "dropout=0.1", "patience=3", "dim=8")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
  """Texts of both kinds, and vectors that know their words."""
  return finetuning_data.write_word_tasks(tmp_path_factory.mktemp("texts"))


def parts(files, end):
  return tuple(f"{part}={files / f'{part}.{end}'}" for part in ("train", "dev", "test"))


def finetune(config, workdir, *settings):
  done = run(experiment_command("finetune", config, workdir, *settings))
  assert done.returncode == 0, done.stderr
  return done


def scores(workdir):
  return json.loads((workdir / "metrics.json").read_text())


@pytest.mark.slow
def test_a_tagger_learns_keeps_its_best_epoch_and_tags_new_texts(tmp_path, files):
  small = ("encoder=cnn", "widths=3", "filters=20", "length_buckets=1")
  done = finetune(
    "tag", tmp_path, f"init={files / 'vectors.txt'}", *parts(files, "conll"), *TAG, *small
  )
  assert "120 train (" in done.stdout and "coverage" in done.stdout
  metrics = scores(tmp_path)
  assert metrics["test"]["f1"] > 0.8
  assert set(metrics["test"]) == {"f1", "precision", "recall", "types", "baseline"}
  assert (
    set(metrics["test"]["types"]) == {"LOC", "PER"} and "recall" in metrics["test"]["types"]["PER"]
  )
  records = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
  assert metrics["dev"]["f1"] == max(record["dev_f1"] for record in records if "dev_f1" in record)
  plain = tmp_path / "new.txt"
  plain.write_text("w1 Name3 Smith in Town99\n\nw2\n")
  finetune("tag", tmp_path, f"predict={plain}")
  labelled = tagging.read(tmp_path / "predicted.txt")
  assert labelled.sentences == [["w1", "Name3", "Smith", "in", "Town99"], ["w2"]]
  assert labelled.spans[0] == [tagging.Span(1, 3, "PER"), tagging.Span(4, 5, "LOC")]


STRATEGIES = {
  "plain": ("method=bag", "pooling=mean", "patience=0"),
  "cnn": (
    "method=cnn",
    "lr_multipliers=words=0",
    "label_smoothing=0.1",
    "class_weights=balanced",
    "schedule=linear",
    "warmup_epochs=1",
  ),
  "bilstm": (
    "method=bilstm",
    "unfreeze_after=words=2",
    "mixup=0.2",
    "schedule=cosine",
    "pooling=mean_max",
    "ema_decay=0.9",
    "recurrent_dropout=0.1",
    "layers=2",
    "layer_dropout=0.1",
    "clip_norm=5",
  ),
  "eda": (
    "method=cnn",
    "eda=0.1",
    "lr_multipliers=words=0.1,head=2",
    "weight_decay=0.01",
    "schedule=step",
    "word_dropout=0.1",
    "input_dropout=0.1",
    "variational=True",
    "optimizer=momentum",
    "learning_rate=0.1",
  ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_learns_and_labels_words_that_only_the_vectors_know(tmp_path, files, name):
  settings = (*CLASSIFY, *STRATEGIES[name])
  finetune("classify", tmp_path, f"init={files / 'vectors.txt'}", *parts(files, "txt"), *settings)
  assert scores(tmp_path)["test"]["accuracy"] > 0.7
  new = tmp_path / "new.txt"
  new.write_text("w1 good9 w2\nw1 bad9 w2\n")
  finetune("classify", tmp_path, f"predict={new}")
  assert (tmp_path / "predicted.txt").read_text() == "good\tw1 good9 w2\nbad\tw1 bad9 w2\n"


@pytest.mark.slow
def test_frozen_vectors_do_not_move(tmp_path, files):
  settings = (*CLASSIFY, "epochs=1", "lr_multipliers=words=0")
  finetune("classify", tmp_path, f"init={files / 'vectors.txt'}", *parts(files, "txt"), *settings)
  pretrained, words = (
    vector_files.load(files / "vectors.txt"),
    json.loads((tmp_path / "lexicon.json").read_text())["words"],
  )
  table = np.frombuffer(params(tmp_path)["encoder/inputs/words"], np.float32).reshape(-1, 6)
  assert len(table) == len(words) + 2
  for word, row in zip(words, table[2:], strict=True):
    if word in pretrained:
      np.testing.assert_array_equal(row, pretrained[word])


@pytest.mark.slow
def test_eight_devices_learn_what_one_does(tmp_path, files):
  settings = (
    f"init={files / 'vectors.txt'}",
    *parts(files, "conll"),
    *TAG,
    "encoder=cnn",
    "dropout=0.0",
    "input_dropout=0.0",
    "epochs=2",
    "optimizer=momentum",
  )
  for devices in ("1", "8"):
    command = experiment_command("finetune", "tag", tmp_path / devices, *settings)
    subprocess.run(
      command, env={**ENV, "JAX_NUM_CPU_DEVICES": devices}, check=True, capture_output=True
    )
  one, eight = (params(tmp_path / devices) for devices in ("1", "8"))
  for name, numbers in one.items():
    np.testing.assert_allclose(
      np.frombuffer(eight[name], np.float32), np.frombuffer(numbers, np.float32), atol=1e-4
    )


@pytest.mark.slow
def test_averages_and_logistic_regression(tmp_path, files):
  finetune(
    "classify", tmp_path, f"init={files / 'vectors.txt'}", *parts(files, "txt"), "method=averaged"
  )
  assert scores(tmp_path)["test"]["accuracy"] > 0.6
  new = tmp_path / "new.txt"
  new.write_text("good9\nbad9\n")
  finetune("classify", tmp_path, f"predict={new}")
  assert (tmp_path / "predicted.txt").read_text() == "good\tgood9\nbad\tbad9\n"


@pytest.mark.slow
@pytest.mark.parametrize(
  "config, end, settings",
  [
    ("classify", "txt", (*CLASSIFY, *STRATEGIES["bilstm"], "patience=3", "eda=0.1")),
    ("tag", "conll", TAG),
  ],
)
def test_killed_and_started_again_gives_the_same_bytes(tmp_path, files, config, end, settings):
  settings = (f"init={files / 'vectors.txt'}", *parts(files, end), *settings, "save_every=30")
  finetune(config, tmp_path / "whole", *settings)
  killed = tmp_path / "killed"
  kill_after_checkpoint(experiment_command("finetune", config, killed, *settings), killed, number=2)
  assert "resumed" in finetune(config, tmp_path / "killed", *settings).stdout
  for name in ("metrics.json", "lexicon.json"):
    assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
  model = [
    json.loads((tmp_path / run / "model" / "0" / "manifest.json").read_text())
    for run in ("killed", "whole")
  ]
  assert model[0]["leaves"] == model[1]["leaves"] and params(tmp_path / "killed") == params(
    tmp_path / "whole"
  )


def params(workdir):
  """Returns all parameters of a model, as bytes by name."""
  manifest = json.loads((workdir / "model" / "0" / "manifest.json").read_text())["leaves"]
  template = {}
  for name, (shape, kind) in manifest.items():
    if name != "step":
      *path, last = name.split("/")[1:]
      node = template
      for key in path:
        node = node.setdefault(key, {})
      node[last] = np.zeros(shape, kind)
  from glove_jax import train

  restored = checkpoint.restore(workdir / "model", train.TrainState(np.int32(0), template, ()))
  return {name: leaf.tobytes() for name, leaf in tree_paths.named_leaves(restored.params)}


@pytest.mark.slow
@pytest.mark.parametrize(
  "settings, message",
  [
    (("lr_multipliers=words",), "lr_multipliers='words', expected names and numbers"),
    (("clean=htm",), "there is no 'htm'"),
    (("eda=0.1",), "eda=0.1 takes near words"),
    (("method=averaged",), "needs vectors"),
    (("predict=new.txt",), "no finished run"),
    (("fold=1/3",), "fold='1/3' with test="),
    (("test=", "fold=4/3"), "fold='4/3' with test=''"),
    (("widths=3,x",), "widths='3,x'"),
    (("init={}/bad.txt",), "has none of"),
  ],
)
def test_bad_input_is_a_one_line_error_and_leaves_nothing(tmp_path, files, settings, message):
  (tmp_path / "bad.txt").write_text("unheard 1 2\nof 3 4\n")
  settings = tuple(setting.format(tmp_path) for setting in settings)
  done = run(
    experiment_command(
      "finetune", "classify", tmp_path / "run", *parts(files, "txt"), *CLASSIFY, *settings
    )
  )
  assert done.returncode == 2 and message in done.stderr and len(done.stderr.splitlines()) == 1, (
    done.stderr
  )
  assert not (tmp_path / "run").exists()
