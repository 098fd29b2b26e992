"""Word-word co-occurrence counts: exact, within a given memory, stored on disk (Pennington et al. 2014, sec. 3).

`X[i, j]` is how often word j stands in the context of word i, each time weighted by 1 / distance (or 1). Counting is
by sorting: every pair of words becomes an int64 key, equal keys meet by `np.sort`, and sorted runs are merged on disk.
"""

import json
import math
import os
import pathlib
import shutil
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from glove_jax.data import runs
from glove_jax.files import InputError, atomic_write

_MIN_BLOCK = 4096      # words counted at a time, at the least
_BYTES_PER_PAIR = 44   # peak bytes per counted pair in `_count_block`, measured
_BYTES_PER_ENTRY = 64  # peak bytes per merged entry in `runs.merge`, measured


class Store(NamedTuple):
  """Counts on disk, row after row, columns ascending within a row (compressed sparse rows).

  Arrays: `indptr` [V + 1] int64, `cols` [N] int32, `counts` [N] float64; the last two are memory-mapped.
  """

  folder: pathlib.Path
  indptr: np.ndarray
  cols: np.ndarray
  counts: np.ndarray

  @property
  def nonzeros(self) -> int:
    return len(self.cols)

  @property
  def vocab_size(self) -> int:
    return len(self.indptr) - 1

  def rows(self, positions: np.ndarray) -> np.ndarray:
    """The row of each record, given its position in `cols`. positions: [B] int64 -> [B] int32."""
    return (np.searchsorted(self.indptr, positions, side="right") - 1).astype(np.int32)

  def matrix(self):
    """The counts as a `scipy.sparse.csr_matrix` [V, V] over the same memory-mapped arrays."""
    import scipy.sparse
    return scipy.sparse.csr_matrix((self.counts, self.cols, self.indptr), (self.vocab_size,) * 2, copy=False)


def count(
  ids: Iterable[np.ndarray],
  folder: str | os.PathLike,
  *,
  vocab_size: int,
  window: int,
  symmetric: bool = True,
  weighting: str = "inverse",
  memory_gb: float = 4.0,
  threads: int | None = None,
  key: str = "",
) -> Store:
  """Counts co-occurrences in a stream of word ids and stores them in `folder`, whole or not at all.

  Args:
    ids: blocks of int32 word ids in reading order; -1 ends a document. Blocks may be cut anywhere.
    folder: where the counts go; replaced if it exists.
    vocab_size: ids are below it.
    window: the largest distance between two words that co-occur.
    symmetric: count both directions; else the context is what stands to the left, and rows are the words to the right.
    weighting: `inverse` adds 1 / distance, `flat` adds 1.
    memory_gb: bound on the memory that counting takes, in GB of 10^9 bytes.
    threads: default: one a core.
    key: stored beside the counts; `open_store` compares it.

  A word beside itself adds to the diagonal from both directions. Sums are exact: weights are integers over a common
  denominator, the least common multiple of the distances, up to a window of 22; beyond it they are rounded to 2^-31.
  """
  folder = pathlib.Path(folder)
  scale, weights = _weights(window, weighting)
  threads = threads or os.cpu_count() or 1
  budget = memory_gb * 1e9
  building = folder.with_name(folder.name + ".building")
  shutil.rmtree(building, ignore_errors=True)
  (building / "runs").mkdir(parents=True)
  try:
    block_tokens = max(_MIN_BLOCK, int(budget / threads / _BYTES_PER_PAIR / window))
    def count_block(block: tuple[int, np.ndarray, int]) -> None:
      number, tokens, fresh = block
      entries = _count_block(tokens, fresh, vocab_size, weights, symmetric)
      runs.write_run(building / "runs", number, *entries)
    for _ in runs.ordered_map(count_block, _blocks(ids, block_tokens, window), threads):
      pass
    max_entries = max(65536, int(budget / (threads + 1) / _BYTES_PER_ENTRY))  # one more is being written
    merged = runs.merge(building / "runs", max_entries=max_entries, threads=threads)
    _write(building, merged, vocab_size, scale, key)
    shutil.rmtree(building / "runs")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(building, folder)
  except OSError as error:
    raise InputError(f"{building}: cannot write the counts ({error.strerror or error}).") from None
  finally:
    shutil.rmtree(building, ignore_errors=True)
  return open_store(folder, key=key)


def open_store(folder: str | os.PathLike, *, key: str = "", verify: bool = True) -> Store | None:
  """Opens the counts in `folder`; None if there are none, or if they were made for another `key`.

  Raises:
    InputError: a file is damaged (size or checksum).
  """
  folder = pathlib.Path(folder)
  if not (folder / "meta.json").exists():
    return None
  try:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    sizes, sums = meta["bytes"], meta["crc32"]
  except (ValueError, KeyError, TypeError) as error:
    raise InputError(f"{folder}/meta.json: damaged counts ({error}); delete the folder to count again.") from None
  if meta.get("key") != key:
    return None
  for name in ("indptr", "cols", "counts"):
    path = folder / name
    found = path.stat().st_size if path.exists() else 0
    if found != sizes[name]:
      raise InputError(f"{path}: {found} bytes, expected {sizes[name]}; delete {folder} to count again.")
    if verify and _crc32(path) != sums[name]:
      raise InputError(f"{path}: its checksum is not the stored one; delete {folder} to count again.")
  indptr = np.fromfile(folder / "indptr", np.int64)
  def mapped(name, dtype):
    return np.memmap(folder / name, dtype, "r") if sizes[name] else np.zeros(0, dtype)
  return Store(folder, indptr, mapped("cols", np.int32), mapped("counts", np.float64))


def _weights(window: int, weighting: str) -> tuple[int, np.ndarray]:
  """(scale, integer weights [window]): distance k weighs weights[k - 1] / scale."""
  if window < 1:
    raise InputError(f"window is {window}, expected 1 or more.")
  if weighting == "flat":
    return 1, np.ones(window, np.int64)
  if weighting != "inverse":
    raise InputError(f"weighting is {weighting!r}, expected 'inverse' or 'flat'.")
  scale = min(math.lcm(*range(1, window + 1)), 2**31)
  return scale, np.rint(scale / np.arange(1, window + 1)).astype(np.int64)


def _blocks(ids: Iterable[np.ndarray], size: int, window: int) -> Iterator[tuple[int, np.ndarray, int]]:
  """Cuts the stream into numbered blocks of `size` ids, each with the end of the last one before it.

  Yields (number, ids, fresh): pairs whose right word stands at `fresh` or later are new in this block.
  """
  number, carry, held, room = 0, np.zeros(0, np.int32), [], size
  for piece in ids:
    while len(piece):
      held.append(piece[:room])
      piece, room = piece[room:], room - len(held[-1])
      if not room:
        tokens = np.concatenate([carry, *held])
        yield number, tokens, len(carry)
        number, carry, held, room = number + 1, _tail(tokens, window), [], size
  if held:
    yield number, np.concatenate([carry, *held]), len(carry)


def _tail(tokens: np.ndarray, window: int) -> np.ndarray:
  """The last `window` words of the last document: all of the past that the next words can see."""
  tail = tokens[-window:]
  ends = np.flatnonzero(tail < 0)
  return tail[ends[-1] + 1 :] if len(ends) else tail


def _count_block(
  tokens: np.ndarray, fresh: int, vocab_size: int, weights: np.ndarray, symmetric: bool
) -> tuple[np.ndarray, np.ndarray]:
  """Sorted keys row * V + column and integer sums of all pairs whose right word is at `fresh` or later."""
  ends = tokens < 0
  document = np.cumsum(ends, dtype=np.int32)[~ends]  # the carried words before `fresh` hold no break
  words = tokens[~ends].astype(np.int64)
  bits = max(1, (len(weights) - 1).bit_length())
  keys = []
  for k in range(1, len(weights) + 1):
    first = max(k, fresh)  # position of the first right word
    if first >= len(words):
      break
    left, right = words[first - k : len(words) - k], words[first:]
    same = document[first - k : len(words) - k] == document[first:]
    left, right = left[same], right[same]
    pair = np.minimum(left, right) * vocab_size + np.maximum(left, right) if symmetric else right * vocab_size + left
    keys.append(pair << bits | (k - 1))
  keys = np.concatenate(keys) if keys else np.zeros(0, np.int64)
  keys.sort()
  starts = runs.run_starts(keys >> bits)
  if not len(starts):
    return keys, keys
  sums = np.add.reduceat(weights[keys & ((1 << bits) - 1)], starts)
  keys = keys[starts] >> bits
  return _mirror(keys, sums, vocab_size) if symmetric else (keys, sums)


def _mirror(keys: np.ndarray, sums: np.ndarray, vocab_size: int) -> tuple[np.ndarray, np.ndarray]:
  """Upper-triangle entries -> entries in both directions, sorted; the diagonal counts twice."""
  rows, cols = np.divmod(keys, vocab_size)
  off = rows != cols
  sums = np.where(off, sums, 2 * sums)
  keys = np.concatenate([keys, cols[off] * vocab_size + rows[off]])
  order = np.argsort(keys, kind="stable")
  return keys[order], np.concatenate([sums, sums[off]])[order]


def _write(folder: pathlib.Path, merged: Iterable, vocab_size: int, scale: int, key: str) -> None:
  """Writes merged entries as `indptr`, `cols` and `counts`, and last of all `meta.json`."""
  per_row = np.zeros(vocab_size, np.int64)
  with open(folder / "cols", "wb") as cols_file, open(folder / "counts", "wb") as counts_file:
    for keys, sums in merged:
      rows, cols = np.divmod(keys, vocab_size)
      per_row += np.bincount(rows, minlength=vocab_size)
      cols_file.write(cols.astype(np.int32).data)
      counts_file.write((sums / scale).data)
    for file in (cols_file, counts_file):
      file.flush()
      os.fsync(file.fileno())
  np.concatenate([[0], np.cumsum(per_row)]).astype(np.int64).tofile(folder / "indptr")
  names = ("indptr", "cols", "counts")
  meta = {
    "key": key,
    "vocab_size": vocab_size,
    "nonzeros": int(per_row.sum()),
    "bytes": {name: (folder / name).stat().st_size for name in names},
    "crc32": {name: _crc32(folder / name) for name in names},
  }
  with atomic_write(folder / "meta.json") as file:
    json.dump(meta, file, indent=2)


def _crc32(path: pathlib.Path) -> int:
  value = 0
  with open(path, "rb") as file:
    while block := file.read(1 << 22):
      value = zlib.crc32(block, value)
  return value
