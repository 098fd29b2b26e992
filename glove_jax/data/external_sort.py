"""Sums integers by key when the keys outgrow memory, by external sorting: runs on disk are merged.

A run is a pair of raw int64 files, `NNNN.keys` (ascending and distinct) and `NNNN.sums`. The sums
are integers, so the result does not depend on how the stream was cut into runs, nor on the number
of threads.
"""

import concurrent.futures
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.progress import ignore

_ITEM = 8  # bytes of an int64
_SAMPLES_PER_PART = 256  # sampled keys that cut the key space into even ranges; each costs a read
_MIN_PART = 1 << 16  # entries worth a separate thread


def sum_by_key(keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Returns the distinct keys, ascending, and the sum of each key's values.

  keys, values: [N] int64.
  """
  order = np.argsort(keys, kind="stable")
  keys = keys[order]
  values = values[order]
  if not len(keys):
    return keys, values
  starts = run_starts(keys)
  return keys[starts], np.add.reduceat(values, starts)


def run_starts(ordered: np.ndarray) -> np.ndarray:
  """Returns the positions at which a new value begins in an ordered array."""
  if not len(ordered):
    return np.zeros(0, np.int64)
  is_start = np.empty(len(ordered), bool)
  is_start[0] = True
  np.not_equal(ordered[1:], ordered[:-1], out=is_start[1:])
  return np.flatnonzero(is_start)


def write_run(
  folder: pathlib.Path, number: int, parts: Iterable[tuple[np.ndarray, np.ndarray]]
) -> None:
  """Writes one sorted run, which arrives as parts (keys, sums). keys, sums: [N] int64."""
  keys_path = folder / f"{number:04d}.keys"
  with open(keys_path, "wb") as keys_file, open(_sums_path(keys_path), "wb") as sums_file:
    for keys, sums in parts:
      keys_file.write(keys.data)
      sums_file.write(sums.data)


def merge(
  *folders: pathlib.Path,
  max_entries: int,
  threads: int,
  then: Callable | None = None,
  advance: Callable[[int], None] = ignore,
) -> Iterator:
  """Merges all runs in `folders` and yields (keys, sums) in ascending key order, part by part.

  Args:
    *folders: hold what `write_run` wrote.
    max_entries: about how many entries of the runs a part is merged from.
    threads: how many parts are merged at the same time.
    then: if not None, `then(part, keys, sums)` is yielded instead of (keys, sums). It runs on
      the merging threads; parts are numbered from 0.
    advance: called with the entries of the runs whenever some have been merged.
  """
  runs = [path for folder in folders for path in sorted(folder.glob("*.keys"))]
  if not runs:
    return
  total = sum(map(_run_length, runs))
  parts = max(
    1,
    -(-total // max(1, max_entries)),
    min(threads, total // _MIN_PART),
  )
  bounds = _part_bounds(runs, parts)

  def merge_part(part: int):
    keys, sums = sum_by_key(*_read_part(runs, bounds[:, part], bounds[:, part + 1]))
    if then is None:
      return keys, sums
    return then(part, keys, sums)

  sizes = np.diff(bounds.sum(axis=0))
  for part, result in enumerate(ordered_map(merge_part, range(parts), threads)):
    yield result
    advance(int(sizes[part]))


def ordered_map(
  function: Callable, items: Iterable, threads: int, *, ahead: int = 0
) -> Iterator:
  """Maps `function` over `items` on a pool of threads and yields the results in order.

  Args:
    function: of an item.
    items: what it is called with.
    threads: number of threads.
    ahead: at most `threads` + `ahead` items are in progress or finished but not yet yielded, so
      memory stays bounded. With `ahead`, the threads go on while the caller uses a result.
  """
  with concurrent.futures.ThreadPoolExecutor(threads) as pool:
    waiting = []
    try:
      for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) >= threads + ahead:
          yield waiting.pop(0).result()
      while waiting:
        yield waiting.pop(0).result()
    finally:
      for future in waiting:
        future.cancel()


class _SampledRun(NamedTuple):
  """A run and every `step`-th of its keys, an index that saves most reads of a search."""

  path: pathlib.Path
  step: int
  sample: np.ndarray

  def position(self, key: int) -> int:
    """Returns how many keys of the run are below `key`."""
    step_number = max(0, int(np.searchsorted(self.sample, key)) - 1)
    start = step_number * self.step
    keys = _read(self.path, start, start + self.step)
    return start + int(np.searchsorted(keys, key))


def _part_bounds(runs: Sequence[pathlib.Path], parts: int) -> np.ndarray:
  """Returns the positions at which each run is cut into key ranges, [R, parts + 1] int64."""
  sizes = [_run_length(path) for path in runs]
  step = max(1, sum(sizes) // (_SAMPLES_PER_PART * parts))
  sampled = [_SampledRun(path, step, _every(path, step)) for path in runs]
  ordered = np.sort(np.concatenate([run.sample for run in sampled]))
  bounds = np.zeros((len(runs), parts + 1), np.int64)
  for part in range(1, parts):
    pivot = ordered[len(ordered) * part // parts]
    bounds[:, part] = [run.position(pivot) for run in sampled]
  bounds[:, parts] = sizes
  return bounds


def _read_part(
  runs: Sequence[pathlib.Path], starts: np.ndarray, stops: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
  """Returns keys and sums of the entries from `starts[i]` to `stops[i]` of each run i."""
  keys = []
  sums = []
  for path, start, stop in zip(runs, starts.tolist(), stops.tolist(), strict=True):
    keys.append(_read(path, start, stop))
    sums.append(_read(_sums_path(path), start, stop))
  return np.concatenate(keys), np.concatenate(sums)


def _sums_path(keys_path: pathlib.Path) -> pathlib.Path:
  return keys_path.with_suffix(".sums")


def _run_length(path: pathlib.Path) -> int:
  return path.stat().st_size // _ITEM


def _every(path: pathlib.Path, step: int) -> np.ndarray:
  """Reads every `step`-th key of a run."""
  positions = range(0, _run_length(path), step)
  keys = np.empty(len(positions), np.int64)
  with open(path, "rb", buffering=0) as file:
    for i, position in enumerate(positions):
      keys[i] = np.frombuffer(os.pread(file.fileno(), _ITEM, _ITEM * position), np.int64)[0]
  return keys


def _read(path: pathlib.Path, start: int, stop: int) -> np.ndarray:
  # Plain reads, not a memory map: the pages of a map would count as this process's memory.
  return np.fromfile(path, np.int64, stop - start, offset=start * _ITEM)
