"""Kills runs of every recipe at random system calls, and lets them go on.

  python tests/damage/kill.py --count=200 --seed=1

The process is not really killed: from a chosen call on, every call that would change a file raises
an exception that no code here catches for good, so that nothing can be cleaned up, as after
SIGKILL. The run must then end with the results of one that was left alone, and leave nothing more.
"""

import argparse
import contextlib
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1])]
from damage import recipes  # noqa: E402

_CALLS = ("fsync", "link", "mkdir", "rename", "replace", "rmdir", "symlink", "truncate", "unlink")


class Killed(BaseException):
  """Stands for the end of the process."""


class Killer:
  """Counts the system calls of the main thread, and ends the process at one of them."""

  def __init__(self, at: int | None):
    self.at = at
    self.calls = 0

  def wrap(self, name: str):
    call = getattr(os, name)

    def hooked(*args, **kwargs):
      if threading.current_thread() is threading.main_thread():
        self.calls += 1
        if self.at is not None and self.calls >= self.at:
          if name == "fsync" and self.calls == self.at:
            size = os.fstat(args[0]).st_size
            os.ftruncate(args[0], size // 2)  # not all had reached the disk
          raise Killed(name)
      return call(*args, **kwargs)

    return call, hooked


@contextlib.contextmanager
def hooked(at: int | None = None):
  """Counts calls in the block; from the one of number `at` on they raise Killed."""
  killer = Killer(at)
  originals = {}
  for name in _CALLS:
    originals[name], replacement = killer.wrap(name)
    setattr(os, name, replacement)
  try:
    yield killer
  finally:
    for name, call in originals.items():
      setattr(os, name, call)


def killed(function, *args) -> bool:
  """Calls a function; returns whether it was killed."""
  try:
    function(*args)
  except Killed:
    return True
  except BaseException as error:  # code that wraps what it catches
    if not _comes_from_kill(error):
      raise
    return True
  return False


def _comes_from_kill(error: BaseException | None) -> bool:
  while error is not None:
    if isinstance(error, Killed):
      return True
    error = error.__cause__ or error.__context__
  return False


def kill_and_go_on(name: str, data, folder: pathlib.Path, moments: list[int], expected) -> None:
  """Kills a run at some of its calls, one after another, and lets it end; checks the results."""
  shutil.rmtree(folder, ignore_errors=True)
  for moment in moments:
    with hooked(at=moment):
      killed(recipes.run, name, data, folder)
  recipes.run(name, data, folder)
  results = recipes.results(folder)
  names = results.keys() | expected.keys()
  differing = sorted(file for file in names if results.get(file) != expected.get(file))
  assert not differing, f"{differing} differ"


def check_recipe(name: str, data, folder: pathlib.Path, count: int, rng) -> list[str]:
  """Kills runs of a recipe `count` times in all; returns a line for each that went wrong."""
  with hooked() as killer:
    recipes.run(name, data, folder / "whole")
  expected = recipes.results(folder / "whole")
  failures = []
  while count > 0:
    moments = [rng.randint(1, killer.calls) for _ in range(min(count, rng.choice([1, 1, 2, 3])))]
    count -= len(moments)
    try:
      kill_and_go_on(name, data, folder / "run", moments, expected)
    except Exception as error:
      failures.append(f"{name} killed at {moments}: {type(error).__name__}: {str(error)[:300]}")
      print("FAILED", failures[-1], flush=True)
  print(f"{name}: {killer.calls} calls", flush=True)
  return failures


def parse_arguments(count: int) -> argparse.Namespace:
  """Returns the arguments of these scripts."""
  parser = argparse.ArgumentParser()
  parser.add_argument("--count", type=int, default=count)
  parser.add_argument("--seed", type=int, default=1)
  parser.add_argument("--recipes", default=",".join(recipes.RECIPES))
  return parser.parse_args()


def check_recipes(check, count: int) -> None:
  """Calls `check(name, data, folder, count, rng)` for each recipe, and ends the program."""
  options = parse_arguments(count)
  recipes.prepare_process()
  names = options.recipes.split(",")
  start = time.monotonic()
  failures = []
  with tempfile.TemporaryDirectory() as temporary:
    base = pathlib.Path(temporary)
    data = recipes.write_data(base / "data")
    for number, name in enumerate(names):
      share = len(range(number, options.count, len(names)))
      rng = random.Random(f"{options.seed} {name}")
      failures += check(name, data, base / name, share, rng)
  seconds = time.monotonic() - start
  print(f"{options.count} times, {len(failures)} failures, {seconds:.0f} s")
  sys.exit(bool(failures))


if __name__ == "__main__":
  check_recipes(check_recipe, count=200)
