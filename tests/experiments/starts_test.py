"""Pieces of a language model that begin with given vectors."""

import importlib

import jax
import numpy as np
import pytest
from ml_collections import ConfigDict
from running import ROOT

from glove_jax import vector_files
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import bert
from glove_jax.word_vectors import WordVectors

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


@pytest.mark.parametrize("kind", ["wordpiece", "bpe"])
def test_words_have_their_vectors_and_other_pieces_what_they_had(starts, params, tmp_path, kind, capsys):
  tokenizer = subword_tokenizers.train(kind, lambda: ["the cat sat the cats sat"] * 9, vocab_size=300 if kind == "bpe" else 60)
  table = np.resize(params["embed"]["token"], (tokenizer.get_vocab_size(), DIM))
  before = {**params, "embed": {"token": table}}
  vectors = saved(tmp_path, ["the", "cat", "dog"])
  given = starts.load_vectors(str(tmp_path), DIM)
  after = starts.go_on_from_words(before, given, "vectors.txt", tokenizer)["embed"]["token"]
  same = {i for i in range(len(table)) if np.array_equal(after[i], table[i])}
  the, cat = (tokenizer.encode(f"{'' if kind == 'wordpiece' else 'x '}{word}", add_special_tokens=False).ids[-1]
              for word in ("the", "cat"))
  assert same == set(range(len(table))) - {the, cat}
  scale = table.std() / vectors[:2].std()
  np.testing.assert_allclose(after[[the, cat]], vectors[:2] * scale, rtol=1e-4)
  assert "2 of" in capsys.readouterr().out


def test_vectors_of_another_language_are_refused(starts, params, tmp_path):
  tokenizer = subword_tokenizers.train("wordpiece", lambda: ["the cat sat"] * 9, vocab_size=60)
  saved(tmp_path, ["dog"])
  with pytest.raises(InputError, match="knows none"):
    starts.go_on_from_words(params, starts.load_vectors(str(tmp_path), DIM), "vectors.txt", tokenizer)


def config(**settings):
  sizes = {"dim": DIM, "layers": 1, "heads": 2, "hidden": 0, "window": 16}
  return ConfigDict({"init": "", "vectors": "", **sizes, **settings})


def test_vectors_of_another_size_are_refused(starts, tmp_path):
  saved(tmp_path, ["the"], 4)
  with pytest.raises(InputError, match="4 numbers, expected dim=8"):
    starts.read_start(config(vectors=str(tmp_path)), bert.CONFIG)


@pytest.mark.parametrize("settings,said", [
  ({}, ""), ({"heads": 4}, "has heads=2; expected .*heads=4"), ({"window": 32}, "has positions=16"),
  ({"layers": 2, "hidden": 16}, "has layers=1, feedforward_dim=32; expected")])
def test_a_model_of_other_sizes_is_refused(starts, tmp_path, settings, said):
  sizes = bert.CONFIG._replace(vocab_size=20, dim=DIM, layers=1, heads=2, feedforward_dim=32, positions=16)
  huggingface.save(tmp_path / "model", bert.init(jax.random.key(0), sizes), sizes)
  if not said:
    assert starts.read_start(config(init=str(tmp_path)), bert.CONFIG).config.heads == 2
    return
  with pytest.raises(InputError, match=said):
    starts.read_start(config(init=str(tmp_path), **settings), bert.CONFIG)
