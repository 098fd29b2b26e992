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

# Rows that all devices together look up at a time: 80 MB at 300 dimensions.
_LOOKED_UP = 1 << 16


class Layout(NamedTuple):
  """A layout of tables on devices, by the functions that depend on it.

  Attributes:
    spec: of `parallel.pmap` and `parallel.place`.
    take: (table, rows [...]) -> [..., E], the rows of the table, which each device chooses for
      itself; arbitrary where there is no such row.
    local_rows: (table, rows [...]) -> [...], where these rows lie in this device's part of the
      table; beyond its end if they lie elsewhere, so that `mode="drop"` drops them.
    share: table -> [V / n, E], a share of the rows, another one on each device, with zeros beyond
      the last row; sums over all rows are `parallel.psum` of sums over the shares.
  """

  spec: Any
  take: Callable[[jax.Array, jax.Array], jax.Array]
  local_rows: Callable[[jax.Array, jax.Array], jax.Array]
  share: Callable[[jax.Array], jax.Array]


def of(shard_tables: bool) -> Layout:
  """Returns the layout for a value of the key `shard_tables`."""
  return SHARDED if shard_tables else REPLICATED


def _all_rows(table, rows):
  return jnp.where(rows < 0, len(table), rows)


def _copy_share(table):
  devices = parallel.device_count()
  if devices == 1:
    return table
  size = -(-len(table) // devices)
  rows = parallel.device_index() * size + jnp.arange(size)
  return table.at[rows].get(mode="fill", fill_value=0)


def _take_sharded(table, rows):
  """Every device looks up the rows of all devices that it has; each gets the sum of its rows."""
  flat = rows.reshape(-1)
  size = max(1, _LOOKED_UP // parallel.device_count())
  if len(flat) <= size:
    found = _exchange(table, flat)
  else:
    padded = jnp.pad(flat, (0, -len(flat) % size))
    found = jax.lax.map(lambda part: _exchange(table, part), padded.reshape(-1, size))
    found = found.reshape(len(padded), *table.shape[1:])[: len(flat)]
  return found.reshape(*rows.shape, *table.shape[1:])


def _exchange(table, rows):  # [B] -> [B, E]
  local = _shard_rows(table, parallel.all_gather(rows))
  # One device has the row, all others add zeros: the sum is exact.
  found = table.at[local].get(mode="fill", fill_value=0)
  return parallel.psum_scatter(found)


def _shard_rows(table, rows):
  first = parallel.device_index() * len(table)
  local = rows - first
  is_here = (local >= 0) & (local < len(table))
  return jnp.where(is_here, local, len(table))


REPLICATED = Layout(
  spec=parallel.REPLICATED,
  take=take_rows,
  local_rows=_all_rows,
  share=_copy_share,
)
SHARDED = Layout(
  spec=parallel.SHARDED,
  take=_take_sharded,
  local_rows=_shard_rows,
  share=lambda table: table,
)
