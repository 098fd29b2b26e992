"""GloVe by alternating least squares: the model of `methods.glove`, fitted without a learning rate.

With the contexts held, eq. 8 of Pennington et al. (2014) is a weighted ridge regression for each word of its own, and
the other way round. Each is solved by a few steps of conjugate gradients from where it stands (as ALX does for
recommenders, Mehta et al. 2021), preconditioned by the matrix of the average word; after each sweep the two tables are
balanced. It starts from the singular vectors of the counts among frequent words.

Given vectors can be adapted to a text: the ridge of a word that has one is centred on it, and the sum of the word's two
vectors is held to it besides (Mittens, Dingwall & Potts 2018, eq. 4).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import parallel
from glove_jax.data.counts import record_batches
from glove_jax.data.counts.cooccurrence import Store
from glove_jax.data.counts.packed_rows import Chunks, RowBatch
from glove_jax.train import TrainState

SIDES = ("word", "context")
_HIGHEST = jax.lax.Precision.HIGHEST  # bfloat16 products, the default on a TPU, would end the convergence early


class Anchors(NamedTuple):
  """What the sums of words' two vectors are held to, and how much. A word without a given vector has zeros in both."""

  vectors: jax.Array   # [V, D]
  strength: jax.Array  # [V]


class AlsState(NamedTuple):
  """What the updates need besides the params. E = D + 1: a vector and its bias.

  With R = diag(1, ..., 1, bias_ridge) and G the mean of the fixed side's [c, 1] [c, 1]', basis' R basis = I and
  basis' G basis = diag(spread).
  """

  basis: jax.Array             # [E, E]
  spread: jax.Array            # [E]
  mass: dict[str, jax.Array]   # side -> [V], the sum of the weights f(x) of each row
  size: dict[str, jax.Array]   # side -> [V], how many counts each row has
  anchors: Anchors | None = None


class _Model(NamedTuple):
  x_max: float
  alpha: float
  ridge: float
  ridge_power: float
  bias_ridge: float
  cg_steps: int


def init_als(params, anchors: Anchors | None = None) -> AlsState:
  """The state before the first update."""
  vocab_size, width = params["word"].shape
  def ones():
    return {side: jnp.ones(vocab_size) for side in SIDES}
  return AlsState(jnp.eye(width), jnp.ones(width), ones(), ones(), anchors)


def als_update(
  *,
  x_max: float = 100.0,
  alpha: float = 0.75,
  ridge: float = 0.1,
  ridge_power: float = 0.5,
  bias_ridge: float = 0.01,
  cg_steps: int = 3,
  one_by_one: bool | None = None,
) -> Callable[[TrainState, RowBatch], tuple[TrainState, dict]]:
  """`update(state, batch) -> (state, sums)` on all devices: solves the rows of the batch, the other table held.

  For a row i with n counts it lowers
    sum_j f(X_ij) (w_i c_j + b_i + b_j - log X_ij)^2 + ridge n^ridge_power (|w_i|^2 + bias_ridge b_i^2)
  by `cg_steps` steps of preconditioned conjugate gradients from the present w_i, b_i. The loss among the sums is that
  of `glove.glove`, before the step. `TrainState.opt_state` is `init_als(params)`. The update must see every batch of
  `packing.row_batches` in turn.

  With `init_als(params, anchors)`, r_i a row of `anchors.vectors`, the last term has |w_i - r_i / 2|^2 instead of
  |w_i|^2, and
    strength_i |w_i + c_i - r_i|^2
  is added: two ridges, one centred on half the given vector, one on what the word's own vector on the other side leaves
  of it. (Centred on zero, the ridge would forget the given vectors of words that the text hardly has.) The tables are
  not balanced then: the given vectors say what basis they are of.

  Args:
    one_by_one: solve a batch's chunks one after another, so that each stays in the processor's cache, rather than all
      at once; default: where the devices are CPUs.
  """
  one_by_one = jax.default_backend() == "cpu" if one_by_one is None else one_by_one
  model = _Model(x_max, alpha, ridge, ridge_power, bias_ridge, cg_steps)
  solve = parallel.pmap(lambda state, chunks: _solve_chunks(model, state, chunks, one_by_one), donate=True)
  start = parallel.pmap(lambda state, _: _precondition(model, state), donate=True)
  end = parallel.pmap(lambda state, _: _balance(model, state), donate=True)

  def update(state: TrainState, batch: RowBatch) -> tuple[TrainState, dict]:
    # The flags are NumPy's, read here so that one compiled function serves both sides.
    moving, fixed = SIDES if not batch.side.flat[0] else SIDES[::-1]
    state = _rename(state, {moving: "moving", fixed: "fixed"})
    if batch.first.flat[0]:
      state = start(state, batch.first)
    state, sums = solve(state, batch.chunks)
    if batch.last.flat[0] and moving == "context" and state.opt_state.anchors is None:
      state = end(state, batch.first)
    return _rename(state, {"moving": moving, "fixed": fixed}), sums

  return update


def _rename(state: TrainState, names: dict[str, str]) -> TrainState:
  def renamed(tables: dict[str, Any]) -> dict[str, Any]:
    return {names[name]: table for name, table in tables.items()}
  aux = state.opt_state
  return TrainState(state.step, renamed(state.params), aux._replace(mass=renamed(aux.mass), size=renamed(aux.size)))


def _solve_chunks(model: _Model, state: TrainState, chunks: Chunks, one_by_one: bool):
  """Solves a batch's rows on this device, and writes all devices' rows into the moving table."""
  params, aux = state.params, state.opt_state
  rows = jnp.where(chunks.row > 0, chunks.row - 1, len(params["moving"]))  # beyond the end: dropped
  # Read before the loop, so that XLA can write the table in place after it.
  before = params["moving"].at[rows].get(mode="clip")
  anchors = _row_anchors(aux.anchors, params["fixed"], rows)
  def solve(table, chunk: tuple[Chunks, jax.Array, _RowAnchors | None]):
    table = _gather_into(table, params["fixed"], chunk[0].cols)
    return table, _solve_chunk(model, table, aux.basis, aux.spread, *chunk)
  table = jnp.zeros((*chunks.cols.shape[1:], params["fixed"].shape[1]))
  if one_by_one:
    _, (solved, mass, size, losses) = jax.lax.scan(solve, table, (chunks, before, anchors))
  else:
    _, (solved, mass, size, losses) = jax.vmap(solve, (None, 0))(table, (chunks, before, anchors))
  rows, solved, mass, size = parallel.all_gather((rows, solved, mass, size))
  def write(tables, values):
    return {**tables, "moving": tables["moving"].at[rows].set(values, mode="drop")}
  aux = aux._replace(mass=write(aux.mass, mass), size=write(aux.size, size))
  sums = parallel.psum({"loss": (losses.sum(), jnp.sum(chunks.counts > 0, dtype=jnp.float32))})
  return TrainState(state.step + 1, write(params, solved), aux), sums


class _RowAnchors(NamedTuple):
  given: jax.Array     # [..., R, D]
  strength: jax.Array  # [..., R, 1]
  other: jax.Array     # [..., R, D], the words' own vectors on the fixed side


def _row_anchors(anchors: Anchors | None, fixed, rows) -> _RowAnchors | None:
  if anchors is None:
    return None
  given, strength, other = (table.at[rows].get(mode="clip") for table in (*anchors, fixed))
  return _RowAnchors(given, strength[..., None], other[..., :-1])


def _gather_into(table, fixed, cols):
  """table: [S, T, E], memory to use; fixed: [V, E]; cols: [S, T] -> fixed[cols] [S, T, E].

  Why not simply that: XLA would split each such gather over all cores, though each has a device of its own to run, and
  every other line would lie in another core's cache (50 -> 36 ns a count on two cores).
  """
  half = len(cols) // 2
  for part, start in ((cols[:half], 0), (cols[half:], half)):
    table = jax.lax.dynamic_update_slice(table, fixed.at[part].get(mode="promise_in_bounds"), (start, 0, 0))
  return table


def _solve_chunk(model: _Model, table, basis, spread, chunk: Chunks, before, anchors: _RowAnchors | None):
  """table: [S, T, E], the contexts; before: [R, E] -> (solved [R, E], mass [R], size [R], loss []). S tiles of T."""
  _, counts, tile_row, _ = chunk
  def per_row(values):  # [S, ...] -> [R, ...]
    return jax.ops.segment_sum(values, tile_row, len(before), indices_are_sorted=True)
  log = jnp.log(jnp.where(counts > 0, counts, 1.0))
  weight = jnp.where(counts > 0, jnp.exp(model.alpha * jnp.minimum(0.0, log - np.log(model.x_max))), 0.0)
  mass, size = per_row(weight.sum(1)), per_row(jnp.sum(counts > 0, axis=1, dtype=jnp.float32))
  penalty = model.ridge * jnp.maximum(size, 1.0)[:, None] ** model.ridge_power
  ridge = penalty * jnp.ones(table.shape[-1]).at[-1].set(model.bias_ridge)
  # The table's last column is the contexts' own bias; a row's bias meets a one instead.
  def predict(rows):  # [R, E] -> [S, T]
    rows = rows[tile_row]
    return jnp.einsum("std,sd->st", table, rows.at[:, -1].set(0.0), precision=_HIGHEST) + rows[:, -1:]
  def collect(values):  # [S, T] -> [R, E]
    sums = jnp.einsum("std,st->sd", table, values, precision=_HIGHEST)
    return per_row(sums.at[:, -1].set(values.sum(1)))
  def precondition(residual):
    scale = 1.0 / (mass[:, None] * spread + penalty)
    return jnp.matmul(jnp.matmul(residual, basis, precision=_HIGHEST) * scale, basis.T, precision=_HIGHEST)

  missed = log - table[:, :, -1] - predict(before)
  loss = 0.5 * jnp.sum(weight * missed * missed)
  x, residual = before, collect(weight * missed) - ridge * before
  if anchors is not None:  # the bias is free
    given, strength, other = anchors
    residual = residual.at[:, :-1].add(penalty * given / 2 + strength * (given - other - before[:, :-1]))
    ridge, penalty = ridge.at[:, :-1].add(strength), penalty + strength
  z = direction = precondition(residual)
  energy = jnp.sum(residual * z, axis=1, keepdims=True)
  for step in range(model.cg_steps):
    image = collect(weight * predict(direction)) + ridge * direction
    length = energy / jnp.maximum(jnp.sum(direction * image, axis=1, keepdims=True), 1e-30)
    x = x + length * direction
    if step + 1 < model.cg_steps:
      residual = residual - length * image
      z = precondition(residual)
      energy, last_energy = jnp.sum(residual * z, axis=1, keepdims=True), energy
      direction = z + energy / jnp.maximum(last_energy, 1e-30) * direction
  return x, mass, size, loss


def _precondition(model: _Model, state: TrainState) -> TrainState:
  """The basis in which the fixed table's mean matrix, and the ridge, are diagonal: the matrix of the average row."""
  fixed, mass = state.params["fixed"].at[:, -1].set(1.0), state.opt_state.mass["fixed"]
  gram = _gram(fixed, mass / mass.sum())
  root = jnp.ones(len(gram)).at[-1].set(model.bias_ridge) ** -0.5
  spread, basis = jnp.linalg.eigh(root[:, None] * gram * root)
  aux = state.opt_state._replace(basis=root[:, None] * basis, spread=jnp.maximum(spread, 0.0))
  return state._replace(opt_state=aux)


def _balance(model: _Model, state: TrainState) -> TrainState:
  """Turns W into W T and C into C inv(T)', which no prediction notices, with the T of the least ridge.

  W C' stays what it is for any invertible T. With A and B the two tables' matrices of second moments, weighted as the
  ridge weighs them, T T' is the geometric mean of inv(A) and B, and after it both tables have the same moments. Without
  it, the sum of the two tables adds up vectors of bases that have nothing to do with each other.
  """
  tables, moments = {}, {}
  for side, table in state.params.items():
    weight = jnp.maximum(state.opt_state.size[side], 1.0) ** model.ridge_power
    moments[side] = _gram(table[:, :-1], weight)
  half, inverse = _power(moments["fixed"], 0.5), _power(moments["fixed"], -0.5)
  def product(*matrices):
    return jnp.linalg.multi_dot(matrices, precision=_HIGHEST)
  mean = product(inverse, _power(product(half, moments["moving"], half), 0.5), inverse)
  for side, power in (("fixed", 0.5), ("moving", -0.5)):
    table = state.params[side]
    tables[side] = table.at[:, :-1].set(jnp.matmul(table[:, :-1], _power(mean, power), precision=_HIGHEST))
  return state._replace(params=tables)


def _gram(table, weight):  # [V, D], [V] -> [D, D]
  return jnp.matmul((table * weight[:, None]).T, table, precision=_HIGHEST)


def _power(matrix, exponent: float):  # of a symmetric positive matrix: [D, D] -> [D, D]
  values, vectors = jnp.linalg.eigh(matrix)
  values = jnp.maximum(values, 1e-7 * values[-1] + 1e-30)
  return jnp.matmul(vectors * values**exponent, vectors.T, precision=_HIGHEST)


def spectral_start(
  store: Store, dim: int, *, x_max: float = 100.0, alpha: float = 0.75, words: int = 2048, seed: int = 0,
  held_out: float = 0.0,
) -> dict[str, np.ndarray]:
  """Params to start from: contexts from the counts among the most frequent words, the words themselves at zero.

  Those counts are dense: biases are fitted to their logarithms, and what is left, weighted by sqrt(f), is factorised
  by a randomised singular value decomposition (Halko, Martinsson & Tropp 2011, algorithm 4.4). Pairs that are held out
  of training (`batches.is_held_out`) do not count.
  """
  size = min(words, store.vocab_size)
  block = store.matrix()[:size, :size].toarray()
  if held_out:
    row, col = (grid.ravel().astype(np.int32) for grid in np.mgrid[:size, :size])
    block.ravel()[record_batches.is_held_out(row, col, store.vocab_size, seed, held_out)] = 0
  weight = np.where(block > 0, np.minimum(1, (block / x_max) ** alpha), 0).astype(np.float32)
  log = np.log(np.where(block > 0, block, 1)).astype(np.float32)
  bias = np.zeros((2, size), np.float32)  # of rows and columns
  mass = [np.maximum(weight.sum(axis), 1e-9) for axis in (1, 0)]
  for _ in range(20):
    bias[0] = (weight * (log - bias[1])).sum(1) / mass[0]
    bias[1] = (weight * (log - bias[0][:, None])).sum(0) / mass[1]
  left = np.sqrt(weight) * (log - bias[0][:, None] - bias[1])
  rank = min(dim, size)
  basis = np.random.default_rng(seed).normal(size=(size, min(size, rank + 20))).astype(np.float32)
  for _ in range(8):
    basis = np.linalg.qr(left.T @ (left @ basis))[0]
  _, values, right = np.linalg.svd(np.linalg.qr(left @ basis)[0].T @ left, full_matrices=False)
  params = {side: np.zeros((store.vocab_size, dim + 1), np.float32) for side in SIDES}
  params["context"][:size, :rank] = right[:rank].T * np.sqrt(values[:rank])
  params["context"][:size, -1] = bias[1]
  params["context"][size:, -1] = bias[1][-200:].mean()
  return params
