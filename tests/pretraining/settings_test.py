"""Settings of the pretraining methods: old spellings, bounds, suggestions, combinations."""

import dataclasses
import json
import operator
import subprocess
import sys

import pytest
from running import ROOT

from glove_jax import pretraining
from glove_jax import settings as settings_lib
from glove_jax.errors import InputError
from glove_jax.pretraining import settings

FORMER = {
  "glove": {"average": "average_epochs"},
  "glove_als": {"device_a_core": "device_per_core"},
  "ppmi_svd": {"smoothing": "context_smoothing"},
  "word2vec": {"turns": "updates_per_step", "shared": "shared_negatives", "block": "block_size"},
  "fasttext": {"buckets": "ngram_buckets", "device_a_core": "device_per_core"},
  "bert": {"window": "context_length", "sample": "mask_subsample", "min_count": "min_pair_count"},
  "gpt": {"window": "context_length", "write": "max_new_tokens", "hidden": "feedforward_dim"},
}


@pytest.mark.parametrize("method", settings.SETTINGS)
def test_old_spellings_are_accepted_with_a_note(method):
  for old, new in FORMER[method].items():
    default = getattr(settings.SETTINGS[method](), new)
    value = {int: 1, float: 0.5, bool: True, type(None): 1}[type(default)]
    notes = []
    parsed = settings.parse({"method": method, old: value}, notify=notes.append)
    assert getattr(parsed, new) == value
    assert notes == [f"the key {old!r} is now called {new!r}"]


def test_the_dynamic_window_has_an_old_spelling():
  assert not settings.parse({"method": "fasttext", "dynamic": False}).dynamic_window


@pytest.mark.parametrize("method", settings.SETTINGS)
def test_config_files_have_the_defaults(method):
  config = settings.config(method)
  assert settings.parse(config) == settings.parse({"method": method})
  assert settings.parse(json.loads(config.to_json_best_effort())) == settings.parse(config)


@pytest.mark.parametrize("method", settings.SETTINGS)
def test_every_key_is_described_in_one_sentence(method):
  for field in dataclasses.fields(settings.SETTINGS[method]):
    text = settings_lib.limits_of(field).text
    assert text[:1] and text.endswith(".")


@pytest.mark.parametrize(
  ("values", "message"),
  [
    ({"method": "glov"}, "method='glov' is unknown, expected one of glove, glove_als"),
    ({"method": "glove", "lr": 1.0}, "did you mean learning_rate"),
    ({"method": "glove_als", "vector_size": 1}, "did you mean dim"),
    ({"method": "word2vec", "windw": 1}, "there is no key 'windw'; did you mean window"),
    ({"method": "glove", "dim": 0}, "dim=0, expected at least 1."),
    ({"method": "glove", "window": 0}, "window=0, expected at least 1."),
    ({"method": "glove", "seed": -1}, "seed=-1, expected at least 0."),
    ({"method": "glove", "held_out": 1.0}, "held_out=1.0, expected at least 0 and less than 1."),
    ({"method": "glove", "x_max": 0}, "x_max=0.0, expected more than 0."),
    (
      {"method": "glove", "optimizer": "adamm"},
      "optimizer='adamm', expected one of row_adagrad, sgd",
    ),
    (
      {"method": "glove", "optimizer": "adam", "shard_tables": True},
      "optimizer='adam' with shard_tables=True: expected optimizer=row_adagrad",
    ),
    ({"method": "glove", "patience": 2}, "patience needs a held-out loss"),
    ({"method": "glove_als", "patience": 2}, "patience needs a held-out loss"),
    ({"method": "glove_als", "anchor": 0.1}, "anchor=0.1 needs pretrained vectors"),
    ({"method": "glove_als", "anchor": -1, "init": "a"}, "anchor=-1.0, expected at least 0."),
    (
      {"method": "glove_als", "anchor": 1, "init": "a", "output": "word"},
      "output='word', expected sum, which anchor=",
    ),
    ({"method": "word2vec", "loss": "hs", "output": "sum"}, "output='sum' with loss='hs'"),
    ({"method": "word2vec", "sample": float("inf")}, "sample=inf"),
    ({"method": "word2vec", "phrases": 1, "phrase_score": "npmi"}, "-1 to below 1 for npmi"),
    ({"method": "fasttext", "negatives": 0}, "negatives=0, expected at least 1."),
    ({"method": "bert", "mask_rate": 1.5}, "mask_rate=1.5, expected more than 0 and at most 1."),
    ({"method": "bert", "mask_subsample": -1.0}, "mask_subsample=-1.0, expected at least 0."),
    (
      {"method": "bert", "init": "a", "vectors": "b"},
      "init=a and vectors=b, expected one of them.",
    ),
    ({"method": "gpt", "documents": "pages"}, "documents='pages', expected one of lines, blocks."),
  ],
)
def test_settings_that_make_no_sense_are_one_line(values, message):
  with pytest.raises(InputError) as error:
    settings.parse(values)
  assert message in str(error.value)
  assert "\n" not in str(error.value)


def test_settings_that_go_together_pass():
  settings.parse({"method": "glove", "patience": 2, "held_out": 0.1})
  settings.parse({"method": "glove_als", "anchor": 1, "init": "a"})
  settings.parse({"method": "word2vec", "phrases": 1})
  assert settings.parse({}).method == "glove_als"


def test_the_config_of_another_method_is_named():
  config = settings.config("glove")
  config.method = "word2vec"
  with pytest.raises(InputError, match="method='word2vec' needs --config=.*configs/word2vec.py"):
    settings.parse(config)


def test_what_may_change_when_a_run_is_resumed():
  assert settings_lib.resumable_keys(settings.GloveSettings) == {
    "engine",
    "memory_gb",
    "spark_folder",
    "spark_master",
    "epochs",
    "log_every",
    "save_every",
    "save_every_minutes",
    "keep_checkpoints",
    "compilation_cache",
    "track",
    "evaluate",
    "neighbours",
    "shard_tables",
  }
  assert settings_lib.resumable_keys(settings.GptSettings) == {
    "epochs",
    "steps",
    "log_every",
    "save_every",
    "save_every_minutes",
    "keep_checkpoints",
    "compilation_cache",
    "track",
    "prompt",
    "max_new_tokens",
    "temperature",
    "top_k",
    "top_p",
  }


def test_settings_are_read_without_jax():
  code = (
    "import sys; sys.modules['jax'] = None; from glove_jax import pretraining as p; p.parse({})"
  )
  subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
  with pytest.raises(AttributeError, match="no attribute 'METHOD'"):
    operator.attrgetter("METHOD")(pretraining)
