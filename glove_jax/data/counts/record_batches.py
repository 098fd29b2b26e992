"""Shuffled batches of co-occurrence records, each a function of (seed, step) alone.

Any step's batch can be computed without those before it, so that a run can resume anywhere.
"""

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from glove_jax.data.counts.cooccurrence import Store
from glove_jax.shares import WHOLE, Share

_CHUNK = 512  # neighbouring records that are read together: a few kB a read, also from a disk
_GROUP = 1 << 20  # records shuffled among each other: 2,048 chunks from anywhere in the store
_FEISTEL_ROUNDS = 4


class CountRecords(NamedTuple):
  """Non-zero counts of a co-occurrence matrix, each with its row and column."""

  row: np.ndarray    # [B] int32
  col: np.ndarray    # [B] int32
  count: np.ndarray  # [B] float32; 0 is padding


class CountBatches(NamedTuple):
  """Batches of `batch_size` records of a co-occurrence store."""

  batch: Callable[..., CountRecords]  # (step, share) -> records
  steps_per_epoch: int
  held_out: Callable[[], Iterator[CountRecords]]  # the records kept out of training


class _Shuffle(NamedTuple):
  """The order of a store's records in each epoch, shuffled in two levels.

  The store's chunks are permuted, and the records within a group of permuted chunks are.
  """

  store: Store
  seed: int
  held_out: float
  num_chunks: int
  batch_size: int
  epoch_size: int  # records an epoch, with padding
  group_size: int

  def positions(self, epoch: int, group: int) -> np.ndarray:
    """Returns the positions in the store of a group's records, chunk by chunk; -1 is padding."""
    slots = np.arange(group * self.group_size, (group + 1) * self.group_size)
    chunk_slots = np.minimum(slots // _CHUNK, self.num_chunks - 1)
    chunks = permute(chunk_slots, self.num_chunks, seed=(self.seed, epoch))
    positions = chunks * _CHUNK + slots % _CHUNK
    is_padding = (slots >= self.num_chunks * _CHUNK) | (positions >= self.store.nonzeros)
    positions[is_padding] = -1
    return positions

  def read_group(self, epoch: int, group: int, share: Share) -> CountRecords:
    """Returns the shuffled training records of a group, of each batch the rows of a share."""
    positions = self.positions(epoch, group)
    remaining = self.epoch_size - group * self.group_size
    rng = np.random.default_rng((self.seed, epoch, group))
    order = rng.permutation(min(self.group_size, remaining))
    if share != WHOLE:
      own = share.rows(self.batch_size)
      order = order.reshape(-1, self.batch_size)[:, own[own < self.batch_size]].ravel()
    # Read chunk by chunk, then shuffled: neighbours in the store are cheap to look up together.
    is_read = np.zeros(len(positions), bool)
    is_read[order] = True
    records = _read_records(
      self.store, positions[is_read], self.seed, self.held_out, training=True
    )
    order = np.cumsum(is_read)[order] - 1
    return CountRecords(records.row[order], records.col[order], records.count[order])


def count_batches(
  store: Store, *, batch_size: int, seed: int, held_out: float = 0.0
) -> CountBatches:
  """Returns batches that contain every record once an epoch, in an order drawn from the seed.

  Chunks of 512 records come in a pseudo-random order, which is computed and not stored, and the
  records of 2,048 chunks at a time are shuffled: memory does not grow with the store.

  Args:
    store: the counts.
    batch_size: records a batch; the last of an epoch is padded with counts of 0.
    seed: seed of the order and of the held-out pairs.
    held_out: the fraction of word pairs (i, j) kept out of training, chosen by a hash of the
      unordered pair and the seed. Their records have count 0 in training batches.
  """
  num_chunks = -(-store.nonzeros // _CHUNK)
  steps_per_epoch = -(-num_chunks * _CHUNK // batch_size)
  epoch_size = steps_per_epoch * batch_size
  group_size = _group_size(steps_per_epoch, batch_size)
  shuffle = _Shuffle(
    store=store,
    seed=seed,
    held_out=held_out,
    num_chunks=num_chunks,
    batch_size=batch_size,
    epoch_size=epoch_size,
    group_size=group_size,
  )
  # The group in use is kept, so that it is not read again for each of its batches.
  read_group = functools.lru_cache(maxsize=1)(shuffle.read_group)

  def batch(step: int, share: Share = WHOLE) -> CountRecords:
    epoch, step_in_epoch = divmod(step, steps_per_epoch)
    group, step_in_group = divmod(step_in_epoch, group_size // batch_size)
    own = share.rows(batch_size)
    size = int(np.count_nonzero(own < batch_size))
    records = _slice(read_group(epoch, group, share), step_in_group * size, size)
    if size == len(own):
      return records
    return CountRecords(*(np.pad(array, (0, len(own) - size)) for array in records))

  return CountBatches(
    batch=batch,
    steps_per_epoch=steps_per_epoch,
    held_out=functools.partial(_held_out_batches, store, batch_size, seed, held_out),
  )


def _group_size(steps_per_epoch: int, batch_size: int) -> int:
  """Returns the records of a group: a multiple of the batch size, alike for all groups of an epoch.

  With a small last group, a single row of the matrix would fill much of a batch.
  """
  num_groups = max(1, round(steps_per_epoch * batch_size / _GROUP))
  steps_per_group = -(-steps_per_epoch // num_groups)
  return steps_per_group * batch_size


def _held_out_batches(
  store: Store, batch_size: int, seed: int, fraction: float
) -> Iterator[CountRecords]:
  """Yields the held-out records in the order of the store; the last batch is padded."""
  if not fraction or not store.nonzeros:
    return
  parts = []
  for start in range(0, store.nonzeros, _GROUP):
    positions = np.arange(start, min(start + _GROUP, store.nonzeros))
    records = _read_records(store, positions, seed, fraction, training=False)
    held_out = records.count > 0
    parts.append([array[held_out] for array in records])
  records = CountRecords(*map(np.concatenate, zip(*parts, strict=True)))
  for start in range(0, len(records.row), batch_size):
    part = _slice(records, start, batch_size)
    padding = (0, batch_size - len(part.row))
    yield CountRecords(
      row=np.pad(part.row, padding),
      col=np.pad(part.col, padding),
      count=np.pad(part.count, padding),
    )


def _slice(records: CountRecords, start: int, size: int) -> CountRecords:
  window = slice(start, start + size)
  return CountRecords(records.row[window], records.col[window], records.count[window])


def _read_records(
  store: Store, positions: np.ndarray, seed: int, held_out: float, *, training: bool
) -> CountRecords:
  """Reads records; padding (-1) and those on the other side of the held-out split have count 0."""
  is_padding = positions < 0
  positions = np.maximum(positions, 0)
  row = store.rows(positions)
  col = np.asarray(store.cols[positions])
  count = np.where(is_padding, 0, store.counts[positions]).astype(np.float32)
  if held_out:
    is_other = is_held_out(row, col, store.vocab_size, seed, held_out) == training
    count[is_other] = 0
  return CountRecords(row, col, count)


def permute(positions: np.ndarray, size: int, *, seed) -> np.ndarray:
  """Returns the values of a pseudo-random permutation of [0, size) at some positions.

  The permutation is a Feistel network with cycle walking (Black & Rogaway 2002, "Ciphers with
  Arbitrary Finite Domains"). It is computed, not stored: memory is that of `positions`.

  Args:
    positions: integers from 0 to size - 1, of any shape [N].
    size: number of permuted integers.
    seed: a seed of `np.random.default_rng`.

  Returns:
    [N] int64.
  """
  half_bits = max(1, ((size - 1).bit_length() + 1) // 2)
  half = np.uint64(half_bits)
  mask = np.uint64((1 << half_bits) - 1)
  rng = np.random.default_rng(seed)
  keys = rng.integers(0, 2**63, _FEISTEL_ROUNDS, dtype=np.uint64)
  values = positions.astype(np.uint64)
  outside = np.ones(len(values), bool)
  while outside.any():  # the network permutes up to 4 * size numbers: repeat it until below size
    left = values[outside] >> half
    right = values[outside] & mask
    for key in keys:
      mixed = left ^ (hash_uint64(right ^ key) & mask)
      left = right
      right = mixed
    values[outside] = left << half | right
    outside = values >= size
  return values.astype(np.int64)


def hash_uint64(values: np.ndarray) -> np.ndarray:
  """Returns a hash of each uint64: the finaliser of SplitMix64 (Steele et al. 2014)."""
  values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
  values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
  return values ^ (values >> np.uint64(31))


def is_held_out(
  row: np.ndarray, col: np.ndarray, vocab_size: int, seed: int, fraction: float
) -> np.ndarray:
  """Returns which records are kept out of training, by a hash of the unordered pair and the seed.

  row, col: [B] -> [B] bool.
  """
  smaller = np.minimum(row, col).astype(np.uint64)
  larger = np.maximum(row, col).astype(np.uint64)
  pair = smaller * np.uint64(vocab_size) + larger
  salt = hash_uint64(np.array([seed + 1], np.uint64))
  return hash_uint64(pair + salt) < np.uint64(fraction * 2**64)
