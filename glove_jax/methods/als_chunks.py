"""Solves the rows of chunks of counts on a device, for `glove_als` and `als_fold_in`.

Shapes: C chunks; V words; E = D + 1, a vector and its bias; others as in `als_rows`.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from glove_jax import table_layouts
from glove_jax.data.counts.packed_rows import Chunks
from glove_jax.methods import als_balance
from glove_jax.methods.als_rows import Preconditioner, RowAnchors, Settings, Solution, solve_rows
from glove_jax.table_layouts import Layout

_VECTOR = 8  # floats of a CPU's vector registers


class ChunkInputs(NamedTuple):
  """What the chunks of a batch need, chunks first."""

  chunks: Chunks
  before: jax.Array  # [C, R, E], the rows to start from
  anchors: RowAnchors | None


def solve_chunks(
  settings: Settings, layout: Layout, fixed, preconditioner: Preconditioner, inputs: ChunkInputs,
  sequential: bool,
) -> Solution:
  """Returns the solved rows of all chunks on this device, chunks first.

  Args:
    settings: the objective and the number of steps.
    layout: of the fixed table.
    fixed: [V, E], or this device's part of it.
    preconditioner: of the fixed table.
    inputs: the chunks, the rows to start from and their anchors.
    sequential: whether to solve one chunk after another, and not all at once.
  """
  cols = inputs.chunks.cols

  def solve(gathered, chunk: ChunkInputs):
    return solve_rows(settings, gathered, preconditioner, *chunk)

  def gather_and_solve(buffer, chunk: ChunkInputs):
    buffer = _gather_into(buffer, fixed, chunk.chunks.cols)
    return buffer, solve(buffer, chunk)

  if cols is None:  # all columns: nothing to gather
    def solve_dense(chunk):
      return solve(fixed, chunk)

    return jax.lax.map(solve_dense, inputs) if sequential else jax.vmap(solve_dense)(inputs)
  if sequential and layout is table_layouts.REPLICATED:
    width = -(-fixed.shape[1] // _VECTOR) * _VECTOR
    buffer = jnp.zeros((*cols.shape[1:], width))
    return jax.lax.scan(gather_and_solve, buffer, inputs)[1]
  gathered = layout.take(fixed, cols)
  if sequential:
    return jax.lax.map(lambda chunk: solve(*chunk), (gathered, inputs))
  return jax.vmap(solve)(gathered, inputs)


def _gather_into(buffer, fixed, cols):
  """Returns fixed[cols], [S, T, P], written into memory that a loop reuses; zeros after column E.

  A plain fixed[cols] is slower: XLA would split each gather over all cores, though each core runs a
  device of its own, and every other line would be in another core's cache (50 -> 36 ns a count on
  two cores).

  Args:
    buffer: [S, T, P], zeros at first.
    fixed: [V, E].
    cols: [S, T].
  """
  half = len(cols) // 2
  for part in (slice(0, half), slice(half, None)):
    rows = fixed.at[cols[part]].get(mode="promise_in_bounds")
    buffer = jax.lax.dynamic_update_slice(buffer, rows, (part.start, 0, 0))
  return buffer


def preconditioner(settings: Settings, layout: Layout, fixed, mass) -> Preconditioner:
  """Returns the basis in which the matrix of the average row, G, and the ridge are diagonal.

  Args:
    settings: the objective.
    layout: of the fixed table.
    fixed: [V, E], or this device's part of it.
    mass: [V], the weights of its rows in G, as of `glove_als.AlsState`; scaled to a sum of one.
  """
  fixed = fixed.at[:, -1].set(1.0)
  mass = mass / layout.add_up(mass.sum())
  moments = layout.add_up(als_balance.gram(fixed, mass))
  ridge = jnp.ones(len(moments))  # the diagonal of R
  ridge = ridge.at[-1].set(settings.bias_ridge)
  scale = ridge**-0.5
  moments = scale[:, None] * moments * scale
  spread, vectors = jnp.linalg.eigh(moments)
  return Preconditioner(basis=scale[:, None] * vectors, spread=jnp.maximum(spread, 0.0))
