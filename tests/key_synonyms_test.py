"""Names of other libraries lead to keys that there are."""

import pytest

from glove_jax import key_synonyms, pretraining, settings
from glove_jax.finetuning import settings as finetuning_settings


def test_synonyms_are_of_keys_that_there_are():
  every = {**pretraining.SETTINGS, **finetuning_settings.SETTINGS}
  keys = set().union(*map(settings.field_names, every.values()))
  assert set(key_synonyms.SYNONYMS) <= keys


@pytest.mark.parametrize(
  "name, keys",
  [
    ("numTrainEpochs", ["epochs"]), ("num-train_epochs", ["epochs"]), ("epochs", ["epochs"]),
    ("input", ["corpus", "train"]), ("nonsense", []),
  ],
)
def test_case_and_underscores_do_not_count(name, keys):
  assert key_synonyms.keys_called(name) == keys
