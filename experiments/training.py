"""What all programs that train share: settings that are checked, and runs that go on where they were killed."""

import pathlib
from collections.abc import Collection, Mapping

from texts import say

from glove_jax import checkpoint, train
from glove_jax.files import InputError


def check_choices(config, choices: Mapping[str, Collection[str]]) -> None:
  """InputError if a key has another value than those that it may have."""
  for key, values in choices.items():
    if config[key] not in values:
      raise InputError(f"{key}={config[key]!r}, expected one of {', '.join(values)}.")


def start(folder: pathlib.Path, params, opt_state) -> train.TrainState:
  """The state of the run's last checkpoint, else a new one."""
  state = train.init_state(params, opt_state)
  saved = checkpoint.restore(folder / "checkpoints", state)
  if saved is None:
    return state
  say("resumed", f"step {int(saved.step):,}")
  return train.init_state(saved.params, saved.opt_state, saved.step)
