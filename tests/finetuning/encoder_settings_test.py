"""Types of numbers are those of the models; words are read as the vectors they start from."""

from glove_jax.finetuning import encoder_settings
from glove_jax.finetuning.settings import ClassifySettings
from glove_jax.models import transformer


def test_choices_are_what_the_code_offers():
  assert set(encoder_settings.DTYPES) == set(transformer.DTYPES)


def test_without_init_words_are_split_at_spaces_in_lower_case():
  settings = ClassifySettings()
  assert (settings.tokenizer, settings.lowercase) == ("whitespace", True)
  assert ClassifySettings(lowercase=False).lowercase is False
