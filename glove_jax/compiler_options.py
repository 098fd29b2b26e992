"""Options with which XLA compiles functions of some kinds."""

import functools
from collections.abc import Mapping

import jax

# With the older emitters of fused loops and LLVM's first level, a CPU compiles an update of a
# convolutional network in a third of the time; it runs a seventh slower, with the same numbers.
_FEW_RUNS = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": 1}
# By default a CPU takes operations in an order that needs little memory, in which those that are
# independent share it, and so wait for each other.
_CONCURRENT = {"xla_cpu_enable_concurrency_optimized_scheduler": True}


def for_few_runs() -> dict:
  """Returns `compiler_options` of `jax.jit` for functions that run so seldom that compilation counts.

  They compile sooner. Options are those of the platform at hand, without such as this XLA does not
  know.
  """
  return _known(_FEW_RUNS)


def concurrent() -> dict:
  """Returns `compiler_options` with which the cores of a CPU run independent operations at once."""
  return _known(_CONCURRENT)


def _known(options: Mapping[str, bool | int]) -> dict:
  """Returns the options on a CPU that this XLA knows; none on other platforms."""
  if jax.default_backend() != "cpu":
    return {}
  return {name: value for name, value in options.items() if _is_known(name, value)}


@functools.cache
def _is_known(name: str, value: bool | int) -> bool:
  """Returns whether XLA has an option."""
  try:
    jax.jit(_nothing, compiler_options={name: value}).lower().compile()
  except jax.errors.JaxRuntimeError:
    return False
  return True


def _nothing():
  return ()
