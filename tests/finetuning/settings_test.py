"""Settings of fine-tuning: configs, mappings, old spellings, bounds, other methods' configs."""

import dataclasses
import json
import re
import runpy

import pytest
from running import ROOT

from glove_jax import finetuning
from glove_jax.errors import InputError
from glove_jax.finetuning import settings
from glove_jax.tasks import fasttext_classifier

OLD_SPELLINGS = {
  "classify": {
    "names": "label_names",
    "limit": "max_train_texts",
    "parts": "word_parts",
    "max_length": "max_words",
    "size": "lstm_size",
    "smoothing": "label_smoothing",
    "buckets": "length_buckets",
    "warmup": "warmup_epochs",
    "rates": "lr_multipliers",
    "thaw": "unfreeze_after",
    "average": "ema_decay",
  },
  "tag": {"chain": "use_crf", "limit": "max_train_texts", "average": "ema_decay"},
  "bert_classify": {
    "smoothing": "label_smoothing",
    "max_length": "max_length",
    "warmup": "warmup_epochs",
  },
  "bert_tag": {"chain": "use_crf", "buckets": "length_buckets", "max_length": "max_length"},
  "fasttext_supervised": {
    "buckets": "ngram_buckets",
    "turns": "updates_per_step",
    "names": "label_names",
  },
}


def get_config(name, *arguments):
  """The config of a file of experiments/configs."""
  path = ROOT / "experiments" / "configs" / f"{name}.py"
  return runpy.run_path(str(path))["get_config"](*arguments)


@pytest.mark.parametrize("name", settings.CONFIGS)
def test_a_config_is_the_defaults_from_python(name):
  config = get_config(name)
  config.train = "texts"
  parsed = settings.parse(config)
  assert parsed == settings.parse({"method": config.method, "train": "texts"})
  values = json.loads(config.to_json())
  resolved = dataclasses.asdict(parsed)
  assert values.keys() == resolved.keys()
  for key in values:  # None of these means: as the run in `init`
    if key not in ("tokenizer", "lowercase", "phrases") or values[key] is not None:
      assert values[key] == resolved[key], key


@pytest.mark.parametrize("name", OLD_SPELLINGS)
def test_old_spellings_are_accepted_and_reported(name):
  defaults = settings.CONFIGS[name](train="texts")
  values = {"method": defaults.method, "train": "texts"}
  values |= {old: getattr(defaults, key) for old, key in OLD_SPELLINGS[name].items()}
  notes = []
  assert settings.parse(values, notify=notes.append) == defaults
  renamed = [old for old, key in OLD_SPELLINGS[name].items() if old != key]
  assert len(notes) == len(renamed)


@pytest.mark.parametrize(
  "name,key,value,message",
  [
    ("fasttext_supervised", "train", "", "train is empty"),
    ("fasttext_supervised", "epochs", 0, "epochs=0, expected at least 1"),
    ("fasttext_supervised", "loss", "hinge", "expected one of softmax, ova, hs"),
    ("fasttext_supervised", "method", "none", "expected one of fasttext_supervised"),
    (
      "fasttext_supervised",
      "dev_fraction",
      1.0,
      "dev_fraction=1.0, expected at least 0 and less than 1",
    ),
    ("fasttext_supervised", "learning_rate", 0.0, "learning_rate=0.0, expected more than 0"),
    ("fasttext_supervised", "ngram_buckets", 0, "ngram_buckets=0"),
    ("classify", "dropout", 1.0, "dropout=1.0, expected at least 0 and less than 1"),
    ("classify", "pooling", "sum", "expected one of mean, max"),
    ("classify", "class_weights", "even", "class_weights='even'"),
    ("classify", "mixup", -1.0, "mixup=-1.0, expected at least 0"),
    ("classify", "optimizer", "adamm", "expected one of sgd"),
    ("bert_classify", "lora_rank", -1, "lora_rank=-1"),
    ("bert_classify", "layer_decay", 0.0, "layer_decay=0.0, expected more than 0"),
    ("bert_classify", "dtype", "float8", "dtype='float8'"),
    ("bert_tag", "word_dropout", 1.0, "word_dropout=1.0"),
  ],
)
def test_bad_values_are_refused(name, key, value, message):
  config = get_config(name)
  config.train = "texts"
  settings.parse(config)
  config[key] = value
  with pytest.raises(InputError, match=re.escape(message)):
    settings.parse(config)


@pytest.mark.parametrize(
  "name,method,expected",
  [
    ("classify", "tagger", "tag"),
    ("classify", "transformer", "bert_classify"),
    ("tag", "cnn", "classify"),
    ("bert_classify", "transformer_tagger", "bert_tag"),
    ("bert_tag", "tagger", "tag"),
    ("classify", "fasttext_supervised", "fasttext_supervised"),
  ],
)
def test_the_config_of_another_method_is_refused(name, method, expected):
  config = get_config(name)
  config.method = method
  with pytest.raises(
    InputError, match=f"method='{method}' needs --config=experiments/configs/{expected}.py"
  ):
    settings.parse(config)


def test_an_unknown_key_is_named():
  with pytest.raises(InputError, match="there is no key 'use_crf'"):
    settings.parse({"method": "cnn", "train": "texts", "use_crf": True})


def test_a_tagger_of_characters_or_of_words():
  words, characters = get_config("tag"), get_config("tag", "characters")
  different = {key for key in words if words[key] != characters[key]}
  assert different == {"char_filters", "lowercase", "tokenizer"}
  assert not characters.char_filters
  with pytest.raises(InputError, match="tag.py:letters, expected"):
    get_config("tag", "letters")


def test_settings_of_an_older_run(tmp_path):
  (tmp_path / "config.json").write_text('{"method": "tagger", "train": "texts", "chain": false}')
  parsed = settings.read(tmp_path)
  assert parsed.use_crf is False
  assert parsed.word_parts is False  # there was no such key when taggers began
  (tmp_path / "config.json").write_text('{"method": "glove"}')
  with pytest.raises(InputError, match="no finished run"):
    settings.read(tmp_path)


def test_every_method_has_settings():
  assert set(settings.SETTINGS) == set(finetuning.METHODS)
  for method, cls in settings.SETTINGS.items():
    assert settings.parse({"method": method, "train": "texts"}) == cls(method=method, train="texts")


def test_a_folder_without_a_finished_run_is_refused(tmp_path):
  with pytest.raises(InputError, match="no finished run that can label texts"):
    finetuning.load(tmp_path)
  (tmp_path / "config.json").write_text('{"method": "cnn"}')
  with pytest.raises(InputError, match="no finished run that can label texts"):
    finetuning.load(tmp_path)


def test_losses_of_fasttext_are_those_of_its_task():
  assert set(settings.FASTTEXT_LOSSES) == set(fasttext_classifier.LOSSES)
