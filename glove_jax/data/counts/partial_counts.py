"""Co-occurrence counts of a part of a corpus, which are added to those of its other parts.

Partial counts are a run of `pair_runs`, pairs with integer sums: what `cooccurrence.count` has
before it divides by the common denominator of the weights. Integers add exactly, so that parts may
be merged in any order and grouping, and the finished store has the bytes of one that was counted in
one process.
"""

import os
import pathlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import array_store
from glove_jax.data.counts import cooccurrence, pair_counting, pair_runs, text_blocks
from glove_jax.data.counts.cooccurrence import Store
from glove_jax.data.counts.pair_counting import Pairs, Window
from glove_jax.errors import InputError
from glove_jax.files import atomic_folder
from glove_jax.progress import ignore


class PartialCounts(NamedTuple):
  """Integer sums of the pairs of a part of a corpus; of symmetric counts the upper triangle."""

  folder: pathlib.Path
  vocab_size: int
  window: Window
  size: int  # number of pairs
  key: str   # identifies what is counted: the vocabulary and the settings, not the text


def count(
  ids: Iterable[np.ndarray], folder: str | os.PathLike, *, vocab_size: int, window: Window,
  memory_gb: float = 4.0, threads: int | None = None, key: str = "",
) -> PartialCounts:
  """Counts the co-occurrences in a part of a corpus; see `cooccurrence.count`.

  Args:
    ids: word ids of whole documents.
    folder: where the sums are stored, replacing it; left as it is if counting fails.
    vocab_size, window, memory_gb, threads: as for `cooccurrence.count`.
    key: stored beside the sums; only parts of the same key are added.

  Raises:
    InputError: the window makes no sense, or the disk is full.
  """
  counter = pair_counting.pair_counter(window, vocab_size)
  limits = pair_runs.resources(memory_gb, threads)
  blocks = text_blocks.split_blocks(ids, limits.block_size(window.size), window.size)
  with atomic_folder(folder, what="the counts") as building:
    scratch = building / "blocks"
    runs = pair_runs.count_runs(scratch, counter, blocks, limits.threads)
    _write_sum(building, runs, vocab_size, limits)
    shutil.rmtree(scratch)
    _write_metadata(building, vocab_size, window, key)
  return open_part(folder, key=key, verify=False)


def from_runs(
  runs: Iterable[Iterable[Pairs]], folder: str | os.PathLike, *,
  vocab_size: int, window: Window, memory_gb: float = 4.0, key: str = "",
) -> PartialCounts:
  """Stores sums that another program has made in `folder`, replacing it.

  Args:
    runs: each an iterable of distinct pairs, ascending by row and column, with integer sums of the
      weights of `pair_counting.pair_counter`; of symmetric counts the upper triangle.
    folder, vocab_size, window, memory_gb, key: as for `count`.

  Raises:
    InputError: the disk is full.
  """
  limits = pair_runs.resources(memory_gb)
  with atomic_folder(folder, what="the counts") as building:
    scratch = building / "blocks"
    scratch.mkdir()
    folders = []
    for number, parts in enumerate(runs):
      folders.append(scratch / f"{number}")
      pair_runs.write_run(folders[-1], vocab_size, parts)
    _write_sum(building, folders, vocab_size, limits)
    shutil.rmtree(scratch)
    _write_metadata(building, vocab_size, window, key)
  return open_part(folder, key=key, verify=False)


def merge(
  parts: Sequence[PartialCounts], folder: str | os.PathLike, *, memory_gb: float = 4.0,
  threads: int | None = None, advance: Callable[[int], None] = ignore,
) -> PartialCounts:
  """Adds partial counts and stores the sums in `folder`, replacing it.

  Args:
    parts: at least one; each is counted once for each time that it is named.
    folder: of the result, none of the parts.
    memory_gb: bound on the memory used, in units of 10^9 bytes.
    threads: number of threads; None means one per core.
    advance: called with the number of entries of the parts that have been merged.

  Raises:
    InputError: the parts do not count the same thing, or the disk is full.
  """
  check_alike(parts)
  first = parts[0]
  limits = pair_runs.resources(memory_gb, threads, advance)
  with atomic_folder(folder, what="the counts") as building:
    _write_sum(building, [part.folder for part in parts], first.vocab_size, limits)
    _write_metadata(building, first.vocab_size, first.window, first.key)
  return open_part(folder, key=first.key, verify=False)


def finish(
  parts: Sequence[PartialCounts], folder: str | os.PathLike, *, memory_gb: float = 4.0,
  threads: int | None = None, advance: Callable[[int], None] = ignore, key: str = "",
) -> Store:
  """Adds partial counts and divides the sums: the store that `cooccurrence.count` makes of all.

  Args:
    parts, folder, memory_gb, threads, advance: as for `merge`.
    key: stored beside the counts; `cooccurrence.open_store` compares it.

  Raises:
    InputError: the parts do not count the same thing, or the disk is full.
  """
  check_alike(parts)
  counter = pair_counting.pair_counter(parts[0].window, parts[0].vocab_size)
  limits = pair_runs.resources(memory_gb, threads, advance)
  with atomic_folder(folder, what="the counts") as building:
    runs = [part.folder for part in parts]
    cooccurrence.write_store(building, runs, counter, limits, key=key)
  return cooccurrence.open_store(folder, key=key, verify=False)


def open_part(
  folder: str | os.PathLike, *, key: str | None = "", verify: bool = True
) -> PartialCounts | None:
  """Opens the partial counts in `folder`; returns None if there are none or of another `key`.

  Args:
    folder: where `count` or `merge` stored them.
    key: the key that they must have been stored with; None: any.
    verify: whether to compare checksums, which reads every byte once.

  Raises:
    InputError: a file is damaged.
  """
  folder = pathlib.Path(folder)
  stored = array_store.load(folder, key=key, names=pair_runs.FILES, verify=verify)
  if stored is None:
    return None
  try:
    vocab_size = int(stored.extra["vocab_size"])
    window = Window(*stored.extra["window"])
  except (KeyError, TypeError, ValueError):
    raise array_store.damaged(folder, "no vocabulary or window") from None
  return PartialCounts(folder, vocab_size, window, len(stored.arrays["cols"]), stored.key)


def check_alike(parts: Sequence[PartialCounts]) -> None:
  """Raises InputError unless there are parts, all with the same vocabulary and settings."""
  if not parts:
    raise InputError("there are no counts to merge, expected those of one part or more.")
  first, *others = parts
  for part in others:
    for what in ("vocab_size", "window", "key"):
      actual = getattr(part, what)
      expected = getattr(first, what)
      if actual != expected:
        raise InputError(
          f"{part.folder}: was counted with {what}={actual}, expected {expected} as in"
          f" {first.folder}; counts of different settings or vocabularies cannot be added."
        )


def _write_sum(
  building: pathlib.Path,
  runs: Sequence[pathlib.Path],
  vocab_size: int,
  limits: pair_runs.Resources,
) -> None:
  """Writes the sum of runs as one run in `building`."""
  pair_runs.write_run(building, vocab_size, pair_runs.sum_runs(runs, vocab_size, limits))
  for name in pair_runs.FILES:
    with open(building / name, "rb") as file:
      os.fsync(file.fileno())


def _write_metadata(building: pathlib.Path, vocab_size: int, window: Window, key: str) -> None:
  extra = {"vocab_size": vocab_size, "window": window}
  array_store.write_metadata(building, pair_runs.FILES, key=key, extra=extra)
