"""Runs a function on blocks of arrays, in a thread for each core."""

import concurrent.futures
import functools
import os
from collections.abc import Callable, Iterable
from typing import TypeVar

import threadpoolctl

Result = TypeVar("Result")


def map_blocks(function: Callable[..., Result], *arguments: Iterable) -> list[Result]:
  """Returns what `map` does; a single block is not worth a thread.

  NumPy leaves Python's lock to other threads while it computes.

  Meanwhile matrix products use no threads of their own: these wait for each other after each
  product, and burn the time of the cores where other programs run.
  """
  calls = list(zip(*arguments, strict=True))
  if len(calls) < 2:
    return [function(*call) for call in calls]
  pool = concurrent.futures.ThreadPoolExecutor(num_cores())
  with pool, _blas().limit(limits=1, user_api="blas"):
    return list(pool.map(function, *zip(*calls, strict=True)))


def num_cores() -> int:
  """Returns the number of cores that this process may use."""
  if hasattr(os, "sched_getaffinity"):
    return len(os.sched_getaffinity(0))
  return os.cpu_count() or 1


@functools.cache
def _blas() -> threadpoolctl.ThreadpoolController:
  return threadpoolctl.ThreadpoolController()
