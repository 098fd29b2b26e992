"""The benchmark of prediction: texts a second of finished runs."""

import pytest
from stub_runs import classifier

from glove_jax import finetuning
from glove_jax.errors import InputError
from tools.benchmarks import prediction


def test_a_row_has_the_texts_a_second(tmp_path, monkeypatch, capsys):
  monkeypatch.setattr(finetuning, "open_finished", lambda folder: classifier())
  texts = tmp_path / "texts.txt"
  texts.write_text("good\nbad\n" * 50)
  options = {"texts": str(texts), "peers": [], "rounds": 3}
  rows = prediction.measure(tmp_path, runs=["a", "b"], **options)
  assert [row["work"] for row in rows] == ["prediction, cnn"] * 2
  for row in rows:
    assert row["texts"] == 100 and row["unit"] == "texts/s" and row["peer"] is None
    assert row["ours"] == pytest.approx(100 / sorted(row["seconds"])[1])
  assert "texts a CPU second" in capsys.readouterr().out
  assert (tmp_path / "labels.tsv").read_text().startswith("label\ttext\ngood\tgood\nbad\tbad\n")
  texts.write_text("")
  with pytest.raises(InputError, match="no texts, expected some to label"):
    prediction.measure(tmp_path, runs=["a"], **options)
