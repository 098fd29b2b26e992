"""The start of `glove_als`: frequent words first, then the others from their counts with these.

The counts among frequent words are a dense matrix, so that a sweep consists of matrix products. It
takes a fraction of the time of a sweep over all counts. After each sweep the tables are
extrapolated, which saves sweeps (`_momentum`). When the frequent words are solved, those that
remain are folded in: each is solved once, from its counts with frequent words alone. One sweep over
all counts is then enough.
"""

from collections.abc import Callable, Sequence

import jax
import numpy as np

from glove_jax import parallel
from glove_jax.data.counts import dense_rows, packed_rows
from glove_jax.data.counts.packed_rows import Chunks
from glove_jax.methods import glove_als
from glove_jax.methods.als_fold_in import FoldedRows
from glove_jax.progress import ignore
from glove_jax.train import Batch, Params, Sums, TrainState

_MOST_MOMENTUM = 0.8


def improve(
  params: Params,
  counts: np.ndarray,
  update: Callable[[TrainState, Batch], tuple[TrainState, Sums]],
  *,
  symmetric: bool,
  sweeps: int,
  advance: Callable[[int], None] = ignore,
) -> Params:
  """Returns params whose first m rows are improved by sweeps over the counts among these words.

  Args:
    params: `word` and `context`, [V, D + 1] each.
    counts: among the first m words, of `dense_rows.dense_counts`, [m, m].
    update: of `glove_als.als_update`, for replicated tables.
    symmetric: whether the counts are.
    sweeps: over all words, then all contexts.
    advance: called with the number of updates since the last call, of `num_updates`.
  """
  num_words = len(counts)
  transposed = counts if symmetric else np.ascontiguousarray(counts.T)
  data = dense_rows.dense_batches(counts, transposed)
  solved = {side: np.asarray(table[:num_words]) for side, table in params.items()}
  state = TrainState(np.int32(0), solved, glove_als.init_als(solved))
  state = parallel.replicate(state)
  batches = parallel.own_rows(data.batch)
  tables = solved
  for sweep in range(sweeps):
    in_flight = []
    for step in range(data.steps_per_sweep):
      state, sums = update(state, parallel.shard(batches(step)))
      parallel.pace(in_flight, sums)
      advance(1)
    previous = solved
    solved = jax.tree.map(np.array, state.params)
    tables = _extrapolate(previous, solved, _momentum(sweep))
    state = state._replace(params=parallel.replicate(tables))
  improved = {}
  for side, table in params.items():
    improved[side] = np.array(table)
    improved[side][:num_words] = tables[side]
  return improved


def _extrapolate(previous: Params, solved: Params, momentum: float) -> Params:
  """Returns tables beyond `solved`, by a share of the change from `previous` to it."""
  share = np.float32(momentum)
  return {side: table + share * (table - previous[side]) for side, table in solved.items()}


def _momentum(sweep: int) -> float:
  """Returns how far the tables are extrapolated after a sweep: 0, 1/2, 2/3, 3/4, then 0.8.

  It is a share of the change from the tables after the previous sweep. This is Nesterov's method
  for alternating least squares (Mitchell, Ye & De Sterck 2020, "Nesterov acceleration of
  alternating least squares for canonical tensor decomposition"), with a bound in place of restarts.

  Args:
    sweep: from 0. The tables before the first sweep are in another basis: it counts as no change.
  """
  return min(_MOST_MOMENTUM, sweep / (sweep + 1))


def fold_in(
  params: Params,
  sizes: dict[str, np.ndarray],
  num_words: int,
  sides: Sequence[Sequence[Chunks]],
  prepare: Callable[[jax.Array, jax.Array], Callable[[Chunks], FoldedRows]],
  *,
  batch_slots: int,
  advance: Callable[[int], None] = ignore,
) -> Params:
  """Returns params in which other words are solved from their counts with the first words.

  Args:
    params: in which the first words are solved, `word` and `context`, [V, D + 1] each.
    sizes: side -> [V], the number of counts of each row.
    num_words: m, of the first words.
    sides: the packed counts of other words with the first m contexts, and of other contexts with
      the first m words.
    prepare: of `als_fold_in.fold_in`.
    batch_slots: slots of a batch.
    advance: called with the number of updates since the last call, of `num_fold_in_updates`.
  """
  folded = {side: np.array(table) for side, table in params.items()}
  for number, side in enumerate(glove_als.SIDES):
    fixed = glove_als.SIDES[1 - number]
    solve = prepare(params[fixed][:num_words], sizes[fixed][:num_words])
    data = packed_rows.row_batches([sides[number]], batch_slots=batch_slots)
    batches = parallel.own_rows(data.batch)
    in_flight = []
    for step in range(data.steps_per_sweep):
      in_flight.append(solve(parallel.shard(batches(step)).chunks))
      if len(in_flight) > 1:  # the devices are kept busy
        _write(folded[side], in_flight.pop(0))
      advance(1)
    _write(folded[side], in_flight.pop())
  return folded


def _write(table: np.ndarray, folded: FoldedRows) -> None:
  number = np.asarray(folded.number)
  is_row = number > 0
  table[number[is_row] - 1] = np.asarray(folded.row)[is_row]


def num_updates(num_words: int, sweeps: int) -> int:
  """Returns the number of updates that `improve` makes."""
  return sweeps * dense_rows.steps_per_sweep(num_words)


def num_fold_in_updates(sides: Sequence[Sequence[Chunks]], batch_slots: int) -> int:
  """Returns the number of updates that `fold_in` makes."""
  return packed_rows.row_batches(sides, batch_slots=batch_slots).steps_per_sweep
