"""Round trips, bit for bit, and gensim's reading of what is saved."""

import importlib
import importlib.util
import os
import pathlib
import re
import tempfile

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glove_jax import vector_files, vector_writer
from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors

CHARACTERS = st.characters(codec="utf-8", exclude_characters="\n")
# In a file of a few lines, "1 2" and its numbers may as well be "1" and one number more.
NUMERIC = re.compile("[ \t].*([0-9]|nan|inf)", re.IGNORECASE | re.DOTALL)
WORD = st.text(CHARACTERS, max_size=6).filter(lambda word: not NUMERIC.search(word))
WORDS = st.lists(WORD, min_size=1, max_size=6, unique=True)


@settings(max_examples=60, deadline=None)
@given(words=WORDS, dim=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
@example(words=[""], dim=4, seed=0)
@example(words=["0\r"], dim=1, seed=0)
@example(words=["a\r", "b\r\r"], dim=2, seed=0)
@example(words=["\ufeff", "5", "2 3", " ", "", "a ", "\ta", "\r", "nan", "#", '"'], dim=1, seed=0)
def test_text_round_trips_bit_for_bit(words, dim, seed):
  bits = np.random.default_rng(seed).integers(0, 2**32, (len(words), dim), np.uint32)
  matrix = np.where(np.isfinite(bits.view(np.float32)), bits.view(np.float32), np.float32(0.1))
  for format in ("glove", "word2vec", "npy"):
    with tempfile.TemporaryDirectory() as folder:
      path = pathlib.Path(folder) / "v"
      vector_files.save(WordVectors(words, matrix), path, format)
      back = vector_files.load(path)
    assert back.words == words
    np.testing.assert_array_equal(back.vectors.view(np.uint32), matrix.view(np.uint32))


@pytest.mark.parametrize("format", vector_files.FORMATS)
def test_round_trip_over_many_blocks(tmp_path, format, monkeypatch):
  monkeypatch.setattr(importlib.import_module("glove_jax.vector_files.load"), "CHUNK_BYTES", 1000)
  monkeypatch.setattr(vector_writer, "_NUMBERS_PER_BLOCK", 35)
  matrix = np.random.default_rng(0).normal(size=(500, 5)).astype(np.float32)
  words = [f"w{i}é" for i in range(500)]
  vector_files.save(WordVectors(words, matrix), tmp_path / "v.npy", format)
  back = vector_files.load(tmp_path / "v.npy")
  assert back.words == words
  np.testing.assert_array_equal(back.vectors, matrix)
  assert vector_files.load(tmp_path / "v.npy", limit=123).words == words[:123]


def test_what_a_format_cannot_hold_is_refused_and_leaves_no_file(tmp_path):
  for word, format in [("a\nb", "glove"), ("a b", "word2vec-binary"), ("\udc80", "word2vec")]:
    with pytest.raises(InputError):
      vector_files.save(WordVectors([word], np.ones((1, 2))), tmp_path / "v", format)
  with pytest.raises(ValueError, match="'hdf5', expected one of glove"):
    vector_files.save(WordVectors(["a"], np.ones((1, 2))), tmp_path / "v", "hdf5")
  assert not list(tmp_path.iterdir())


@pytest.fixture
def gensim_data():
  return (
    pathlib.Path(os.path.dirname(pytest.importorskip("gensim").__file__)) / "test" / "test_data"
  )


def test_gensim_reads_what_we_write(gensim_data, tmp_path):
  from gensim.models import KeyedVectors

  ours = vector_files.load(gensim_data / "lee_fasttext.vec")
  reading = {"glove": {"no_header": True}, "word2vec": {}, "word2vec-binary": {"binary": True}}
  for format, kwargs in reading.items():
    vector_files.save(ours, tmp_path / "v", format)
    theirs = KeyedVectors.load_word2vec_format(str(tmp_path / "v"), **kwargs)
    assert ours.words == theirs.index_to_key
    np.testing.assert_array_equal(ours.vectors, theirs.vectors)
