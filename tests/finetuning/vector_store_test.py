"""Vectors in a folder: read as they were written, refused where they are damaged."""

import json

import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.finetuning import vector_store
from glove_jax.finetuning.vector_store import Kept
from glove_jax.word_vectors import WordVectors

WORDS = ["two\nlines", "\ud800", "", "\ufeffmark"]


def write(folder, model_files=()):
  kept = Kept(
    vectors=WordVectors(WORDS, np.eye(4, dtype=np.float32)),
    composed={"a b": np.arange(4, dtype=np.float32)},
    is_whole=True,
    source="/v.txt",
  )
  vector_store.write(kept, model_files, folder)
  return kept


def test_words_may_have_any_characters(tmp_path):
  kept = write(tmp_path / "v")
  read = vector_store.read(tmp_path / "v")
  assert read.vectors.words == WORDS and (read.is_whole, read.source) == (True, "/v.txt")
  np.testing.assert_array_equal(read.vectors.vectors, kept.vectors.vectors)
  np.testing.assert_array_equal(read.composed["a b"], [0, 1, 2, 3])
  assert vector_store.read(tmp_path) is None


def test_a_single_file_of_a_model_is_that_of_fasttext(tmp_path):
  for name in ("a.bin", "config.json"):
    (tmp_path / name).write_text(name)
  write(tmp_path / "v", [tmp_path / "a.bin"])
  assert (tmp_path / "v" / vector_store.MODEL / "model.bin").read_text() == "a.bin"
  write(tmp_path / "v", [tmp_path / "a.bin", tmp_path / "config.json"])
  names = sorted(path.name for path in (tmp_path / "v" / vector_store.MODEL).iterdir())
  assert names == ["a.bin", "config.json"]


@pytest.mark.parametrize("name", ["vectors", "words", "composed", "model/model.bin", "meta.json"])
def test_damage_is_refused(name, tmp_path):
  (tmp_path / "a.bin").write_text("a model")
  write(tmp_path / "v", [tmp_path / "a.bin"])
  path = tmp_path / "v" / name
  data = bytearray(path.read_bytes())
  data[len(data) // 2] ^= 1
  path.write_bytes(data)
  with pytest.raises(InputError, match=str(tmp_path / "v")):
    vector_store.read(tmp_path / "v")


@pytest.mark.parametrize("dim", [1, 0, "x", None])
def test_metadata_of_another_dimension_is_refused(dim, tmp_path):
  write(tmp_path / "v")
  path = tmp_path / "v" / "meta.json"
  meta = json.loads(path.read_text())
  meta["about"]["dim"] = dim
  path.write_text(json.dumps(meta))
  with pytest.raises(InputError, match="damaged"):
    vector_store.read(tmp_path / "v")
