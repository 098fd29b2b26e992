"""Sweeps of `glove_als` over the counts among frequent words, before those over all counts.

The counts among frequent words are a dense matrix, so that a sweep consists of matrix products. It
takes a fraction of the time of a sweep over all counts, of which fewer are then needed.
"""

from collections.abc import Callable

import numpy as np

from glove_jax import parallel
from glove_jax.data.counts import dense_rows
from glove_jax.methods import glove_als
from glove_jax.progress import ignore
from glove_jax.train import Batch, Params, Sums, TrainState


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
  first_rows = {side: np.asarray(table[:num_words]) for side, table in params.items()}
  state = TrainState(np.int32(0), first_rows, glove_als.init_als(first_rows))
  state = parallel.replicate(state)
  batches = parallel.own_rows(data.batch)
  in_flight = []
  for step in range(num_updates(num_words, sweeps)):
    state, sums = update(state, parallel.shard(batches(step)))
    parallel.pace(in_flight, sums)
    advance(1)
  improved = {}
  for side, table in params.items():
    improved[side] = np.array(table)
    improved[side][:num_words] = np.asarray(state.params[side])
  return improved


def num_updates(num_words: int, sweeps: int) -> int:
  """Returns the number of updates that `improve` makes."""
  return sweeps * dense_rows.steps_per_sweep(num_words)
