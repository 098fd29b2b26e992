"""Typed settings: defaults, old spellings, types, bounds and suggestions."""

import dataclasses
import pathlib

import pytest
from ml_collections import ConfigDict

from glove_jax import pretraining, settings
from glove_jax.errors import InputError
from glove_jax.finetuning import settings as finetuning_settings
from glove_jax.settings import setting


@dataclasses.dataclass(frozen=True, kw_only=True)
class Example:
  dim: int = setting(50, "Width.", minimum=1, former=("size",))
  learning_rate: float = setting(0.1, "Rate.", above=0)
  held_out: float = setting(0.0, "Fraction.", minimum=0, below=1)
  rate: float = setting(0.5, "Fraction.", above=0, maximum=1)
  model: str = setting("a", "Model.", choices=("a", "b"))
  lowercase: bool | None = setting(None, "Case.")
  log_every: int = setting(1, "Steps.", resumable=True)


def test_missing_keys_have_their_defaults():
  assert settings.make(Example, {}) == Example()
  assert settings.make(Example, {"dim": 3, "lowercase": True}) == Example(dim=3, lowercase=True)


def test_old_spellings_are_accepted_with_a_note():
  notes = []
  assert settings.make(Example, {"size": 3}, notify=notes.append).dim == 3
  assert notes == ["the key 'size' is now called 'dim'"]
  assert settings.translate(Example, {"size": 3, "other": 1}) == {"dim": 3, "other": 1}


def test_whole_numbers_stand_for_floats_and_paths_for_strings():
  made = settings.make(Example, {"learning_rate": 2, "model": pathlib.Path("b")})
  assert isinstance(made.learning_rate, float)
  assert made.model == "b"


@pytest.mark.parametrize(("values", "message"), [
  ({"dim": 0}, "dim=0, expected at least 1."),
  ({"dim": 1.5}, "dim=1.5, expected a whole number."),
  ({"dim": True}, "dim=True, expected a whole number."),
  ({"dim": None}, "dim=None, expected a whole number."),
  ({"dim": 10**400}, "dim is beyond 64 bits, expected a whole number within them."),
  ({"rate": -(10**5000)}, "rate is beyond 64 bits, expected a number within them."),
  ({"learning_rate": 0}, "learning_rate=0.0, expected more than 0."),
  ({"learning_rate": float("nan")}, "learning_rate=nan, expected more than 0."),
  ({"learning_rate": "1"}, "learning_rate='1', expected a number."),
  ({"held_out": 1.0}, "held_out=1.0, expected at least 0 and less than 1."),
  ({"rate": 1.5}, "rate=1.5, expected more than 0 and at most 1."),
  ({"model": "c"}, "model='c', expected one of a, b."),
  ({"model": 1}, "model=1, expected a string."),
  ({"lowercase": 1}, "lowercase=1, expected True or False."),
])
def test_a_bad_value_is_one_line(values, message):
  with pytest.raises(InputError) as error:
    settings.make(Example, values)
  assert str(error.value) == message


@pytest.mark.parametrize(("key", "suggestion"), [
  ("dimm", "did you mean dim?"),
  ("lr", "did you mean learning_rate?"),
  ("embedding_dim", "did you mean dim?"),
  ("heldout", "did you mean held_out?"),
  ("vector_size", "did you mean dim?"),
  ("HiddenSize", "did you mean dim?"),
  ("zzz", "the keys are dim, held_out, learning_rate"),
])
def test_an_unknown_key_is_answered_with_the_nearest(key, suggestion):
  with pytest.raises(InputError, match=f"there is no key '{key}'; ") as error:
    settings.make(Example, {key: 1})
  assert suggestion in str(error.value)


@pytest.mark.parametrize(("key", "hint"), [
  ("lr", "only other methods have one, learning_rate: --help and docs/settings.md list the keys."),
  ("learning_rate", "only other methods have one, learning_rate"),
  ("zzzzz", "there is no key 'zzzzz'; --help and docs/settings.md list the keys."),
  ("z\x1b[31m" * 99, "there is no key 'z\\x1b[31m"),
])
def test_the_message_for_an_unknown_key_is_short(key, hint):
  cls = pretraining.SETTINGS["glove_als"]
  message = settings.unknown_key(cls, key)
  assert hint in message
  assert len(message) < 300
  assert message.isprintable()


@pytest.mark.parametrize(("method", "key", "near"), [
  ("word2vec", "negative", ["negatives"]),
  ("fasttext", "bucket", ["ngram_buckets"]),
  ("bert", "num_hidden_layers", ["layers"]),
  ("bert", "n_heads", ["heads"]),
  ("gpt", "block_size", ["context_length"]),
  ("gpt", "vocab_size", ["max_vocab"]),
  ("glove", "min_freq", ["min_count"]),
  ("glove", "window_size", ["window"]),
  ("ppmi_svd", "n_components", ["dim"]),
])
def test_names_of_other_libraries_lead_to_the_key_of_pretraining(method, key, near):
  assert settings.near_keys(pretraining.SETTINGS[method], key) == near


@pytest.mark.parametrize(("method", "key", "near"), [
  ("cnn", "hidden_size", ["lstm_size", "dim"]),
  ("cnn", "num_epochs", ["epochs"]),
  ("cnn", "validation_split", ["dev_fraction"]),
  ("tagger", "max_grad_norm", ["clip_norm"]),
  ("transformer", "max_seq_length", ["max_length"]),
  ("transformer", "per_device_train_batch_size", ["batch_size"]),
  ("fasttext_supervised", "wordNgrams", ["word_ngrams"]),
])
def test_names_of_other_libraries_lead_to_the_key_of_fine_tuning(method, key, near):
  assert settings.near_keys(finetuning_settings.SETTINGS[method], key) == near


def test_a_config_has_the_defaults_and_takes_changes():
  config = settings.config(Example, dim=3)
  assert config.to_dict() == dataclasses.asdict(Example(dim=3))
  config.lowercase = True  # a placeholder of its type
  with pytest.raises(TypeError):
    config.lowercase = "yes"
  assert settings.make(Example, ConfigDict(config).to_dict()) == Example(dim=3, lowercase=True)


def test_keys_that_may_change_on_resuming():
  assert settings.resumable_keys(Example) == {"log_every"}
