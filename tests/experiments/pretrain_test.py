"""What pretrain.py adds to the library: its process, and its report."""

import numpy as np
import pytest

import pretrain
from glove_jax import pretraining
from glove_jax.word_vectors import WordVectors
from tools import program


@pytest.mark.parametrize(
  ("method", "calls"),
  [
    ("glove", []),
    ("glove_als", ["devices"]),
    ("word2vec", []),
    ("bert", ["pages"]),
    ("gpt", ["pages"]),
  ],
)
def test_memory_and_devices_suit_the_method(monkeypatch, method, calls):
  made = []
  monkeypatch.setattr(program, "use_huge_pages", lambda: made.append("pages"))
  monkeypatch.setattr(program, "use_device_per_core", lambda: made.append("devices"))
  pretrain.prepare_process(pretraining.parse({"method": method}))
  assert made == calls


def test_the_report_shows_neighbours_of_the_words_asked_for(capfd):
  vectors = WordVectors(["king", "queen", "w"], np.eye(3, dtype=np.float32))
  pretrain.report(vectors, "w,queen")
  assert [
    line.split()[0] for line in capfd.readouterr().out.split("neighbours\n")[1].splitlines()
  ] == ["w", "queen"]
  pretrain.report(vectors, "")
  assert capfd.readouterr().out.split("neighbours\n")[1].startswith("king")
