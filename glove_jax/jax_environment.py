"""JAX as the computations of this project expect it, whatever else the process uses it for.

A user may have enabled 64 bits or strict promotion for other work. The code here is written for
JAX's defaults: with others it would train other numbers, or fail. Each public function that
computes runs in `standard()`, which leaves the user's own choices as they are.
"""

import contextlib
import functools
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any

from glove_jax import installation
from glove_jax.errors import InputError, quote
from glove_jax.progress import note

# What to install for a platform of JAX_PLATFORMS.
_PACKAGES = {"cuda": "jax[cuda12]", "gpu": "jax[cuda12]", "rocm": "jax[rocm]", "tpu": "jax[tpu]"}
# JAX's readers of variables that do not list the values that they take.
_EXPECTED = {
  "bool_env": "true or false", "int_env": "a whole number",
  "int_state": "a whole number", "float_state": "a number",
}  # fmt: skip
# Flags that need no trial: the one that most people set.
_TRIED_FLAGS = re.compile(r"(--xla_force_host_platform_device_count=\d+\s*)*")
_MOST_CHOICES = 6  # in a message
_TRIAL = "from jaxlib import xla_client; xla_client.make_cpu_client()"  # XLA reads its flags here
_FLAG_ERROR = re.compile("(Unknown flag|Couldn't interpret value ).*")
_MOST_CPU_DEVICES = 256  # of 100,000 JAX would run out of threads without a word


@contextlib.contextmanager
def standard() -> Iterator[None]:
  """Runs a block, or a function that it decorates, on a platform that is there, in float32.

  Raises:
    InputError: JAX is told to run on a platform that this machine does not have, or a variable
      for JAX has a value that it cannot read.
  """
  check_variables()
  check_platform()
  _note_disabled_jit()
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
  """Imports JAX. Raises InputError for a variable of the environment that JAX or XLA cannot read.

  JAX reads its variables when it is imported, and stops with a traceback; XLA ends the process
  without an exception, which is why its flags are tried in another process first.
  """
  _check_xla_flags(os.environ.get("XLA_FLAGS", "").strip())
  try:
    import jax  # noqa: F401
  except ValueError as error:
    message = unreadable_variable(error)
    if not message:
      raise
    raise InputError(message) from None


def unreadable_variable(error: ValueError) -> str | None:
  """Returns a line about the variable at which the import of JAX stopped; None: it did not.

  JAX's own message says neither which values it takes nor always which variable it is. Both stand
  in the function that reads it.
  """
  message = None
  for frame, _ in traceback.walk_tb(error.__traceback__):
    if frame.f_globals.get("__name__") != "jax._src.config":
      continue
    values = frame.f_locals
    name = str(values.get("name") or values.get("varname")).upper()
    if name in os.environ:
      expected = _EXPECTED.get(frame.f_code.co_name) or _choices(values)  # the innermost counts
      message = f"{name}={quote(os.environ[name])}, expected {expected}."
  return message


def _choices(values: Mapping[str, Any]) -> str:
  """Returns the first of the values that a variable can have, from JAX's function."""
  choices = values.get("enum_values") or [item.value for item in values.get("enum_class", ())]
  if not choices:
    return "another value"
  dots = ", …" if len(choices) > _MOST_CHOICES else ""
  return f"one of {', '.join(map(str, choices[:_MOST_CHOICES]))}{dots}"


@functools.cache
def _check_xla_flags(flags: str) -> None:
  """Raises InputError for flags that XLA cannot read."""
  if _TRIED_FLAGS.fullmatch(flags):
    return
  if not flags.startswith("--") and not os.path.isfile(flags):
    raise InputError(f"XLA_FLAGS={quote(flags)}, expected flags such as --xla_…, or a file.")
  trial = subprocess.run(
    [sys.executable, "-c", _TRIAL], stderr=subprocess.PIPE, text=True, errors="replace"
  )
  reason = _FLAG_ERROR.search(trial.stderr)
  if trial.returncode and reason:
    raise InputError(f"XLA_FLAGS={quote(flags)}: XLA cannot read them ({reason[0].rstrip('.')}).")


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


@functools.cache  # once a process
def _note_disabled_jit() -> None:
  """Says that JAX compiles nothing, if it is told so."""
  import jax

  if jax.config.jax_disable_jit:
    note("JAX_DISABLE_JIT is set: nothing is compiled, which is many times slower")


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
  advice = f"{installation.pip_install(packages[0])}, or set" if packages else "set"
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
