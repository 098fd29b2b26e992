"""Loading is measured in processes of their own."""

import sys

import numpy as np
import pytest

from glove_jax.word_vectors import WordVectors
from tools.benchmarks import loading

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/status")


@pytest.mark.slow
def test_rows_of_text_and_cache(tmp_path, capsys):
  path = tmp_path / "v.txt"
  WordVectors(["the", "cat"], np.eye(2, dtype=np.float32)).save(path)
  folder = tmp_path / "scratch"
  folder.mkdir()
  text, cache = loading.measure(str(path), folder, peers=[], repeats=1)
  assert text["work"] == "loading text" and cache["work"] == "loading from the cache"
  assert text["ours"] > 0 and text["memory"] > 0 and text["peer"] is None
  assert "loading from the cache" in capsys.readouterr().out
  assert [file.name for file in tmp_path.iterdir() if "cache" in file.name] == []
