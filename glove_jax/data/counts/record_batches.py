"""Batches as functions of (seed, step): any step's batch can be had without those before it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from glove_jax.data.counts.cooccurrence import Store

_CHUNK = 512        # neighbouring records that travel together: a few kB a read, also from a disk
_GROUP = 1 << 20    # records shuffled among each other at a time: 2,048 chunks from anywhere in the store
_ROUNDS = 4


class CountBatches(NamedTuple):
  """Batches of a co-occurrence store: `batch(step)` gives (row, col, count), each [batch_size]."""

  batch: Callable[[int], tuple[np.ndarray, np.ndarray, np.ndarray]]
  steps_per_epoch: int
  held_out: Callable[[], Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]]


def count_batches(store: Store, *, batch_size: int, seed: int, held_out: float = 0.0) -> CountBatches:
  """Every record once an epoch, shuffled in two levels, as a function of (seed, step).

  Chunks of 512 records in a pseudo-random order (a bijection that is computed, not stored), and among 2,048 chunks at a
  time all records shuffled: memory stays small whatever the size of the store. Padding has count 0.

  Args:
    held_out: the fraction of word pairs (i, j) kept out of training, chosen by a hash of the unordered pair and the
      seed; their records have count 0 in training batches, and `held_out()` yields them.
  """
  chunks = -(-store.nonzeros // _CHUNK)
  per_epoch = -(-chunks * _CHUNK // batch_size)
  # Groups of one size: a small last one would hold few chunks, so that one row would fill much of a batch.
  per_group = -(-per_epoch // max(1, round(per_epoch * batch_size / _GROUP))) * batch_size
  def records_left(number: int) -> int:
    return per_epoch * batch_size - number * per_group
  latest = {}  # the group in use, so that it is not made anew for each of its batches

  def group(epoch: int, number: int):
    slots = np.arange(number * per_group, (number + 1) * per_group)
    order = permute(np.minimum(slots // _CHUNK, chunks - 1), chunks, seed=(seed, epoch))
    positions = order * _CHUNK + slots % _CHUNK
    positions[(slots >= chunks * _CHUNK) | (positions >= store.nonzeros)] = -1
    # Read chunk by chunk, then shuffled: neighbours in the store are cheap to look up together.
    records = _records(store, positions, seed, held_out, training=True)
    shuffled = np.random.default_rng((seed, epoch, number)).permutation(min(per_group, records_left(number)))
    return tuple(array[shuffled] for array in records)

  def batch(step: int):
    epoch, step = divmod(step, per_epoch)
    number, start = divmod(step * batch_size, per_group)
    if latest.get("key") != (epoch, number):
      latest.update(key=(epoch, number), group=group(epoch, number))
    return tuple(array[start : start + batch_size] for array in latest["group"])

  def held_out_batches():
    waiting = []
    for start in range(0, store.nonzeros, _GROUP):
      positions = np.arange(start, min(start + _GROUP, store.nonzeros))
      records = _records(store, positions, seed, held_out, training=False)
      waiting.append([array[records[2] > 0] for array in records])
    joined = [np.concatenate(arrays) for arrays in zip(*waiting, strict=True)] if held_out else []
    for start in range(0, len(joined[0]) if joined else 0, batch_size):
      part = [array[start : start + batch_size] for array in joined]
      yield tuple(np.pad(array, (0, batch_size - len(array))) for array in part)

  return CountBatches(batch, per_epoch, held_out_batches)


def permute(positions: np.ndarray, size: int, *, seed) -> np.ndarray:
  """A pseudo-random bijection of [0, size), at the given positions: a Feistel network with cycle walking.

  (Black & Rogaway 2002, "Ciphers with arbitrary finite domains".) Memory is that of `positions`, not of `size`.
  """
  half = max(1, ((size - 1).bit_length() + 1) // 2)
  mask = np.uint64((1 << half) - 1)
  keys = np.random.default_rng(seed).integers(0, 2**63, _ROUNDS, dtype=np.uint64)
  values = positions.astype(np.uint64)
  astray = np.ones(len(values), bool)
  while astray.any():  # the network permutes up to 4 * size numbers: walk on until back below size
    left, right = values[astray] >> np.uint64(half), values[astray] & mask
    for key in keys:
      left, right = right, left ^ (hash_uint64(right ^ key) & mask)
    values[astray] = left << np.uint64(half) | right
    astray = values >= size
  return values.astype(np.int64)


def hash_uint64(values: np.ndarray) -> np.ndarray:
  """A hash of each uint64 (the finaliser of SplitMix64, Steele et al. 2014)."""
  values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
  values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
  return values ^ (values >> np.uint64(31))


def _records(store: Store, positions: np.ndarray, seed: int, held_out: float, *, training: bool):
  """Records at positions (-1: padding); those on the other side of the held-out split get count 0."""
  inside = np.maximum(positions, 0)
  row, col = store.rows(inside), np.asarray(store.cols[inside])
  count = np.where(positions < 0, 0, store.counts[inside]).astype(np.float32)
  if held_out:
    count[is_held_out(row, col, store.vocab_size, seed, held_out) == training] = 0
  return row, col, count


def is_held_out(row: np.ndarray, col: np.ndarray, vocab_size: int, seed: int, fraction: float) -> np.ndarray:
  """Which records are kept out of training, by a hash of the unordered pair and the seed. row, col: [B] -> [B] bool."""
  pair = np.minimum(row, col).astype(np.uint64) * np.uint64(vocab_size) + np.maximum(row, col).astype(np.uint64)
  return hash_uint64(pair + hash_uint64(np.array([seed + 1], np.uint64))) < np.uint64(fraction * 2**64)
