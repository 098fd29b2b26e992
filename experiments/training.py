"""What all programs that train share: settings that are checked, and runs that go on where they were killed."""

import os
import pathlib
import sys
from collections.abc import Collection, Mapping

from texts import say

from glove_jax import checkpoint, train
from glove_jax.errors import InputError


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


def use_huge_pages() -> None:
  """Starts this program anew with memory in huge pages, which GNU's C library asks Linux for only if told before.

  An update of a transformer takes hundreds of megabytes and gives them back; in pages of 4 kB that is an eighth of its
  time. Whoever has set GLIBC_TUNABLES keeps it.
  """
  if sys.platform == "linux" and "GLIBC_TUNABLES" not in os.environ:
    sys.stdout.flush()
    os.execve(sys.executable, sys.orig_argv, {**os.environ, "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"})
