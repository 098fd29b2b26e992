"""Packs the rows of a sparse matrix into chunks of few shapes without splitting a row.

A function that is compiled once per shape then sees every row whole.

A row's entries fill tiles of 64 slots; a chunk of tiles holds up to 32 rows. Short rows go into
chunks that fit a processor's cache, longer ones into chunks 4, 16, ... times as large, and shorter
rows fill the space that those leave: 4 % of the slots are padding. Rounding each row up to a power
of two would waste 44 %.
"""

import contextlib
import functools
import os
import pathlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import array_store, external_sort
from glove_jax.data.counts import chunk_planning, record_batches
from glove_jax.data.counts.cooccurrence import Store
from glove_jax.files import atomic_folder
from glove_jax.shares import WHOLE, Share

_GROUP = 1 << 21  # slots packed at a time

_TYPES = {"cols": np.int32, "counts": np.float32, "tile_row": np.int32, "row": np.int32}


class Chunks(NamedTuple):
  """C chunks of one shape, each of S tiles of `TILE` slots. A chunk of zeros is padding.

  Chunks of `dense_rows` have neither `cols` nor `tile_row`; a tile is a row with all its columns.
  """

  cols: np.ndarray | None      # [C, S, TILE] int32
  counts: np.ndarray           # [C, S, TILE] float32; 0 is an empty slot
  tile_row: np.ndarray | None  # [C, S] int32, index into the chunk's rows, ascending
  row: np.ndarray              # [C, ROWS] int32, 1 + row of the matrix; 0 is no row

  @property
  def slots(self) -> int:
    """Slots of a chunk."""
    return self.cols.shape[1] * chunk_planning.TILE


def pack(
  store: Store, folder: str | os.PathLike, *, first_row: int = 0, num_cols: int | None = None,
  seed: int = 0, held_out: float = 0.0, key: str = "",
) -> list[Chunks]:
  """Packs the rows of `store` into files in `folder`, 8 bytes a slot.

  Args:
    store: the counts.
    folder: where the packed counts are stored; replaced if it exists.
    first_row: the first row to pack.
    num_cols: the number of columns to pack; None: all.
    seed: the seed of the held-out pairs.
    held_out: the fraction of pairs to leave out (`record_batches.is_held_out`).
    key: stored beside the counts; `open_packed` compares it.

  Returns:
    The memory-mapped chunks, one `Chunks` per shape.

  Raises:
    InputError: the disk is full.
  """
  stops = store.indptr[1:] if num_cols is None else _stops(store, num_cols)
  lengths = stops - store.indptr[:-1]
  lengths[:first_row] = 0
  planned = chunk_planning.plan_chunks(lengths)
  types = {}
  with atomic_folder(folder, what="the packed counts") as building:
    for slots, chunks in planned.items():
      with contextlib.ExitStack() as stack:
        files = []
        for name, dtype in _TYPES.items():
          file_name = f"{slots}.{name}"
          types[file_name] = dtype
          files.append(stack.enter_context(open(building / file_name, "wb")))
        size = max(1, _GROUP // slots)
        groups = [chunks[start : start + size] for start in range(0, len(chunks), size)]
        fill = functools.partial(_fill, store, stops, slots, seed, held_out)
        for filled in external_sort.ordered_map(fill, groups, os.cpu_count() or 1):
          for file, array in zip(files, filled, strict=True):
            file.write(array.data)
    array_store.write_metadata(building, types, key=key, extra={"slots": list(planned)})
  return open_packed(folder, key=key, verify=False)


def open_packed(
  folder: str | os.PathLike, *, key: str = "", verify: bool = True
) -> list[Chunks] | None:
  """Opens the chunks in `folder`; returns None if there are none or they have another `key`.

  Args:
    folder: where `pack` stored them.
    key: the key that they must have been stored with.
    verify: whether to compare checksums, which reads every byte once.

  Raises:
    InputError: a file is damaged (size or checksum).
  """
  stored = array_store.load(folder, key=key, verify=verify)
  if stored is None:
    return None
  try:
    return [_reshape(stored.arrays, slots) for slots in stored.extra["slots"]]
  except (KeyError, OverflowError, TypeError, ValueError, ZeroDivisionError):
    raise array_store.damaged(pathlib.Path(folder), "no list of chunks that fits") from None


def _reshape(arrays: dict[str, np.ndarray], slots: int) -> Chunks:
  tiles = slots // chunk_planning.TILE
  return Chunks(
    cols=arrays[f"{slots}.cols"].reshape(-1, tiles, chunk_planning.TILE),
    counts=arrays[f"{slots}.counts"].reshape(-1, tiles, chunk_planning.TILE),
    tile_row=arrays[f"{slots}.tile_row"].reshape(-1, tiles),
    row=arrays[f"{slots}.row"].reshape(-1, chunk_planning.ROWS),
  )


def _stops(store: Store, num_cols: int) -> np.ndarray:
  """Returns where the counts of each row in the first columns end, [V]; a binary search of each."""
  first = store.indptr[:-1].copy()
  last = store.indptr[1:].copy()
  searched = np.flatnonzero(first < last)
  while len(searched):
    middle = (first[searched] + last[searched]) // 2
    is_before = store.cols[middle] < num_cols
    first[searched[is_before]] = middle[is_before] + 1
    last[searched[~is_before]] = middle[~is_before]
    searched = searched[first[searched] < last[searched]]
  return first


def _fill(
  store: Store, stops: np.ndarray, slots: int, seed: int, held_out: float,
  chunks: Sequence[Sequence[int]],
) -> Chunks:
  """Returns the chunks with these rows; `cols` and `counts` are flat.

  Args:
    store: the counts.
    stops: [V], where the counts of each row end that are packed.
    slots: of a chunk.
    seed, held_out: of `pack`.
    chunks: the rows of each chunk.
  """
  num_chunks = len(chunks)
  filled = Chunks(
    cols=np.zeros(num_chunks * slots, np.int32),
    counts=np.zeros(num_chunks * slots, np.float32),
    tile_row=np.zeros((num_chunks, slots // chunk_planning.TILE), np.int32),
    row=np.zeros((num_chunks, chunk_planning.ROWS), np.int32),
  )
  for number, rows in enumerate(chunks):
    filled.row[number, : len(rows)] = np.add(rows, 1)
    tile = 0
    for index, row in enumerate(rows):
      first = store.indptr[row]
      last = stops[row]
      start = number * slots + tile * chunk_planning.TILE
      stop = start + last - first
      filled.cols[start:stop] = store.cols[first:last]
      filled.counts[start:stop] = store.counts[first:last]
      filled.tile_row[number, tile:] = index  # empty tiles at the end weigh nothing
      tile += -(-(last - first) // chunk_planning.TILE)
  if held_out:
    tile_rows = np.take_along_axis(filled.row, filled.tile_row, axis=1) - 1
    rows = np.repeat(tile_rows, chunk_planning.TILE, axis=1).ravel()
    left_out = record_batches.is_held_out(rows, filled.cols, store.vocab_size, seed, held_out)
    filled.counts[left_out] = 0
  return filled


class RowBatch(NamedTuple):
  """Chunks of one shape and the table they update, split along the first axis across devices."""

  chunks: Chunks
  side: np.ndarray   # [C] int32, the table of the rows: 0 words, 1 contexts
  first: np.ndarray  # [C] bool, whether a half sweep begins with this batch
  last: np.ndarray   # [C] bool, whether a half sweep ends with this batch


class RowBatches(NamedTuple):
  """Batches that contain all rows once per half sweep: first all words, then all contexts."""

  batch: Callable[..., RowBatch]  # (step, share) -> batch
  steps_per_sweep: int


class _Span(NamedTuple):
  """The chunks of a batch: `size` chunks from `start` of the `shape`-th shape of a side."""

  side: int
  shape: int
  start: int
  size: int


def row_batches(sides: Sequence[Sequence[Chunks]], *, batch_slots: int) -> RowBatches:
  """Returns batches of about `batch_slots` slots as a function of the step.

  Args:
    sides: the packed counts of the words and of the contexts; twice the same for symmetric counts.
    batch_slots: slots of a batch; a batch has at least one chunk.
  """
  spans = []
  first_steps = set()
  last_steps = set()
  for side, packed in enumerate(sides):
    first_steps.add(len(spans))
    spans += _spans(side, packed, batch_slots)
    last_steps.add(len(spans) - 1)

  def batch(step: int, share: Share = WHOLE) -> RowBatch:
    step %= len(spans)
    span = spans[step]
    packed = sides[span.side][span.shape]
    chunks = [share.take(array[span.start : span.start + span.size], span.size) for array in packed]
    size = len(chunks[0])
    return RowBatch(
      chunks=Chunks(*chunks),
      side=np.full(size, span.side, np.int32),
      first=np.full(size, step in first_steps),
      last=np.full(size, step in last_steps),
    )

  return RowBatches(batch, len(spans))


def _spans(side: int, packed: Sequence[Chunks], batch_slots: int) -> Iterator[_Span]:
  """Yields the batches of a half sweep; those of one shape have equally many chunks."""
  for shape, chunks in enumerate(packed):
    num_chunks = len(chunks.cols)
    size = min(num_chunks, max(1, batch_slots // chunks.slots))
    for start in range(0, num_chunks, size):
      yield _Span(side, shape, start, size)
