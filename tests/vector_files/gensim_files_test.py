"""Every vector file among gensim's own test data has gensim's words and values."""

import os
import pathlib

import numpy as np
import pytest

from glove_jax import vector_files
from glove_jax.errors import InputError

_BINARY = {"binary": True}
_CP1252 = {"encoding": "cp1252"}  # what gensim's tests, and the bytes, say
# file -> gensim's arguments of `load_word2vec_format`, which are ours too but for the format
_WORD2VEC = {
  "EN.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt": {},
  "IT.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt": {},
  "crime-and-punishment.vec": {},
  "euclidean_vectors.bin": _BINARY,
  "high_precision.kv.bin": _BINARY,
  "high_precision.kv.txt": {},
  "lee_fasttext.vec": {},
  "pang_lee_polarity_fasttext.vec": _CP1252,
  "poincare_vectors.bin": _BINARY,
  "test_glove.txt": {"no_header": True},
  "toy-model.vec": {},
  "w2v_keyedvectors_load_test.modeldata": {"unicode_errors": "ignore"},
  "word2vec_pre_kv_c": {},
}
# file -> encoding of a fastText model
_FASTTEXT = {
  "cp852_fasttext.bin": "cp852",
  "crime-and-punishment.bin": "utf-8",
  "lee_fasttext.bin": "utf-8",
  "lee_fasttext_new.bin": "utf-8",
  "non_ascii_fasttext.bin": "utf-8",
  "toy-model.bin": "utf-8",
  "toy-model-pretrained.bin": "utf-8",
}


@pytest.fixture(scope="module")
def folder() -> pathlib.Path:
  gensim = pytest.importorskip("gensim", reason="compares with gensim's values")
  return pathlib.Path(os.path.dirname(gensim.__file__), "test", "test_data")


def _expect_same(ours, theirs):
  assert ours.words == theirs.index_to_key
  np.testing.assert_allclose(ours.vectors, theirs.vectors, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", _WORD2VEC)
def test_word2vec_and_glove(folder, name):
  from gensim.models import KeyedVectors

  options = _WORD2VEC[name]
  ours = vector_files.load(
    folder / name,
    encoding=options.get("encoding", "utf-8"),
    errors=options.get("unicode_errors", "strict"),
  )
  _expect_same(ours, KeyedVectors.load_word2vec_format(str(folder / name), **options))


@pytest.mark.parametrize("name", _FASTTEXT)
def test_fasttext(folder, name):
  from gensim.models import fasttext

  encoding = _FASTTEXT[name]
  ours = vector_files.load(folder / name, encoding=encoding)
  theirs = fasttext.load_facebook_vectors(str(folder / name), encoding=encoding)
  assert ours.words == theirs.index_to_key
  # fastText has no n-grams of the end of a line, and hashes the bytes of the others as they were
  # in training. gensim composes `</s>` like a word, and hashes UTF-8.
  rows = [
    row for row, word in enumerate(ours.words)
    if word != "</s>" and word.encode() == word.encode(encoding)
  ]  # fmt: skip
  np.testing.assert_allclose(ours.vectors[rows], theirs.vectors[rows], rtol=0, atol=1e-6)


def test_a_classifier_of_fasttext_which_gensim_does_not_load(folder):
  ours = vector_files.load(folder / "pang_lee_polarity_fasttext.bin", encoding="cp1252")
  text = vector_files.load(folder / "pang_lee_polarity_fasttext.vec", encoding="cp1252")
  rows = [ours.row(word) for word in text.words]
  np.testing.assert_allclose(ours.vectors[rows], text.vectors, rtol=0, atol=1e-4)  # 5 digits


def test_a_file_that_is_cut_short_is_refused_as_by_gensim(folder):
  from gensim.models import KeyedVectors

  path = folder / "pretrained.vec"
  with pytest.raises(EOFError):
    KeyedVectors.load_word2vec_format(str(path))
  with pytest.raises(InputError, match="found 1 words, expected 3"):
    vector_files.load(path)
