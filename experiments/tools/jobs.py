"""Several programs at once, each on its share of the CPU cores, with one cache of compiled code."""

import os
import pathlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from absl import flags


def define_flag() -> None:
  """Defines `--jobs`."""
  flags.DEFINE_integer("jobs", 1, "Runs at once, each on its share of the cores.", lower_bound=1)


def share_compiled_code(folder: pathlib.Path) -> None:
  """Makes programs started from now on share compiled code in `folder/compiled`.

  A cache that the environment names already is left as it is.
  """
  cache = (folder / "compiled").absolute()
  os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(cache))
  os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")


def run_all(function: Callable, items: Iterable, jobs: int) -> Iterator[Any]:
  """Yields function(item) of each item in order, while `jobs` of the calls run at once.

  Programs that a call starts stay on the cores of its job.
  """
  shares = split_cores(jobs)

  def pin_thread() -> None:
    cores = shares.pop()
    if cores:
      os.sched_setaffinity(0, cores)

  with ThreadPoolExecutor(jobs, initializer=pin_thread) as pool:
    yield from pool.map(function, items)


def split_cores(jobs: int) -> list[set[int]]:
  """Returns the CPU cores of each job; empty sets where the system does not let us choose."""
  if not hasattr(os, "sched_getaffinity"):
    return [set() for _ in range(jobs)]
  cores = sorted(os.sched_getaffinity(0))
  shares = []
  for job in range(jobs):
    share = cores[job::jobs]
    if not share:  # more jobs than cores
      share = [cores[job % len(cores)]]
    shares.append(set(share))
  return shares
