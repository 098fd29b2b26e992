"""JAX as the computations of this project expect it, whatever else the process uses it for.

A user may have enabled 64 bits or strict promotion for other work. The code here is written for
JAX's defaults: with others it would train other numbers, or fail. Each public function that
computes runs in `standard()`, which leaves the user's own choices as they are.
"""

import contextlib
import os
from collections.abc import Iterator
from importlib import metadata

from glove_jax.errors import InputError, quote

# What to install for a platform of JAX_PLATFORMS.
_PACKAGES = {"cuda": "jax[cuda12]", "gpu": "jax[cuda12]", "rocm": "jax[rocm]", "tpu": "jax[tpu]"}
# Variables that people set. Of a value that it cannot read JAX stops with a traceback on import.
_BOOLEANS = (
  "JAX_CHECK_TRACER_LEAKS", "JAX_DEBUG_INFS", "JAX_DEBUG_NANS", "JAX_DISABLE_JIT",
  "JAX_ENABLE_CHECKS", "JAX_ENABLE_COMPILATION_CACHE", "JAX_ENABLE_X64",
  "JAX_EXPLAIN_CACHE_MISSES", "JAX_LOG_COMPILES", "JAX_THREEFRY_PARTITIONABLE",
)  # fmt: skip
_TRUTH_VALUES = ("1", "true", "t", "yes", "y", "on", "0", "false", "f", "no", "n", "off")
_NUMBERS = {
  "JAX_NUM_CPU_DEVICES": int,
  "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": float,
  "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": int,
}
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


def check_variables() -> None:
  """Raises InputError for a value in the environment that JAX cannot read, without importing JAX.

  XLA ends the process, without an exception, for flags that it cannot read; those that are none,
  and name no file either, are reported here.
  """
  for name in _BOOLEANS:
    value = os.environ.get(name)
    if value is not None and value.lower() not in _TRUTH_VALUES:
      raise InputError(f"{name}={quote(value)}, expected true or false.")
  for name, number in _NUMBERS.items():
    value = os.environ.get(name, "0")
    try:
      number(value)
    except ValueError:
      noun = "a whole number" if number is int else "a number"
      raise InputError(f"{name}={quote(value)}, expected {noun}.") from None
  xla_flags = os.environ.get("XLA_FLAGS", "").strip()
  if xla_flags and not xla_flags.startswith("--") and not os.path.isfile(xla_flags):
    raise InputError(f"XLA_FLAGS={quote(xla_flags)}, expected flags such as --xla_…, or a file.")


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
