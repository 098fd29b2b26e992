"""Setting choices equal those of the code they select; groups can have other defaults."""

import dataclasses

from glove_jax import optimizers
from glove_jax import settings as settings_lib
from glove_jax.data.labelled import tagging
from glove_jax.finetuning import setting_groups, settings
from glove_jax.models import transformer
from glove_jax.tasks import classify, fasttext_classifier


def test_choices_are_what_the_code_offers():
  assert set(setting_groups.POOLINGS) == set(classify.POOLINGS)
  assert set(setting_groups.OPTIMIZERS) == set(optimizers.OPTIMIZERS)
  assert setting_groups.SCHEDULES == optimizers.SCHEDULES
  assert set(setting_groups.SCHEMES) == set(tagging.SCHEMES)
  assert set(setting_groups.DTYPES) == set(transformer.DTYPES)
  assert set(settings.FASTTEXT_LOSSES) == set(fasttext_classifier.LOSSES)


def test_another_default_keeps_bounds_choices_and_old_spellings():
  fields = {field.name: field for field in dataclasses.fields(settings.BertTagSettings)}
  assert fields["schedule"].default == "linear"
  limits = settings_lib.limits_of(fields["schedule"])
  assert limits.choices == setting_groups.SCHEDULES
  assert settings_lib.limits_of(fields["warmup_epochs"]).former == ("warmup",)


def test_keys_of_the_data_come_first_in_every_method():
  for cls in settings.CONFIGS.values():
    assert [field.name for field in dataclasses.fields(cls)][:3] == ["method", "predict", "train"]
