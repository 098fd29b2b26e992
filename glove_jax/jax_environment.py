"""JAX as the computations of this project expect it, whatever else the process uses it for.

A user may have enabled 64 bits or strict promotion for other work. The code here is written for
JAX's defaults: with others it would train other numbers, or fail. Each public function that
computes runs in `standard()`, which leaves the user's own choices as they are.
"""

import contextlib
from collections.abc import Iterator
from importlib import metadata

from glove_jax.errors import InputError

# What to install for a platform of JAX_PLATFORMS.
_PACKAGES = {"cuda": "jax[cuda12]", "gpu": "jax[cuda12]", "rocm": "jax[rocm]", "tpu": "jax[tpu]"}
_MOST_CPU_DEVICES = 256  # of 100,000 JAX would run out of threads without a word


@contextlib.contextmanager
def standard() -> Iterator[None]:
  """Runs a block, or a function that it decorates, on a platform that is there, in float32.

  Raises:
    InputError: JAX is told to run on a platform that this machine does not have.
  """
  check_platform()
  with standard_numbers():
    yield


@contextlib.contextmanager
def standard_numbers() -> Iterator[None]:
  """Runs a block with float32, and JAX's default rules of promotion and random numbers."""
  import jax  # imported late: programs that do not compute start without it

  with (
    jax.enable_x64(False),
    jax.numpy_dtype_promotion("standard"),
    jax.numpy_rank_promotion("allow"),
    jax.default_prng_impl("threefry2x32"),
    jax.threefry_partitionable(True),
  ):
    yield


def check_platform() -> None:
  """Raises InputError, with what to install, if JAX cannot start on its platform."""
  import jax

  devices = jax.config.jax_num_cpu_devices  # -1 unless it is set
  if devices == 0 or devices > _MOST_CPU_DEVICES:
    raise InputError(f"JAX_NUM_CPU_DEVICES={devices}, expected from 1 to {_MOST_CPU_DEVICES}.")
  try:
    jax.local_devices()
  except (AssertionError, RuntimeError) as error:  # AssertionError: CUDA without its plugin
    raise InputError(_missing_platform(_asked_platforms(), error)) from None


def _asked_platforms() -> str | None:
  """Returns what JAX_PLATFORMS, or the user's code, has asked for."""
  import jax

  return jax.config.jax_platforms


def _missing_platform(platforms: str | None, error: Exception) -> str:
  """Returns a line about a platform that JAX cannot start on."""
  if not platforms:
    return f"JAX cannot start: {_reason(error)}."
  plugins = metadata.entry_points(group="jax_plugins")
  installed = ["cpu", *sorted(plugin.name for plugin in plugins)]
  packages = [_PACKAGES[name] for name in platforms.lower().split(",") if name in _PACKAGES]
  advice = f"pip install '{packages[0]}', or set" if packages else "set"
  return (
    f"JAX_PLATFORMS={platforms}: JAX cannot start on it ({_reason(error)}); installed are"
    f" {', '.join(installed)}; {advice} JAX_PLATFORMS=cpu."
  )


def _reason(error: Exception) -> str:
  """Returns the first line of JAX's error, without its advice."""
  first_line = str(error).partition("\n")[0]
  if not first_line or "not in the list of known backends" in first_line:
    return "no plugin for it"
  return first_line.partition(" (set JAX_PLATFORMS")[0]
