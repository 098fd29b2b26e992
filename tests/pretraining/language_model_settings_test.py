"""Settings of language models."""

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
