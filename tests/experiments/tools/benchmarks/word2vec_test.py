"""The benchmark of word2vec: seconds of ours and of peers."""

import pytest

from tools import peers as peers_lib
from tools import training_runs
from tools.benchmarks import word2vec
from tools.measure import Measurement


@pytest.fixture(autouse=True)
def no_runs(monkeypatch):
  def scored_runs(recipe, corpus, folder, *, seeds, settings):
    assert not any(setting.startswith("epochs") for setting in settings)  # those of the config
    return [Measurement(wall=2.0, cpu=1, peak_gb=1, tokens=4_000_000)] * seeds

  def train(peer, model, text, folder, *, dim, seed):
    seconds = {1: 10.0, 2: 5.0, 3: 4.0}[seed]
    return Measurement(wall=seconds, cpu=1, peak_gb=1, stages={"training": seconds / 2})

  monkeypatch.setattr(training_runs, "scored_runs", scored_runs)
  monkeypatch.setattr(word2vec.word2vec, "train", train)
  monkeypatch.setattr(word2vec.word2vec, "write_text", lambda corpus, path: path)
  monkeypatch.setattr(peers_lib, "check_installed", lambda peers, expected: None)


def test_seconds_are_those_of_whole_runs_and_medians(tmp_path):
  rows = word2vec.measure(
    "text", tmp_path, models=["skipgram", "cbow"], dims=[8], peers=["gensim"], seeds=3)
  assert [(row["work"], row["name"], row["ours"], row["peer"], row["ratio"]) for row in rows] == [
    ("skipgram, 8d", "gensim", 2.0, 5.0, 0.4), ("cbow, 8d", "gensim", 2.0, 5.0, 0.4)]
  assert {row["unit"] for row in rows} == {"s"}


def test_without_peers_ours_is_measured_alone(tmp_path):
  row, = word2vec.measure("text", tmp_path, models=["cbow"], dims=[8], peers=[], seeds=1)
  assert (row["ours"], row["peer"], row["name"]) == (2.0, None, "")
