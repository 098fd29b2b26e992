"""Keys of the data: schemes of tags, and their order in every method."""

import dataclasses

from glove_jax.data.labelled import tagging
from glove_jax.finetuning import data_settings, settings


def test_schemes_are_those_that_are_written():
  assert set(data_settings.SCHEMES) == set(tagging.SCHEMES)


def test_keys_of_the_data_come_first_in_every_method():
  for cls in settings.CONFIGS.values():
    assert [field.name for field in dataclasses.fields(cls)][:3] == ["method", "predict", "train"]
