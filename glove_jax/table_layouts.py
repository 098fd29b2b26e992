"""How the rows of tables lie on devices: all rows on each device, or an equal share of them.

An update reads and writes tables by the functions of a `Layout`, and so is one function for both
layouts. Tables that are split are for vocabularies that one device cannot hold.

Shapes: V rows of a table, of which a device has V / n; E columns, or none.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from glove_jax import parallel
from glove_jax.row_sums import take_rows
from glove_jax.train import TrainState

# Rows move in a few parts, one after another. This is no loop of XLA: on CPUs, collectives of two
# loops that do not depend on each other meet, and the process aborts.
_PARTS = 8
_ROWS_AT_ONCE = 1 << 16  # rows that are moved in one part: 80 MB at 300 dimensions


class Layout(NamedTuple):
  """A layout of tables on devices, by the functions that depend on it.

  Attributes:
    spec: of `parallel.pmap` and `parallel.place`.
    take: (table, rows [...]) -> [..., E], the rows of the table, which each device chooses for
      itself; arbitrary where there is no such row.
    local_rows: (table, rows [...]) -> [...], where these rows lie in this device's part of the
      table; beyond its end if they lie elsewhere, so that `mode="drop"` drops them.
    add_up: the sum over the rows of this device -> the sum over all rows of the table. If each
      device has all rows, both are the same, and the number of devices changes no bit. A part of a
      split table is filled up with rows of zeros.
  """

  spec: Any
  take: Callable[[jax.Array, jax.Array], jax.Array]
  local_rows: Callable[[jax.Array, jax.Array], jax.Array]
  add_up: Callable[[jax.Array], jax.Array]


def of(shard_tables: bool) -> Layout:
  """Returns the layout for a value of the key `shard_tables`."""
  return SHARDED if shard_tables else REPLICATED


def state_layout(layout: Layout) -> TrainState:
  """Returns the layout of a state in which all is tables but the step, for `parallel.place`."""
  return TrainState(step=parallel.REPLICATED, params=layout.spec, opt_state=layout.spec)


def _all_rows(table, rows):
  return jnp.where(rows < 0, len(table), rows)


def _take_sharded(table, rows):
  """Moves rows between devices in the way that moves fewer of them."""
  flat = rows.reshape(-1)
  if parallel.device_count() == 1:
    taken = take_rows(table, flat)
  elif len(flat) < len(table):
    taken = _exchange(table, flat)
  else:
    taken = _gather(table, flat)
  return taken.reshape(*rows.shape, *table.shape[1:])


def _exchange(table, rows):  # [B] -> [B, E]
  """Each device looks up the rows of all devices that it has, and gets the sum of its own.

  A device sends (n - 1) B rows, which are fewer than the table has.
  """
  taken = []
  for part in jnp.array_split(rows, _num_parts(rows)):
    if taken:
      part = part + _zero_after(taken[-1])
    local = _shard_rows(table, parallel.all_gather(part))
    # One device has the row, all others add zeros: the sum is exact.
    summands = table.at[local].get(mode="fill", fill_value=0)
    taken.append(parallel.psum_scatter(summands))
  return jnp.concatenate(taken)


def _gather(table, rows):  # [B] -> [B, E]
  """Gathers the table on all devices, part by part, and takes the rows from each part.

  A device sends V (n - 1) / n rows, however large the batch.
  """
  size = len(table)
  owner = rows // size
  offset = rows % size
  part_size = -(-size // _num_parts(table))
  taken = jnp.zeros((len(rows), *table.shape[1:]), table.dtype)
  for start in range(0, size, part_size):
    num_rows = min(part_size, size - start)
    first = start + _zero_after(taken)
    share = jax.lax.dynamic_slice_in_dim(table, first, num_rows)
    part = parallel.all_gather(share)
    local = offset - start
    is_here = (local >= 0) & (local < num_rows)
    is_here = is_here.reshape(-1, *[1] * (table.ndim - 1))
    taken = jnp.where(is_here, take_rows(part, owner * num_rows + local), taken)
  return taken


def _num_parts(rows) -> int:
  """Returns the number of parts in which all devices' rows are moved."""
  num_rows = len(rows) * parallel.device_count()
  return min(_PARTS, -(-num_rows // _ROWS_AT_ONCE))


def _zero_after(array):
  """Returns 0, [] int32, which XLA computes after an array: it would else gather all parts first.

  `jax.lax.optimization_barrier` has no effect on CPUs.
  """
  first = array.reshape(-1)[0].astype(jnp.float32)
  return (first > jnp.inf).astype(jnp.int32)


def _shard_rows(table, rows):
  first = parallel.device_index() * len(table)
  local = rows - first
  is_here = (local >= 0) & (local < len(table))
  return jnp.where(is_here, local, len(table))


REPLICATED = Layout(
  spec=parallel.REPLICATED,
  take=take_rows,
  local_rows=_all_rows,
  add_up=lambda total: total,
)
SHARDED = Layout(
  spec=parallel.SHARDED,
  take=_take_sharded,
  local_rows=_shard_rows,
  add_up=parallel.psum_in_order,
)
