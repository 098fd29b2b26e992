"""Settings of language models."""

import json

import pytest

from glove_jax import settings as settings_lib
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.models import transformer
from glove_jax.pretraining import language_model_settings, settings


@pytest.mark.parametrize("method", ["bert", "gpt"])
def test_choices_are_those_of_the_code_below(method):
  fields = settings.SETTINGS[method].__dataclass_fields__
  assert settings_lib.limits_of(fields["dtype"]).choices == tuple(transformer.DTYPES)
  text = settings_lib.limits_of(fields["tokenizer"]).text
  assert all(kind in text for kind in subword_tokenizers.KINDS)


@pytest.mark.parametrize(("method", "tokenizer", "learning_rate"), [
  ("bert", "wordpiece", 5e-4), ("gpt", "bpe", 1e-3)])
def test_methods_differ_in_some_defaults(method, tokenizer, learning_rate):
  made = settings.parse({"method": method})
  assert (made.tokenizer, made.learning_rate) == (tokenizer, learning_rate)


def test_they_are_those_of_bert_and_gpt():
  language_models = {name for name, cls in settings.SETTINGS.items()
                     if issubclass(cls, language_model_settings.LanguageModelSettings)}
  assert language_models == {"bert", "gpt"}


HF_CONFIG = {
  "model_type": "bert",
  "vocab_size": 30,
  "hidden_size": 12,
  "num_hidden_layers": 3,
  "num_attention_heads": 2,
  "intermediate_size": 20,
  "max_position_embeddings": 24,
}


def sizes(made):
  return (made.layers, made.dim, made.heads, made.feedforward_dim, made.context_length)


def test_sizes_are_those_of_init_unless_they_are_set(tmp_path):
  (tmp_path / "config.json").write_text(json.dumps(HF_CONFIG))
  made = settings.parse({"method": "bert", "init": str(tmp_path)})
  assert sizes(made) == (3, 12, 2, 20, 24)
  # A size that contradicts is kept, for the error that names it once the model is read.
  assert sizes(settings.parse({"method": "bert", "init": str(tmp_path), "layers": 4}))[0] == 4
  (tmp_path / "model").mkdir()  # a run: its model is in a folder
  (tmp_path / "config.json").rename(tmp_path / "model" / "config.json")
  (tmp_path / "config.json").write_text('{"method": "bert", "dim": 99}')
  assert sizes(settings.parse({"method": "bert", "init": str(tmp_path)})) == (3, 12, 2, 20, 24)


def test_sizes_of_a_model_that_starts_at_random():
  assert sizes(settings.parse({"method": "gpt"})) == (4, 256, 4, 0, 128)
  assert sizes(settings.parse({"method": "gpt", "heads": 2, "init": "/nowhere"}))[2] == 2


def test_a_usual_feedforward_width_stays_0_as_in_the_run_to_continue(tmp_path):
  (tmp_path / "config.json").write_text(json.dumps({**HF_CONFIG, "intermediate_size": 48}))
  assert settings.parse({"method": "bert", "init": str(tmp_path)}).feedforward_dim == 0
