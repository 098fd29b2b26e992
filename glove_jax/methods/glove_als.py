"""GloVe by alternating least squares: the objective of `methods.glove`, without a learning rate.

With the context vectors fixed, eq. 8 of Pennington et al. (2014) is a weighted ridge regression for
each word, and the other way round. Row i of a table, with n_i counts, minimises

    sum_j f(X[i, j]) (w_i . c_j + b_i + d_j - log X[i, j])^2
      + ridge n_i^ridge_power (|w_i|^2 + bias_ridge b_i^2).

Update. A sweep solves all words, then all contexts. A row takes a few steps of conjugate gradients
from its present value (`als_rows`; ALX does so for recommenders, Mehta et al. 2021), preconditioned
by the matrix of the average row (`als_chunks.preconditioner`). After each sweep the two tables are
balanced (`als_balance`). `methods.spectral_init` and `methods.dense_start` have the start.

Pretrained vectors r_i can be adapted to a corpus (`Anchors`): the last term then has
|w_i - r_i / 2|^2 instead of |w_i|^2, and

    strength_i |w_i + c_i - r_i|^2

is added, which holds the sum of the word's two vectors to the pretrained one (Mittens, Dingwall &
Potts 2018, eq. 4). Were the ridge centred on zero, words with few counts would forget their
pretrained vectors. The tables are not balanced then, as the pretrained vectors fix their basis.

Shapes: V words; D dimensions; E = D + 1, a vector and its bias.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from glove_jax import parallel, table_layouts
from glove_jax.data.counts.packed_rows import Chunks, RowBatch
from glove_jax.methods import als_balance, als_chunks
from glove_jax.methods.als_chunks import ChunkInputs
from glove_jax.methods.als_rows import Preconditioner, RowAnchors, Settings, Solution
from glove_jax.table_layouts import Layout
from glove_jax.train import Params, Sum, Sums, TrainState

SIDES = ("word", "context")


class Anchors(NamedTuple):
  """Pretrained vectors and how strongly words are held to them; zeros for words without one."""

  vectors: jax.Array   # [V, D]
  strength: jax.Array  # [V]


class AlsState(NamedTuple):
  """What the updates need besides the params.

  With R = diag(1, ..., 1, bias_ridge) and G the weighted mean of [c, 1] [c, 1]' over the fixed
  table, basis' R basis = I and basis' G basis = diag(spread).
  """

  basis: jax.Array             # [E, E]
  spread: jax.Array            # [E]
  mass: dict[str, jax.Array]   # side -> [V], the sum of the weights f(x) of each row
  size: dict[str, jax.Array]   # side -> [V], the number of counts of each row
  anchors: Anchors | None = None


def init_als(
  params: Params, anchors: Anchors | None = None, mass: dict[str, jax.Array] | None = None
) -> AlsState:
  """Returns the `opt_state` before the first update.

  Args:
    params: of the model.
    anchors: of the words; None: none.
    mass: side -> [V], estimates of `AlsState.mass`, such as the numbers of counts; default: the
      same for all rows.
  """
  vocab_size, width = params["word"].shape
  return AlsState(
    basis=jnp.eye(width),
    spread=jnp.ones(width),
    mass=mass or {side: jnp.ones(vocab_size) for side in SIDES},
    size={side: jnp.ones(vocab_size) for side in SIDES},
    anchors=anchors,
  )


def als_update(
  *, x_max: float = 100.0, alpha: float = 0.75, ridge: float = 0.1, ridge_power: float = 0.5,
  bias_ridge: float = 0.01, cg_steps: int = 3, sequential: bool | None = None,
  layout: Layout = table_layouts.REPLICATED,
) -> Callable[[TrainState, RowBatch], tuple[TrainState, Sums]]:
  """Returns `update(state, batch) -> (state, sums)`, which solves the rows of a batch.

  The update must see every batch of `packed_rows.row_batches` in turn. The loss is that of
  `glove.glove`, before the step. `TrainState.opt_state` is `init_als(params, anchors)`.

  Args:
    x_max, alpha: of the weight f, as for `glove.glove`.
    ridge, ridge_power, bias_ridge: of the objective.
    cg_steps: steps of conjugate gradients a sweep.
    sequential: whether to solve the chunks of a batch one after another, so that each stays in the
      processor's cache, instead of all at once; default: on CPUs.
    layout: of the tables. If they are split over devices, the rows of the fixed table that a batch
      needs are gathered first, and larger batches move fewer bytes between devices.
  """
  if sequential is None:
    sequential = jax.default_backend() == "cpu"
  settings = Settings(x_max, alpha, ridge, ridge_power, bias_ridge, cg_steps)

  phases = _phases(settings, sequential, layout)

  def update(state: TrainState, batch: RowBatch) -> tuple[TrainState, Sums]:
    # The flags are NumPy's: read here, they let one compiled function serve both sides.
    moving, fixed = SIDES[::-1] if batch.side.flat[0] else SIDES
    state = _rename(state, {moving: "moving", fixed: "fixed"})
    if batch.first.flat[0]:
      state = phases.start(state, batch.first)
    state, sums = phases.solve(state, batch.chunks)
    if batch.last.flat[0] and moving == "context" and state.opt_state.anchors is None:
      state = phases.end(state, batch.first)
    return _rename(state, {"moving": moving, "fixed": fixed}), sums

  return update


class _Phases(NamedTuple):
  """The compiled parts of an update, on all devices."""

  start: Callable  # of a half sweep: the preconditioner
  solve: Callable  # every batch
  end: Callable    # of a sweep: the balancing


def state_layout(layout: Layout) -> TrainState:
  """Returns the layout of the state, as `parallel.place` takes it, given that of the tables."""
  aux = AlsState(
    basis=parallel.REPLICATED,
    spread=parallel.REPLICATED,
    mass=layout.spec,
    size=layout.spec,
    anchors=layout.spec,
  )
  return TrainState(step=parallel.REPLICATED, params=layout.spec, opt_state=aux)


def _phases(settings: Settings, sequential: bool, layout: Layout) -> _Phases:
  def start(state, _):
    return _update_preconditioner(settings, layout, state)

  def solve(state, chunks):
    return _solve_chunks(settings, layout, state, chunks, sequential)

  def end(state, _):
    size = state.opt_state.size
    params = als_balance.balance(state.params, size, settings.ridge_power, layout)
    return state._replace(params=params)

  whole = state_layout(layout)
  return _Phases(
    start=parallel.pmap(start, donate=True, state=whole, result=whole),
    solve=parallel.pmap(solve, donate=True, state=whole, result=(whole, parallel.REPLICATED)),
    end=parallel.pmap(end, donate=True, state=whole, result=whole),
  )


def _rename(state: TrainState, names: dict[str, str]) -> TrainState:
  """Renames the sides in all dicts of the state."""
  def renamed(tables: dict[str, Any]) -> dict[str, Any]:
    return {names[name]: table for name, table in tables.items()}

  aux = state.opt_state
  aux = aux._replace(
    mass=renamed(aux.mass),
    size=renamed(aux.size),
  )
  return TrainState(state.step, renamed(state.params), aux)


def _solve_chunks(
  settings: Settings, layout: Layout, state: TrainState, chunks: Chunks, sequential: bool
):
  """Solves the rows of a batch on this device, and writes all devices' rows into the table."""
  moving = state.params["moving"]
  fixed = state.params["fixed"]
  aux = state.opt_state
  rows = chunks.row - 1  # -1 is no row
  inputs = ChunkInputs(
    chunks=chunks,
    # Read before the loop, so that XLA can write the table in place after it.
    before=layout.take(moving, rows),
    anchors=_row_anchors(layout, aux.anchors, fixed, rows),
  )
  preconditioner = Preconditioner(aux.basis, aux.spread)
  solution = als_chunks.solve_chunks(settings, layout, fixed, preconditioner, inputs, sequential)
  num_counts = jnp.sum(chunks.counts > 0, dtype=jnp.float32)
  loss = Sum(total=solution.loss.sum(), weight=num_counts)
  return _write(layout, state, rows, solution), parallel.psum({"loss": loss})


def _write(layout: Layout, state: TrainState, rows, solution: Solution) -> TrainState:
  """Writes the solved rows of all devices into the moving table."""
  rows, solved, mass, size = parallel.all_gather(
    (rows, solution.rows, solution.mass, solution.size)
  )
  rows = layout.local_rows(state.params["moving"], rows)

  def written(tables: dict[str, Any], values) -> dict[str, Any]:
    moving = tables["moving"].at[rows].set(values, mode="drop")
    return {**tables, "moving": moving}

  aux = state.opt_state
  aux = aux._replace(
    mass=written(aux.mass, mass),
    size=written(aux.size, size),
  )
  return TrainState(state.step + 1, written(state.params, solved), aux)


def _row_anchors(layout: Layout, anchors: Anchors | None, fixed, rows) -> RowAnchors | None:
  """Returns the anchors of rows [...]."""
  if anchors is None:
    return None
  return RowAnchors(
    pretrained=layout.take(anchors.vectors, rows),
    strength=layout.take(anchors.strength, rows)[..., None],
    other=layout.take(fixed, rows)[..., :-1],
  )


def _update_preconditioner(settings: Settings, layout: Layout, state: TrainState) -> TrainState:
  """Computes the preconditioner of the fixed table."""
  fixed = state.params["fixed"]
  basis, spread = als_chunks.preconditioner(settings, layout, fixed, state.opt_state.mass["fixed"])
  return state._replace(opt_state=state.opt_state._replace(basis=basis, spread=spread))
