"""Words that occur twice or never end, and pruned n-grams that do not fit."""

import numpy as np
import pytest
from fasttext_files import SIZES, error, quantized

from glove_jax.interop import fasttext


@pytest.fixture
def dense(tiny, tmp_path) -> bytes:
  fasttext.save(tiny(), tmp_path / "dense")
  return (tmp_path / "dense").read_bytes()


def test_bad_words_and_pruned_pieces(tiny, tmp_path, dense, monkeypatch):
  assert "byte 106: found '</s>' a second time" in error(
    tmp_path / "m", dense.replace(b"sun\0", b"</s>\0", 1)
  )
  assert "found no null byte after a word within 65,536 bytes" in error(
    tmp_path / "m", dense[:SIZES] + b"x" * (1 << 17)
  )
  for pairs in (
    [[2, 0], [2, 1]],
    [[-1, 0], [2, 1]],
    [[1, 0], [30, 1]],
    [[1, 0], [2, 2]],
    [[1, -1], [2, 1]],
  ):
    data, _ = quantized(tiny(prune=np.int32(pairs)), normed=True)
    assert "expected different ones below 30 with rows below 2" in error(tmp_path / "m", data)
  assert error(tmp_path / "m", b"") == "FILE: the file is empty, expected a fastText model."
  with pytest.raises(FileNotFoundError):
    fasttext.load(tmp_path / "none")
