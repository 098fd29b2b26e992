"""Keys that methods share: their choices are those of the code below."""

import json

import pytest

from glove_jax import optimizers
from glove_jax import settings as settings_lib
from glove_jax.data.counts import cooccurrence
from glove_jax.data.text import phrases
from glove_jax.methods import glove, word2vec
from glove_jax.pretraining import settings


@pytest.mark.parametrize(("method", "key", "choices"), [
  ("glove", "output", glove.OUTPUTS),
  ("glove", "bias_rule", glove.BIAS_RULES),
  ("glove", "weighting", cooccurrence.WEIGHTINGS),
  ("glove", "schedule", optimizers.SCHEDULES),
  ("glove", "optimizer", ("row_adagrad", *optimizers.OPTIMIZERS)),
  ("word2vec", "model", word2vec.MODELS),
  ("word2vec", "loss", word2vec.LOSSES),
  ("word2vec", "output", word2vec.OUTPUTS),
])
def test_choices_are_those_of_the_methods(method, key, choices):
  field = settings.SETTINGS[method].__dataclass_fields__[key]
  assert settings_lib.limits_of(field).choices == tuple(choices)


def test_scores_of_phrases_are_named():
  field = settings.GloveSettings.__dataclass_fields__["phrase_score"]
  assert all(score in settings_lib.limits_of(field).text for score in phrases.SCORES)


def write_run(folder, **values):
  folder.mkdir()
  values = {"method": "glove_als", "corpus": "x", **values}
  (folder / "config.json").write_text(json.dumps(values))
  return str(folder)


@pytest.mark.parametrize("method", ["glove", "glove_als", "word2vec", "fasttext"])
def test_words_are_made_as_by_the_run_in_init(tmp_path, method):
  init = write_run(tmp_path / "run", tokenizer="jieba", lowercase=True)
  def parse(**values):
    made = settings.parse({"method": method, **values})
    return made.tokenizer, made.lowercase, made.phrases
  assert parse() == ("words", None, 0)
  assert parse(init=init) == parse(init=init, tokenizer="jieba") == ("jieba", True, 0)
  assert parse(init=init, lowercase=False) == ("jieba", False, 0)
  assert parse(init=init, tokenizer="unicode") == ("unicode", None, 0)


def test_phrases_are_those_of_the_run_in_init(tmp_path):
  init = write_run(tmp_path / "run", tokenizer="words", phrases=1)
  (tmp_path / "run" / "phrases.txt").write_text("new york 3.0\n")
  def parse(**values):
    return settings.parse({"method": "word2vec", "init": init, **values}).phrases
  assert parse() is None
  assert (parse(phrases=0), parse(phrases=2), parse(tokenizer="unicode")) == (0, 2, 0)
