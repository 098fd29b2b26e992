"""Pieces of a language model that begin with given vectors."""

import importlib

import numpy as np
import pytest
from running import ROOT

from glove_jax import vector_files
from glove_jax.data import wordpieces
from glove_jax.files import InputError
from glove_jax.vectors import WordVectors

DIM = 8


@pytest.fixture
def starts(monkeypatch):
  monkeypatch.syspath_prepend(str(ROOT / "experiments"))
  return importlib.import_module("starts")


@pytest.fixture(scope="module")
def params():
  return {"embed": {"token": np.random.default_rng(0).normal(0, 0.02, (90, DIM)).astype(np.float32)}, "layers": {}}


def saved(folder, words, dim=DIM):
  vectors = np.random.default_rng(1).normal(0, 3, (len(words), dim)).astype(np.float32)
  vector_files.save(WordVectors(words, vectors), folder / "vectors.txt")
  return vectors


@pytest.mark.parametrize("kind", wordpieces.KINDS)
def test_words_have_their_vectors_and_other_pieces_what_they_had(starts, params, tmp_path, kind, capsys):
  tokenizer = wordpieces.train(kind, lambda: ["the cat sat the cats sat"] * 9, vocab_size=300 if kind == "bpe" else 60)
  table = np.resize(params["embed"]["token"], (tokenizer.get_vocab_size(), DIM))
  before = {**params, "embed": {"token": table}}
  vectors = saved(tmp_path, ["the", "cat", "dog"])
  after = starts.go_on_from_words(before, str(tmp_path), tokenizer)["embed"]["token"]
  same = {i for i in range(len(table)) if np.array_equal(after[i], table[i])}
  the, cat = (tokenizer.encode(f"{'' if kind == 'wordpiece' else 'x '}{word}", add_special_tokens=False).ids[-1]
              for word in ("the", "cat"))
  assert same == set(range(len(table))) - {the, cat}
  scale = table.std() / vectors[:2].std()
  np.testing.assert_allclose(after[[the, cat]], vectors[:2] * scale, rtol=1e-4)
  assert "2 of" in capsys.readouterr().out


@pytest.mark.parametrize("words,dim,said", [(["the"], 4, "4 numbers, expected dim=8"), (["dog"], DIM, "knows none")])
def test_vectors_that_do_not_fit_are_refused(starts, params, tmp_path, words, dim, said):
  tokenizer = wordpieces.train("wordpiece", lambda: ["the cat sat"] * 9, vocab_size=60)
  saved(tmp_path, words, dim)
  with pytest.raises(InputError, match=said):
    starts.go_on_from_words(params, str(tmp_path), tokenizer)
