"""Compiler options of XLA for functions that run few times, and for those of independent parts."""

import functools
from collections.abc import Mapping

import jax

# With the older emitters of fused loops and LLVM's first level, a CPU compiles an update of a
# convolutional network in a third of the time; it runs a seventh slower, with the same numbers.
_FEW_RUNS = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": 1}
# By default XLA orders the operations of a CPU for little memory: independent ones share it, and so
# wait for each other.
_CONCURRENT = {"xla_cpu_enable_concurrency_optimized_scheduler": True}


def for_few_runs() -> dict:
  """Returns `compiler_options` of `jax.jit` that compile sooner, for the platform at hand.

  Options that this XLA does not know are left out.
  """
  return _known(_FEW_RUNS)


def concurrent() -> dict:
  """Returns `compiler_options` with which the cores of a CPU run independent operations at once.

  Options that this XLA does not know are left out.
  """
  return _known(_CONCURRENT)


def _known(options: Mapping[str, bool | int]) -> dict:
  """Returns those of the options that this XLA knows; none on accelerators."""
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
