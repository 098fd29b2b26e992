"""How XLA compiles functions that run so seldom that compilation counts more than their speed."""

import functools

import jax

# With the older emitters of fused loops and LLVM's first level, a CPU compiles an update of a
# convolutional network in a third of the time; it runs a seventh slower, with the same numbers.
_ON_CPU = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": 1}


def for_few_runs() -> dict:
  """Returns `compiler_options` of `jax.jit` that compile sooner, for the platform at hand.

  Options that this XLA does not know are left out.
  """
  if jax.default_backend() != "cpu":
    return {}
  return {name: value for name, value in _ON_CPU.items() if _is_known(name, value)}


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
