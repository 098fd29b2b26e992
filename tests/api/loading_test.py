"""`load` chooses the kind of model by the files of a folder."""

import json

import numpy as np
import pytest

from glove_jax import finetuning
from glove_jax.api import language_models, loading, predictors
from glove_jax.errors import InputError
from glove_jax.finetuning import scoring
from glove_jax.finetuning.model import Predictor, make_classifier, make_tagger
from glove_jax.word_vectors import WordVectors

VECTORS = WordVectors(["a", "b"], np.eye(2, dtype=np.float32))


def test_a_transformer_loads_as_its_kind(model_folders):
  assert isinstance(loading.load(model_folders / "bert"), language_models.MaskedLanguageModel)
  assert isinstance(loading.load(model_folders / "gpt"), language_models.CausalLanguageModel)


def test_a_file_and_a_pretraining_run_load_as_vectors(tmp_path):
  VECTORS.save(tmp_path / "vectors.txt")
  (tmp_path / "config.json").write_text('{"method": "glove"}')
  for source in (tmp_path, tmp_path / "vectors.txt"):
    assert loading.load(source).words == ["a", "b"]
    assert loading.load_vectors(source, limit=1).words == ["a"]


@pytest.mark.parametrize("config", [None, {"method": "glove"}, []])
def test_a_folder_without_a_model_is_an_error(config, tmp_path):
  if config is not None:
    (tmp_path / "config.json").write_text(json.dumps(config))
  with pytest.raises(InputError):
    loading.load(tmp_path)


def test_an_empty_folder_is_named(tmp_path):
  with pytest.raises(InputError, match=f"{tmp_path}: no finished run and no model, expected one"):
    loading.load(tmp_path)


@pytest.mark.parametrize("kind", [predictors.Classifier, predictors.Tagger])
def test_a_fine_tuned_run_loads_with_its_scores(kind, tmp_path, monkeypatch):
  stub = Predictor(encode=list, run=lambda params, texts: [], save=lambda params, folder: None)
  if kind is predictors.Classifier:
    settings = finetuning.parse({"method": "cnn", "train": "x"})
    model = make_classifier(["no", "yes"], stub, scoring.softmax)
  else:
    settings = finetuning.parse({"method": "tagger", "train": "x"})
    model = make_tagger(["O", "B-PER"], stub)
  monkeypatch.setattr(finetuning, "load", lambda folder: (settings, {}, model))
  (tmp_path / "config.json").write_text(json.dumps({"method": settings.method}))
  assert loading.load(tmp_path).scores == {}
  (tmp_path / "metrics.json").write_text('{"test": {"accuracy": 0.5}}')
  loaded = loading.load(tmp_path)
  assert type(loaded) is kind
  assert loaded.scores == {"test": {"accuracy": 0.5}}
  assert loaded.labels == tuple(model.labels)


def test_vectors_of_a_run_know_how_their_words_were_made(tmp_path):
  (tmp_path / "vectors.txt").write_text("a 1 2\n")
  assert loading.load_vectors(tmp_path).tokenization is None
  (tmp_path / "config.json").write_text('{"corpus": "x", "tokenizer": "jieba"}')
  for source in (tmp_path, tmp_path / "vectors.txt"):
    assert loading.load_vectors(source).tokenization.tokenizer == "jieba"
