"""Several programs, at once if asked to, each on its share of the cores; what JAX compiles for one serves all."""

import os
import pathlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from absl import flags


def define_flag() -> None:
  flags.DEFINE_integer("jobs", 1, "Runs at once, each on its share of the cores.", lower_bound=1)


def share_compiled(folder: pathlib.Path) -> None:
  """Lets the programs that are started keep compiled code in `folder/compiled`, unless they are told where already."""
  os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str((folder / "compiled").absolute()))
  os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")


def run_all(function: Callable, items: Iterable, jobs: int) -> Iterator[Any]:
  """function(item) of each, in their order, so many at once; programs that it starts keep to the job's cores."""
  shares = divided(jobs)
  with ThreadPoolExecutor(jobs, initializer=lambda: keep_to(shares.pop())) as pool:
    yield from pool.map(function, items)


def divided(jobs: int) -> list[set[int]]:
  """The cores of each of several jobs; none where that is not to be had."""
  cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
  return [set(cores[job::jobs] or cores[job % len(cores) :][:1]) if cores else set() for job in range(jobs)]


def keep_to(cores: set[int]) -> None:
  """Keeps this thread, and the programs that it starts, to some cores."""
  if cores:
    os.sched_setaffinity(0, cores)
