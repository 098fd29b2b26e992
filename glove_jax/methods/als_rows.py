"""The regressions of `glove_als`: rows of one table, solved by conjugate gradients.

A row x = [w_i, b_i] of the moving table has one equation for each of its n_i counts,

    [c_j, 1] . x = log X[i, j] - d_j,   with the weight f(X[i, j]),

and a ridge, the diagonal matrix R_i = ridge n_i^ridge_power diag(1, ..., 1, bias_ridge). Its normal
equations have the matrix A_i = sum_j f(X[i, j]) [c_j, 1] [c_j, 1]' + R_i, which is never formed:
conjugate gradients need its products with vectors alone (`_multiply`).

Anchored rows (`glove_als.Anchors`), with r_i the pretrained vector, have the ridge centred on
r_i / 2, and the term strength_i |w_i + c_i - r_i|^2 besides.

Shapes: R rows of a chunk, whose counts fill S tiles of T slots, one row a tile; E = D + 1. In
chunks of a dense matrix, a tile is a row of T columns, S = R, and all tiles share their slots' rows
of the fixed table. These may have columns of zeros after the bias (`solve_rows`); E counts them.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax.data.counts.packed_rows import Chunks

# bfloat16 products, the default on a TPU, would end the convergence early.
HIGHEST = jax.lax.Precision.HIGHEST


class Settings(NamedTuple):
  """The objective and the number of steps; see `glove_als.als_update`."""

  x_max: float
  alpha: float
  ridge: float
  ridge_power: float
  bias_ridge: float
  cg_steps: int


class RowAnchors(NamedTuple):
  """The anchors of the rows of a chunk."""

  pretrained: jax.Array  # [R, D]
  strength: jax.Array    # [R, 1]
  other: jax.Array       # [R, D], the words' vectors in the fixed table


class Preconditioner(NamedTuple):
  """The matrix mass G + penalty R of an average row, diagonalised; see `glove_als.AlsState`."""

  basis: jax.Array   # [E, E]
  spread: jax.Array  # [E]


class Solution(NamedTuple):
  """The rows of a chunk after the step, and what was summed over their counts."""

  rows: jax.Array  # [R, E]
  mass: jax.Array  # [R], the sum of the weights f(x)
  size: jax.Array  # [R], the number of counts
  loss: jax.Array  # [], before the step, as of `glove.glove`


class _Regressions(NamedTuple):
  """The weighted ridge regressions of a chunk."""

  fixed: jax.Array     # [S, T, E], rows of the fixed table, biases in the last column; dense [T, E]
  tile_row: jax.Array | None  # [S], the row that a tile belongs to; None: dense
  weight: jax.Array    # [S, T], f(x); 0 for empty slots
  mass: jax.Array      # [R, 1], the sum of the weights
  penalty: jax.Array   # [R, 1], the ridge of the vectors
  ridge: jax.Array     # [R, E], the diagonal of the ridge
  bias: int            # the column of the biases


def solve_rows(
  settings: Settings, fixed, preconditioner: Preconditioner, chunk: Chunks, before,
  anchors: RowAnchors | None,
) -> Solution:
  """Returns the rows of a chunk after some steps of conjugate gradients.

  Args:
    settings: the objective and the number of steps.
    fixed: [S, T, P], the rows of the fixed table at `chunk.cols`; [T, P], the whole table, if
      `cols` is None. P >= E: columns of zeros after the bias make P a multiple of 8, with which a
      CPU takes less time.
    preconditioner: of the fixed table.
    chunk: one chunk.
    before: [R, E], the rows to start from.
    anchors: of these rows; None: none.
  """
  width = before.shape[-1]
  padding = (0, fixed.shape[-1] - width)
  before = jnp.pad(before, [(0, 0), padding])
  preconditioner = Preconditioner(
    jnp.pad(preconditioner.basis, [padding, padding]), jnp.pad(preconditioner.spread, padding)
  )
  bias = width - 1
  counts = chunk.counts
  log = jnp.log(jnp.where(counts > 0, counts, 1.0))
  weight = _weight(settings, counts, log)
  num_rows = len(before)
  mass = _sum_by_row(weight.sum(1), chunk.tile_row, num_rows)
  size = jnp.sum(counts > 0, axis=1, dtype=jnp.float32)
  size = _sum_by_row(size, chunk.tile_row, num_rows)
  penalty = jnp.maximum(size, 1.0)[:, None] ** settings.ridge_power
  penalty = settings.ridge * penalty
  scale = jnp.ones(fixed.shape[-1])
  ridge = penalty * scale.at[bias].set(settings.bias_ridge)
  regressions = _Regressions(
    fixed=fixed,
    tile_row=chunk.tile_row,
    weight=weight,
    mass=mass[:, None],
    penalty=penalty,
    ridge=ridge,
    bias=bias,
  )
  errors = log - fixed[..., bias] - _predict(regressions, before)
  loss = 0.5 * jnp.sum(weight * errors * errors)
  residual = _collect(regressions, weight * errors, num_rows) - ridge * before
  if anchors is not None:
    regressions, residual = _anchor(regressions, residual, before, anchors)
  rows = _conjugate_gradients(regressions, preconditioner, before, residual, settings.cg_steps)
  return Solution(rows=rows[:, :width], mass=mass, size=size, loss=loss)


def _weight(settings: Settings, counts, log):
  """Returns f(x), min(1, (x / x_max)^alpha), by logarithms of x; 0 for empty slots."""
  log_ratio = jnp.minimum(0.0, log - np.log(settings.x_max))
  weight = jnp.exp(settings.alpha * log_ratio)
  return jnp.where(counts > 0, weight, 0.0)


def _anchor(regressions: _Regressions, residual, before, anchors: RowAnchors):
  """Adds the terms of anchored rows to their regressions and residuals; biases have none."""
  pretrained, strength, other = anchors
  bias = regressions.bias
  pull = strength * (pretrained - other - before[:, :bias])
  pull = regressions.penalty * pretrained / 2 + pull
  residual = residual.at[:, :bias].add(pull)
  regressions = regressions._replace(
    ridge=regressions.ridge.at[:, :bias].add(strength),
    penalty=regressions.penalty + strength,
  )
  return regressions, residual


def _conjugate_gradients(
  regressions: _Regressions, preconditioner: Preconditioner, x, residual, num_steps: int
):
  """Returns x after preconditioned conjugate gradients on A x = r, for all rows at once.

  Args:
    x: [R, E].
    residual: [R, E], r - A x.
    num_steps: fixed, so that a compiled update has no loop to wait for.
  """
  preconditioned = _precondition(regressions, preconditioner, residual)
  direction = preconditioned
  energy = jnp.sum(residual * preconditioned, axis=1, keepdims=True)
  for step in range(num_steps):
    image = _multiply(regressions, direction)
    curvature = jnp.sum(direction * image, axis=1, keepdims=True)
    length = energy / jnp.maximum(curvature, 1e-30)
    x = x + length * direction
    if step + 1 < num_steps:
      residual = residual - length * image
      preconditioned = _precondition(regressions, preconditioner, residual)
      last_energy = energy
      energy = jnp.sum(residual * preconditioned, axis=1, keepdims=True)
      direction = preconditioned + energy / jnp.maximum(last_energy, 1e-30) * direction
  return x


def _multiply(regressions: _Regressions, x):
  """Returns A x of each row: [R, E] -> [R, E]."""
  predictions = regressions.weight * _predict(regressions, x)
  return _collect(regressions, predictions, len(x)) + regressions.ridge * x


def _predict(regressions: _Regressions, x):
  """Returns [c_j, 1] . x of each slot: [R, E] -> [S, T]."""
  bias = regressions.bias
  is_dense = regressions.tile_row is None
  tile_x = x if is_dense else x[regressions.tile_row]  # [S, E]
  # The fixed table has the bias d_j where a row's bias is multiplied by one.
  vectors = tile_x.at[:, bias].set(0.0)
  shapes = "td,sd->st" if is_dense else "std,sd->st"
  products = jnp.einsum(shapes, regressions.fixed, vectors, precision=HIGHEST)
  return products + tile_x[:, bias, None]


def _collect(regressions: _Regressions, values, num_rows: int):
  """Returns the sum over each row's slots of value [c_j, 1]: [S, T] -> [R, E]."""
  shapes = "td,st->sd" if regressions.tile_row is None else "std,st->sd"
  sums = jnp.einsum(shapes, regressions.fixed, values, precision=HIGHEST)
  sums = sums.at[:, regressions.bias].set(values.sum(1))
  return _sum_by_row(sums, regressions.tile_row, num_rows)


def _precondition(regressions: _Regressions, preconditioner: Preconditioner, residual):
  """Returns the solution for the average row's matrix: [R, E] -> [R, E]."""
  basis, spread = preconditioner
  scale = 1.0 / (regressions.mass * spread + regressions.penalty)
  rotated = jnp.matmul(residual, basis, precision=HIGHEST) * scale
  return jnp.matmul(rotated, basis.T, precision=HIGHEST)


def _sum_by_row(values, tile_row, num_rows: int):
  """Returns the sum over the tiles of each row: [S, ...] -> [R, ...]."""
  if tile_row is None:
    return values
  # A product with zeros and ones takes a CPU less time than to add row by row.
  members = jnp.arange(num_rows)[:, None] == tile_row
  return jnp.tensordot(members.astype(values.dtype), values, 1, precision=HIGHEST)
