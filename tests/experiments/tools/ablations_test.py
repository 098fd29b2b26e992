"""The experiments of ablate.py: their settings."""

import pytest

from configs import classify
from glove_jax import finetuning
from tools.ablations import EXPERIMENTS

STRATEGIES = {
  "lr_multipliers",
  "unfreeze_after",
  "warmup_epochs",
  "schedule",
  "input_dropout",
  "variational",
  "word_dropout",
  "recurrent_dropout",
  "layer_dropout",
  "dropout",
  "weight_decay",
  "label_smoothing",
  "patience",
  "class_weights",
  "eda",
  "mixup",
  "ema_decay",
}


def keyed(settings):
  return dict(setting.split("=", 1) for setting in settings.split())


def test_every_strategy_is_a_key_that_is_tried_and_changes_the_baseline():
  tried = set()
  for name, experiment in EXPERIMENTS.items():
    baseline = keyed(experiment.baseline)
    for strategy, settings in experiment.strategies.items():
      changes = keyed(settings)
      assert changes and not changes.items() & baseline.items(), (name, strategy)
      assert len(strategy) <= 29, "wider than its column"
      tried |= set(changes)
  assert tried >= STRATEGIES


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_all_settings_are_good(name):
  experiment = EXPERIMENTS[name]
  defaults = dict(classify.get_config())
  for settings in ("", *experiment.strategies.values()):
    values = {**keyed(experiment.baseline), **keyed(settings)}
    assert set(values) <= set(defaults)
    typed = {key: _as(defaults[key], value) for key, value in values.items()}
    finetuning.parse({**defaults, "train": "a", **typed})


def _as(default, text):
  """The value of a flag `--config.KEY=text`."""
  if isinstance(default, bool):
    return {"True": True, "False": False}[text]
  if default is None:  # of batch_size
    return int(text)
  return type(default)(text)
