"""Rows of a sparse matrix packed into few shapes, so that a compiled function meets every row whole.

A row's entries fill tiles of 64 slots; a chunk of tiles holds up to 32 rows. Short rows go into chunks that fit a
processor's cache, longer ones into chunks 4, 16, ... times as large, and shorter rows fill what those leave: 4 % of the
slots are padding, where rounding each row up to a power of two would waste 44 %.
"""

import bisect
import collections
import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data import array_store
from glove_jax.data.counts import record_batches
from glove_jax.data.counts.cooccurrence import Store
from glove_jax.files import atomic_folder

TILE = 64              # slots of a tile, all of one row
ROWS = 32              # most rows of a chunk
_SMALLEST = 4096       # slots of the smallest chunks: at 50 dimensions what they gather is 0.8 MB
_GROUP = 1 << 21       # slots packed at a time

_TYPES = {"cols": np.int32, "counts": np.float32, "tile_row": np.int32, "row": np.int32}


class Chunks(NamedTuple):
  """C chunks of one shape, each of S tiles of `TILE` slots. Zeros everywhere are a chunk of padding."""

  cols: np.ndarray      # [C, S, TILE] int32
  counts: np.ndarray    # [C, S, TILE] float32; 0: an empty slot
  tile_row: np.ndarray  # [C, S] int32, which of the chunk's rows a tile belongs to, ascending
  row: np.ndarray       # [C, ROWS] int32, 1 + the matrix's row; 0: none

  @property
  def slots(self) -> int:
    return self.cols.shape[1] * TILE


def pack(
  store: Store, folder: str | os.PathLike, *, seed: int = 0, held_out: float = 0.0, key: str = ""
) -> list[Chunks]:
  """Packs all rows of `store` into `folder`, memory-mapped: 8 bytes a slot; one `Chunks` a shape.

  Args:
    seed, held_out: the pairs kept out of training (`batches.is_held_out`) are left out.
    key: stored beside; `open_packed` compares it.

  Raises:
    InputError: the disk is full.
  """
  planned = plan_chunks(np.diff(store.indptr))
  with atomic_folder(folder, what="the packed counts") as building:
    for slots, chunks in planned.items():
      with contextlib.ExitStack() as stack:
        files = [stack.enter_context(open(building / f"{slots}.{name}", "wb")) for name in _TYPES]
        size = max(1, _GROUP // slots)
        for start in range(0, len(chunks), size):
          filled = _fill(store, chunks[start : start + size], slots, seed, held_out)
          for file, array in zip(files, filled, strict=True):
            file.write(array.data)
    types = {f"{slots}.{name}": kind for slots in planned for name, kind in _TYPES.items()}
    array_store.write_metadata(building, types, key=key, extra={"slots": list(planned)})
  return open_packed(folder, key=key, verify=False)


def open_packed(folder: str | os.PathLike, *, key: str = "", verify: bool = True) -> list[Chunks] | None:
  """Opens what `pack` has written; None if there is nothing, or if it was made for another `key`.

  Raises:
    InputError: a file is damaged (size or checksum).
  """
  found = array_store.load(folder, key=key, verify=verify)
  if found is None:
    return None
  flat, about = found
  def shaped(slots: int, name: str) -> np.ndarray:
    tiles = slots // TILE
    shape = {"tile_row": (-1, tiles), "row": (-1, ROWS)}.get(name, (-1, tiles, TILE))
    return flat[f"{slots}.{name}"].reshape(shape)
  return [Chunks(*(shaped(slots, name) for name in _TYPES)) for slots in about["slots"]]


def plan_chunks(lengths: np.ndarray) -> dict[int, list[list[int]]]:
  """Which rows share a chunk: {slots of a chunk: [rows of each chunk]}. lengths: [V], entries of each row."""
  tiles = -(-lengths // TILE)
  waiting = {}  # tiles -> rows of so many
  for row in np.argsort(-tiles, kind="stable")[: np.count_nonzero(tiles)].tolist():
    waiting.setdefault(int(tiles[row]), collections.deque()).append(row)
  sizes = sorted(waiting)
  shapes = _shapes(int(lengths.max(initial=0)))
  planned = {slots: [] for slots in shapes}
  while sizes:
    slots = next(slots for slots in shapes if slots >= sizes[-1] * TILE)
    rows, room = [], slots // TILE
    while len(rows) < ROWS and (place := bisect.bisect_right(sizes, room)):  # the longest row that fits
      size = sizes[place - 1]
      rows.append(waiting[size].popleft())
      room -= size
      if not waiting[size]:
        del sizes[place - 1]
    planned[slots].append(rows)
  return {slots: chunks for slots, chunks in planned.items() if chunks}


def _shapes(longest: int) -> list[int]:
  """Slots of the chunks: 4,096, four times that, and so on; the last as large as the longest row needs."""
  shapes = [_SMALLEST]
  while shapes[-1] < longest:
    shapes.append(4 * shapes[-1])
  if len(shapes) > 1:
    shapes[-1] = -(-longest // _SMALLEST) * _SMALLEST
  return shapes


def _fill(store: Store, chunks: Sequence[Sequence[int]], slots: int, seed: int, held_out: float) -> Chunks:
  """The chunks with these rows."""
  tiles = slots // TILE
  cols, counts = np.zeros(len(chunks) * slots, np.int32), np.zeros(len(chunks) * slots, np.float32)
  tile_row, row = np.zeros((len(chunks), tiles), np.int32), np.zeros((len(chunks), ROWS), np.int32)
  for number, rows in enumerate(chunks):
    slot = number * slots
    for place, i in enumerate(rows):
      first, last = store.indptr[i], store.indptr[i + 1]
      cols[slot : slot + last - first] = store.cols[first:last]
      counts[slot : slot + last - first] = store.counts[first:last]
      tile = (slot - number * slots) // TILE
      tile_row[number, tile:] = place  # to the end of the chunk: its empty tiles weigh nothing
      slot += -(-(last - first) // TILE) * TILE
    row[number, : len(rows)] = np.add(rows, 1)
  if held_out:
    rows = np.repeat(row[np.arange(len(chunks))[:, None], tile_row] - 1, TILE, axis=1).ravel()
    counts[record_batches.is_held_out(rows, cols, store.vocab_size, seed, held_out)] = 0
  return Chunks(cols, counts, tile_row, row)


class RowBatch(NamedTuple):
  """Some chunks of one shape, and what is to be done with them. Split along the first axis across devices."""

  chunks: Chunks
  side: np.ndarray   # [C] int32, which table the rows belong to: 0 words, 1 contexts
  first: np.ndarray  # [C] bool, whether a half sweep begins with this batch
  last: np.ndarray   # [C] bool, whether it ends with it


class RowBatches(NamedTuple):
  """`batch(step)`: all rows once a half sweep, by turns those of either side."""

  batch: Callable[[int], RowBatch]
  steps_per_sweep: int


def row_batches(sides: Sequence[Sequence[Chunks]], *, batch_slots: int) -> RowBatches:
  """Batches of about `batch_slots` slots as a function of the step.

  Args:
    sides: the packed counts of the words and of the contexts; the same twice where counts are symmetric.
  """
  table = []
  for side, packed in enumerate(sides):
    spans = list(_spans(packed, batch_slots))
    table += [(side, *span, place == 0, place == len(spans) - 1) for place, span in enumerate(spans)]

  def batch(step: int) -> RowBatch:
    side, shape, start, size, first, last = table[step % len(table)]
    chunks = Chunks(*(_padded(array[start : start + size], size) for array in sides[side][shape]))
    return RowBatch(chunks, np.full(size, side, np.int32), np.full(size, first), np.full(size, last))

  return RowBatches(batch, len(table))


def _spans(packed: Sequence[Chunks], batch_slots: int) -> Iterator[tuple[int, int, int]]:
  """(shape, first chunk, chunks) of each batch of a half sweep, all of one shape equally many."""
  for shape, chunks in enumerate(packed):
    size = min(len(chunks.cols), max(1, batch_slots // chunks.slots))
    for start in range(0, len(chunks.cols), size):
      yield shape, start, size


def _padded(array: np.ndarray, size: int) -> np.ndarray:
  missing = size - len(array)
  return np.concatenate([array, np.zeros((missing, *array.shape[1:]), array.dtype)]) if missing else array
