"""What the methods have in common: which corpus they take, early stopping, averaging."""

import pytest

from glove_jax import pretraining
from glove_jax.loop import EarlyStopping
from glove_jax.pretraining import methods


def test_every_method_with_settings_has_a_plan():
  assert pretraining.METHODS.keys() == pretraining.SETTINGS.keys()


def test_patience_is_about_the_held_out_loss():
  settings = pretraining.parse({"method": "glove", "held_out": 0.1, "patience": 3})
  assert methods.early_stopping(settings) == EarlyStopping("held_out_loss", "min", 3)
  assert methods.early_stopping(pretraining.parse({"method": "glove"})) is None
  assert methods.early_stopping(pretraining.parse({"method": "bert"})) is None


@pytest.mark.parametrize(("method", "epochs", "averaged"), [
  ("glove", 15, 8), ("glove", 5, 3), ("glove", 1, 1), ("glove", 100, 8), ("glove_als", 15, 1)])
def test_no_more_than_the_last_half_of_the_epochs_is_averaged(method, epochs, averaged):
  settings = pretraining.parse({"method": method, "epochs": epochs})
  assert methods.averaged_epochs(settings) == averaged
