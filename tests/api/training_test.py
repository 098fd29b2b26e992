"""`pretrain` and `finetune` turn their arguments into settings; training is replaced by a stub."""

import pathlib

import numpy as np
import pytest

from glove_jax import finetuning, pretraining, temporary_folders
from glove_jax.api import loading, training
from glove_jax.errors import InputError
from glove_jax.finetuning import Finetuned, Scores
from glove_jax.word_vectors import WordVectors

VECTORS = WordVectors(["a", "b"], np.eye(2, dtype=np.float32))
PAIR = (["a", "b"], ["x", "y"])


class Runs:
  """Records the settings and the folder of each run."""

  def __init__(self, result=None):
    self.result = result

  def __call__(self, settings, folder):
    self.settings = settings
    self.folder = folder
    return self.result


@pytest.fixture
def finetuned(monkeypatch):
  scores = {"dev": Scores({"accuracy": 0.5}, "a table")}
  runs = Runs(Finetuned({}, None, scores))
  monkeypatch.setattr(finetuning, "run", runs)
  monkeypatch.setattr(loading, "load_predictor", lambda folder, temporary: (folder, temporary))
  return runs


def test_pretraining_passes_settings_and_returns_vectors(monkeypatch, tmp_path):
  runs = Runs(VECTORS)
  monkeypatch.setattr(pretraining, "run", runs)
  result = training.pretrain(["a b", "b a"], "word2vec", workdir=tmp_path, init="v.txt", dim=7)
  assert result is VECTORS
  assert (runs.settings.method, runs.settings.dim, runs.settings.init) == ("word2vec", 7, "v.txt")
  assert pathlib.Path(runs.settings.corpus).read_text() == "a b\nb a\n"
  assert runs.folder == tmp_path


def test_pretraining_a_transformer_returns_a_language_model(monkeypatch, tmp_path):
  monkeypatch.setattr(pretraining, "run", Runs())
  monkeypatch.setattr(loading, "load_language_model", lambda folder, temporary: folder)
  assert training.pretrain("text.txt", "bert", workdir=tmp_path) == tmp_path / "model"


def test_scores_are_printed_unless_the_call_is_silent(finetuned, tmp_path, capfd):
  training.finetune(PAIR, workdir=tmp_path)
  assert capfd.readouterr().out == "dev        accuracy 0.5000\n"
  training.finetune(PAIR, workdir=tmp_path, verbose=False)
  assert not capfd.readouterr().out


def test_a_run_without_a_workdir_is_in_a_temporary_folder(finetuned):
  folder, temporary = training.finetune(PAIR)
  assert temporary_folders.contains(folder)
  assert finetuned.folder == folder == pathlib.Path(temporary.name)
  assert folder.is_dir()
  temporary.cleanup()
  assert not folder.exists()


def test_parts_become_files_of_the_workdir(finetuned, tmp_path):
  training.finetune(PAIR, dev=PAIR, test="test.tsv", workdir=tmp_path, epochs=3)
  settings = finetuned.settings
  assert settings.epochs == 3
  assert settings.test == "test.tsv"
  for part in (settings.train, settings.dev):
    assert pathlib.Path(part).is_relative_to(tmp_path)
  training.finetune(([["a"]], [["O"]]), task="tag", workdir=tmp_path)
  assert finetuned.settings.train.endswith(".conll")


@pytest.mark.parametrize(
  "task, init, method",
  [
    ("classify", None, "cnn"),
    ("tag", None, "tagger"),
    ("classify", VECTORS, "cnn"),
    ("tag", "vectors.txt", "tagger"),
    ("classify", "bert", "transformer"),
    ("tag", "bert", "transformer_tagger"),
  ],
)
def test_the_method_follows_the_task_and_the_init(
  task, init, method, finetuned, model_folders, tmp_path
):
  if init == "bert":
    init = loading.load(model_folders / "bert")
  train = PAIR if task == "classify" else ([["a"]], [["O"]])
  training.finetune(train, task=task, init=init, workdir=tmp_path)
  assert finetuned.settings.method == method
  training.finetune(train, task=task, init=init, workdir=tmp_path, method=method, seed=3)
  assert (finetuned.settings.method, finetuned.settings.seed) == (method, 3)


def test_wrong_tasks_and_inits_are_errors(finetuned, tmp_path):
  with pytest.raises(InputError, match="task='parse', expected one of classify, tag"):
    training.finetune(PAIR, task="parse")
  with pytest.raises(InputError, match="init is of type ndarray, expected WordVectors"):
    training.finetune(PAIR, init=np.eye(2), workdir=tmp_path)
