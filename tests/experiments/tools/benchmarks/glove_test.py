"""The benchmark of GloVe: which rows there are, and what of the runs stands in them."""

import pathlib

import pytest

from tools import training_runs
from tools.benchmarks import glove
from tools.measure import Measurement
from tools.peers import stanford, word2vec

OPTIONS = glove.Options(
  corpus="text", dims=[8, 12], peers=[], seeds=2, iterations=15, iterations_run=3,
  adagrad_epochs=2)
PEER_STAGES = {"vocab_count": 1.0, "cooccur": 2.0, "shuffle": 3.0, "glove": 30.0}


class Peer:
  """Stands in for Stanford's programs."""

  def __init__(self, build, text, folder):
    self.calls = []

  def train(self, dim, *, iterations, iterations_run):
    assert (iterations, iterations_run) == (15, 3 if dim == 8 else 1)
    return Measurement(
      wall=36.0, cpu=50.0, peak_gb=0.1, stages=PEER_STAGES, iteration=2.0,
      extrapolated=True)


@pytest.fixture
def calls(monkeypatch):
  """The runs of ours that are asked for; none is made."""
  asked = []

  def scored_runs(recipe, corpus, folder, *, seeds, settings):
    asked.append((recipe, corpus, seeds, settings))
    return [Measurement(wall=9.0, cpu=1.0, peak_gb=0.2, stages={"vocabulary": 1.5, "counts": 3.0})]

  def pretrain(config, corpus, workdir, settings):
    asked.append((config, corpus, settings))
    return Measurement(9.0, 1.0, 0.2, stages={"training": 4.0}, nonzeros=6_000_000)

  monkeypatch.setattr(training_runs, "scored_runs", scored_runs)
  monkeypatch.setattr(training_runs, "pretrain", pretrain)
  monkeypatch.setattr(stanford, "find_build", pathlib.Path)
  monkeypatch.setattr(word2vec, "write_text", lambda corpus, path: path)
  monkeypatch.setattr(glove, "Stanford", Peer)
  return asked


def test_without_a_peer_there_is_a_row_for_each_dimension(calls, tmp_path):
  rows = glove.measure(OPTIONS, tmp_path)
  assert [(row["work"], row["ours"], row["peer"]) for row in rows] == [
    ("raw text to vectors, 8d", 9.0, None), ("raw text to vectors, 12d", 9.0, None)]
  assert [call[0] for call in calls] == ["glove_als", "glove_als"]
  assert calls[0] == ("glove_als", "text", 2, ["dim=8", "memory_gb=1"])


def test_with_a_peer_there_are_rows_for_its_stages_too(calls, tmp_path):
  rows = glove.measure(OPTIONS._replace(peers=["stanford:build"]), tmp_path)
  assert [(row["work"], row["ours"], row["peer"]) for row in rows] == [
    ("raw text to vectors, 8d", 9.0, 36.0), ("raw text to vectors, 12d", 9.0, 36.0),
    ("counting", 3.0, 5.0), ("reading and counting", 4.5, 6.0), ("AdaGrad, 8d", 3.0, 3.0)]
  assert {row["name"] for row in rows} == {"stanford"}
  assert calls[-1][0] == "glove" and "epochs=2" in calls[-1][2]
