"""Scaling: which points are measured, and the text of a size."""

from tools import training_runs
from tools.benchmarks import scaling
from tools.measure import Measurement


def test_a_prefix_has_about_as_many_words_as_asked_for(tmp_path):
  (tmp_path / "text").write_text("a b c\nd e\nf g\n")
  assert scaling.write_prefix(str(tmp_path / "text"), tmp_path / "out", 4) == 5
  assert (tmp_path / "out").read_text() == "a b c\nd e\n"
  assert scaling.write_prefix(str(tmp_path / "text"), tmp_path / "out", 99) == 7


def test_dimensions_are_compared_at_the_second_largest_size(tmp_path, monkeypatch):
  def pretrain(config, corpus, workdir, settings):
    workdir.mkdir()
    return Measurement(1.0, 2.0, 0.5, nonzeros=7)

  monkeypatch.setattr(training_runs, "pretrain", pretrain)
  monkeypatch.setattr(training_runs, "epoch_seconds", lambda workdir: 3.0)
  (tmp_path / "text.raw").write_text("a b c d e f g h\n" * 4)
  rows = scaling.measure(
    str(tmp_path / "text.raw"), tmp_path, millions=[24e-6, 8e-6, 16e-6], dims=[4, 6])
  assert [(row["tokens"], row["dim"]) for row in rows] == [(8, 4), (16, 4), (24, 4), (16, 6)]
  assert {row["half_sweep"] for row in rows} == {1.5}
  assert rows[0]["nonzeros"] == 7 and rows[0]["peak_gb"] == 0.5
