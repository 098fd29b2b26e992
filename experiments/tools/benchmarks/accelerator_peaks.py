"""What a device can do at most: multiply matrices and copy memory, measured and as published."""

import time
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from glove_jax import parallel

# Products of dense bfloat16 (V100, T4: float16) matrices, 10^12 floating-point operations a second,
# of the makers' data sheets; parts of `device_kind`, the longer names first.
PUBLISHED = {
  "H200": 989, "H100 PCIe": 756, "H100": 989, "GH200": 989, "B200": 2250, "A100": 312, "A10G": 70,
  "L40S": 362, "L4": 121, "V100": 125, "T4": 65, "TPU v6": 918, "TPU v5p": 459, "TPU v5": 197,
  "TPU v4": 275, "TPU v3": 61.5, "TPU v2": 22.5,
}  # fmt: skip


class Timing(NamedTuple):
  """How long a function takes, in seconds."""

  first: float   # the first call, which compiles
  steady: float  # a later call


def measure(call: Callable[[], object], *, seconds: float) -> Timing:
  """Calls a function again and again, with few results in flight, and waits for the last ones.

  Args:
    call: returns arrays on devices, which a later call does not donate.
    seconds: how long to measure; at least one call after the first.
  """
  start = time.monotonic()
  jax.block_until_ready(call())
  first = time.monotonic() - start
  start = time.monotonic()
  jax.block_until_ready(call())
  second = time.monotonic() - start
  calls = max(1, min(1000, int(seconds / max(second, 1e-6))))
  in_flight = []
  start = time.monotonic()
  for _ in range(calls):
    parallel.pace(in_flight, call())
  jax.block_until_ready(in_flight)
  return Timing(first, (time.monotonic() - start) / calls)


def copy_speed(num_bytes: int, *, seconds: float) -> tuple[float, Timing]:
  """Returns the bytes that one device reads and writes in a second, of an array of a size."""
  array = jnp.ones(num_bytes // 4, jnp.float32)
  negate = jax.jit(jnp.negative)
  timing = measure(lambda: negate(array), seconds=seconds)
  return 2 * array.nbytes / timing.steady, timing


def matmul_speed(size: int, dtype: str, *, seconds: float) -> tuple[float, Timing]:
  """Returns the floating-point operations a second of one device in products of [size, size].

  The precision is the one that training has: on GPUs of NVIDIA that of TF32 for float32.
  """
  matrix = jnp.ones((size, size), dtype)
  multiply = jax.jit(jnp.matmul)
  timing = measure(lambda: multiply(matrix, matrix), seconds=seconds)
  return 2 * size**3 / timing.steady, timing


def published_speed(device_kind: str) -> float | None:
  """Returns the published operations a second of a kind of device in bfloat16; None: unknown."""
  for name, teraflops in PUBLISHED.items():
    if name in device_kind:
      return teraflops * 1e12
  return None
