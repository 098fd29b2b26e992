"""Sums over equal rows of a table: one addition after another on CPUs, sorted on accelerators.

`table.at[ids].add(rows)` adds the gradients of a batch to a table, and a frequent word occurs in
many rows. A CPU adds them one after another. A GPU adds all at once by atomic operations: in an
order that changes from run to run, so that no result can be reproduced, and slowly where many rows
meet (jax-ml/jax#38806 reports a factor of 450 and more). Therefore accelerators sort the ids here,
sum the rows of equal ids, and write every row of the table once.

Shapes: V rows of a table; N rows that are added; D numbers of a row.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

_BLOCK = 64  # rows that one matrix product sums
_EARLIER = np.tri(_BLOCK, dtype=bool)  # [K, K], whether the second row is no later than the first


class RowSums(NamedTuple):
  """The sums of rows by id, at the last position of each id; what stands elsewhere is partial."""

  ids: jax.Array   # [N] int32, each id once; at other positions ids of at least `size`
  sums: jax.Array  # [N, D] float32


def add_rows(table, ids, rows):
  """Returns a table with rows added to it, the same id any number of times.

  Args:
    table: [V, ...].
    ids: [...] int32, rows of the table; those of at least V are dropped.
    rows: [..., ...], in the shape of `ids`, then that of a row.
  """
  return lax.platform_dependent(table, ids, rows, cpu=_add_in_order, default=_add_sums)


def _add_in_order(table, ids, rows):
  return table.at[ids].add(rows, mode="drop")


@jax.jit  # traced once for each shape
def _add_sums(table, ids, rows):
  size = len(table)
  ids, sums = sum_rows(ids.reshape(-1), rows.reshape(ids.size, -1), size)
  sums = sums.reshape(-1, *table.shape[1:])
  return table.at[ids].add(sums.astype(table.dtype), mode="drop", unique_indices=True)


def sum_rows(ids, rows, size: int) -> RowSums:
  """Returns the sums of the rows of each id, in float32, without an atomic operation.

  A number that is not finite spreads to other rows of its block.

  Args:
    ids: [N] int32; those of at least `size` are dropped.
    rows: [N, D].
    size: V.
  """
  # By lax: each function of jax.numpy would be traced apart, on CPUs for nothing.
  positions = lax.iota(jnp.int32, len(ids))
  ids, order = lax.sort((ids, positions), num_keys=1, is_stable=True)
  rows = rows.at[order].get(mode="promise_in_bounds", unique_indices=True)
  following = lax.pad(ids, jnp.int32(-1), [(-1, 1, 0)])
  is_in_table = lax.lt(ids, lax.full_like(ids, size))
  is_last = lax.bitwise_and(lax.ne(ids, following), is_in_table)
  # Where nothing is written, ids differ too: so all are unique.
  unused = lax.add(positions, jnp.int32(size))
  return RowSums(
    ids=lax.select(is_last, ids, unused),
    sums=_running_sums(ids, rows),
  )


def _running_sums(ids, rows):  # ids: [N] sorted, rows: [N, D] -> [N, D] float32
  """Returns the sum of all rows up to each position that have its id.

  Each block of rows is multiplied by the matrix that says which of its rows belong together, and
  what the blocks before have summed for a block's ids is added.
  """
  num_rows, width = rows.shape
  padding = -num_rows % _BLOCK
  ids = lax.pad(ids, jnp.int32(-1), [(0, padding, 0)])
  rows = lax.pad(rows, jnp.zeros((), rows.dtype), [(0, padding, 0), (0, 0, 0)])
  ids = lax.reshape(ids, (-(-num_rows // _BLOCK), _BLOCK))
  rows = lax.reshape(rows, (len(ids), _BLOCK, width))
  shape = (len(ids), _BLOCK, _BLOCK)
  one_id = lax.broadcast_in_dim(ids, shape, (0, 1))
  other_id = lax.broadcast_in_dim(ids, shape, (0, 2))
  is_same = lax.eq(one_id, other_id)
  is_earlier = lax.broadcast_in_dim(_EARLIER, shape, (1, 2))
  is_summed = lax.bitwise_and(is_same, is_earlier)
  sums = lax.dot_general(
    lax.convert_element_type(is_summed, rows.dtype),
    rows,
    (((2,), (1,)), ((0,), (0,))),
    precision=lax.Precision.HIGHEST,
    preferred_element_type=jnp.float32,
  )
  if len(ids) > 1:
    sums = lax.add(sums, _sums_of_earlier_blocks(ids, sums))
  sums = lax.reshape(sums, (len(ids) * _BLOCK, width))
  return lax.slice_in_dim(sums, 0, num_rows)


def _sums_of_earlier_blocks(ids, sums):  # ids: [G, K], sums: [G, K, D] -> [G, K, D]
  """Returns what the blocks before each block have summed for the ids of its rows."""
  last_ids = lax.reshape(lax.slice_in_dim(ids, _BLOCK - 1, _BLOCK, axis=1), (len(ids),))
  last_sums = lax.slice_in_dim(sums, _BLOCK - 1, _BLOCK, axis=1)
  last_sums = _running_sums(last_ids, lax.reshape(last_sums, (len(ids), sums.shape[2])))
  # Those of the block before; -1 is the id of no row.
  last_ids = lax.pad(last_ids, jnp.int32(-1), [(1, -1, 0)])
  last_sums = lax.pad(last_sums, jnp.float32(0), [(1, -1, 0), (0, 0, 0)])
  continues = lax.eq(ids, lax.broadcast_in_dim(last_ids, ids.shape, (0,)))
  return lax.select(
    lax.broadcast_in_dim(continues, sums.shape, (0, 1)),
    lax.broadcast_in_dim(last_sums, sums.shape, (0, 2)),
    lax.full_like(sums, 0),
  )


def take_rows(table, ids):
  """Returns rows of a table, [..., ...]; where one is taken several times, gradients are summed.

  Args:
    table: [V, ...].
    ids: [...] int32; those beyond either end are clipped.
  """
  return take(table, ids)


def take_positions(h, positions):  # h: [B, T, D], positions: [B, K] -> [B, K, D]
  """Returns the vectors at some positions of each text, the same one any number of times."""
  texts = lax.broadcasted_iota(jnp.int32, positions.shape, 0)
  return take(h, texts, positions)


def take(array, *indices):
  """Returns `array[indices]`; gradients of elements that are taken several times are summed.

  Args:
    array: any shape.
    indices: int32 arrays of one shape, for the first axes of the array; clipped at the ends.
  """
  return _take(array.shape, array, indices)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _take(shape: tuple[int, ...], array, indices):
  del shape
  return jnp.asarray(array).at[indices].get(mode="clip")  # arrays of NumPy have no `at`


def _take_forward(shape: tuple[int, ...], array, indices):
  return _take(shape, array, indices), indices


def _take_backward(shape: tuple[int, ...], indices, grad):
  zeros = jnp.zeros(shape, grad.dtype)
  summed = lax.platform_dependent(
    zeros, indices, grad, cpu=_add_in_order, default=_add_flat_sums
  )
  return summed, None


_take.defvjp(_take_forward, _take_backward)


def _add_flat_sums(array, indices, values):
  """Adds values at indices of the first axes, which become one."""
  sizes = array.shape[: len(indices)]
  flat = array.reshape(-1, *array.shape[len(indices) :])
  ids = jnp.ravel_multi_index(indices, sizes, mode="clip")
  return _add_sums(flat, ids, values).reshape(array.shape)
