"""Sums by key that outgrow memory: sorted runs on disk, merged by key range.

A run is two raw files, `NNNN.keys` and `NNNN.sums` (int64, keys ascending and distinct). Sums are integers, so the
result does not depend on how the stream was cut into runs, nor on the number of threads.
"""

import concurrent.futures
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np

_SAMPLES = 256  # keys sampled a part, to cut the key space into even ranges; each costs a read


def sum_by_key(keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Distinct keys in ascending order, and the sum of each one's values. keys, values: [N] int64."""
  order = np.argsort(keys, kind="stable")
  keys, values = keys[order], values[order]
  starts = run_starts(keys)
  return keys[starts], np.add.reduceat(values, starts) if len(starts) else values


def run_starts(ordered: np.ndarray) -> np.ndarray:
  """Positions at which a new value begins in an ordered array."""
  if not len(ordered):
    return np.zeros(0, np.int64)
  fresh = np.empty(len(ordered), bool)
  fresh[0] = True
  np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
  return np.flatnonzero(fresh)


def write_run(folder: pathlib.Path, number: int, parts: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
  """Writes one sorted run that comes in parts (keys, sums). keys, sums: [N] int64."""
  with open(folder / f"{number:04d}.keys", "wb") as keys_file, open(folder / f"{number:04d}.sums", "wb") as sums_file:
    for keys, sums in parts:
      keys_file.write(keys.data)
      sums_file.write(sums.data)


def merge(
  folder: pathlib.Path, *, max_entries: int, threads: int, then: Callable = lambda part, keys, sums: (keys, sums)
) -> Iterator:
  """Yields (keys, sums) of all runs in `folder` in ascending key order, about `max_entries` entries at a time.

  Or what `then(part, keys, sums)`, which runs on the same threads, makes of them; parts are numbered from 0.
  """
  runs = sorted(folder.glob("*.keys"))
  total = sum(path.stat().st_size for path in runs) // 8
  parts = max(1, -(-total // max(1, max_entries)), min(threads, total // 65536))
  bounds = _cut(runs, parts)

  def load(part: int):
    slices = [(path, lows[part], lows[part + 1]) for path, lows in zip(runs, bounds, strict=True)]
    keys = np.concatenate([_read(path, low, high) for path, low, high in slices])
    sums = np.concatenate([_read(path.with_suffix(".sums"), low, high) for path, low, high in slices])
    return then(part, *sum_by_key(keys, sums))

  if runs:
    yield from ordered_map(load, range(parts), threads)


def ordered_map(function: Callable, items: Iterable, threads: int) -> Iterator:
  """`map` on a pool of threads: results in order, and never more than `threads` items under way or waiting."""
  with concurrent.futures.ThreadPoolExecutor(threads) as pool:
    waiting = []
    try:
      for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) >= threads:
          yield waiting.pop(0).result()
      while waiting:
        yield waiting.pop(0).result()
    finally:
      for future in waiting:
        future.cancel()


def _cut(runs: list[pathlib.Path], parts: int) -> list[list[int]]:
  """For each run, the `parts + 1` positions between which the ranges of keys lie."""
  sizes = [path.stat().st_size // 8 for path in runs]
  step = max(1, sum(sizes) // (_SAMPLES * parts))
  samples = [_every(path, step) for path in runs]
  ordered = np.sort(np.concatenate(samples)) if samples else np.zeros(0, np.int64)
  pivots = [ordered[len(ordered) * part // parts] for part in range(1, parts)]
  def position(path, sample, pivot) -> int:
    """How many keys of the run are below the pivot: look in the sample, then in one step of the file."""
    start = max(0, int(np.searchsorted(sample, pivot)) - 1) * step
    return start + int(np.searchsorted(_read(path, start, start + step), pivot))
  return [
    [0, *(position(path, sample, pivot) for pivot in pivots), size]
    for path, sample, size in zip(runs, samples, sizes, strict=True)
  ]


def _every(path: pathlib.Path, step: int) -> np.ndarray:
  """Every `step`-th key of a run."""
  with open(path, "rb", buffering=0) as file:
    return np.array([
      np.frombuffer(os.pread(file.fileno(), 8, 8 * position), np.int64)[0]
      for position in range(0, path.stat().st_size // 8, step)
    ], np.int64)


def _read(path: pathlib.Path, low: int, high: int) -> np.ndarray:
  # Plain reads, not a memory map: pages of a map would count as this process's memory.
  return np.fromfile(path, np.int64, high - low, offset=low * 8)
