"""The benchmark of classifiers: seconds from texts to a model."""

import pytest

from tools import peers as peers_lib
from tools import training_runs
from tools.benchmarks import classifier
from tools.measure import Measurement

STAGES = {"texts": 1.0, "model": 2.0, "training": 3.0, "compiled": 0.5}


@pytest.mark.parametrize("peers", [["fasttext"], []])
def test_a_row_has_the_accuracy_of_every_seed(tmp_path, monkeypatch, peers):
  asked = []

  def finetune(config, workdir, settings, *, train, test):
    workdir.mkdir()
    asked.append(settings)
    return Measurement(9, 1, 1, stages=STAGES, scores={"accuracy": len(asked) / 10})

  def train_peer(settings, folder, *, test):
    assert test == "b"
    return Measurement(9, 1, 1, stages={"training": 12.0}, scores={"accuracy": 0.5})

  monkeypatch.setattr(training_runs, "finetune", finetune)
  monkeypatch.setattr(classifier.finetuning_settings, "read", lambda folder: None)
  monkeypatch.setattr(classifier.fasttext_classifier, "train", train_peer)
  monkeypatch.setattr(peers_lib, "check_installed", lambda peers, expected: None)
  row, = classifier.measure(
    tmp_path, train="a", test="b", dims=[8], peers=peers, seeds=2, settings=["epochs=3"])
  assert asked == [["dim=8", "epochs=3", "seed=1"], ["dim=8", "epochs=3", "seed=2"]]
  assert row["work"] == "classifier, 8d" and row["ours"] == 6.0
  assert row["accuracies"] == [0.1, 0.2]
  if peers:
    assert (row["peer"], row["ratio"], row["peer_accuracies"]) == (12.0, 0.5, [0.5, 0.5])
  else:
    assert (row["peer"], row["peer_accuracies"]) == (None, [])
