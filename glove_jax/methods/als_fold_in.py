"""Solves rows of words from their counts with frequent words alone, for the start of `glove_als`.

The rows start from zero, and the rows of the frequent words in the fixed table do not change.
Recommenders fold in new users in this way.

Shapes: M frequent words; N rows; E = D + 1, a vector and its bias.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import parallel
from glove_jax.data.counts.packed_rows import Chunks
from glove_jax.methods import als_chunks
from glove_jax.methods.als_rows import Preconditioner, Settings
from glove_jax.table_layouts import REPLICATED as LAYOUT


class FrequentRows(NamedTuple):
  """The rows of the frequent words in the fixed table, from which `fold_in` solves others."""

  fixed: jax.Array  # [M, E]
  preconditioner: Preconditioner


class FoldedRows(NamedTuple):
  """Rows that `fold_in` has solved."""

  number: jax.Array  # [N], 1 + row of the table; 0 is no row
  row: jax.Array     # [N, E]


def fold_in(
  *, x_max: float = 100.0, alpha: float = 0.75, ridge: float = 0.1, ridge_power: float = 0.5,
  bias_ridge: float = 0.01, cg_steps: int = 4, sequential: bool | None = None,
) -> Callable[[jax.Array, jax.Array], Callable[[Chunks], FoldedRows]]:
  """Returns `prepare`: `prepare(fixed, mass)` returns `solve`, and `solve(chunks)` solved rows.

  `fixed`, [M, E], are the rows of the first M words. `mass`, [M], are the weights of these rows in
  the preconditioner (`als_chunks.preconditioner`). The columns of the chunks must be below M.

  Args:
    x_max, alpha, ridge, ridge_power, bias_ridge, cg_steps, sequential: of `glove_als.als_update`.
  """
  if sequential is None:
    sequential = jax.default_backend() == "cpu"
  settings = Settings(x_max, alpha, ridge, ridge_power, bias_ridge, cg_steps)

  def solve(frequent: FrequentRows, chunks: Chunks) -> FoldedRows:
    before = jnp.zeros((*chunks.row.shape, frequent.fixed.shape[1]))
    inputs = als_chunks.ChunkInputs(chunks, before, anchors=None)
    solution = als_chunks.solve_chunks(settings, LAYOUT, *frequent, inputs, sequential)
    rows = solution.rows.reshape(-1, solution.rows.shape[-1])
    return parallel.all_gather(FoldedRows(chunks.row.ravel(), rows))

  compiled = parallel.pmap(solve)
  precondition = jax.jit(functools.partial(als_chunks.preconditioner, settings, LAYOUT))

  def prepare(fixed, mass):
    preconditioner = jax.tree.map(np.asarray, precondition(fixed, mass))
    frequent = parallel.replicate(FrequentRows(fixed, preconditioner))
    return functools.partial(compiled, frequent)

  return prepare
