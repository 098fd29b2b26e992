"""Balancing the two tables of `glove_als`: the change of basis with the least ridge.

Shapes: V words; D dimensions.
"""

import jax
import jax.numpy as jnp

from glove_jax.methods.als_rows import HIGHEST
from glove_jax.table_layouts import REPLICATED, Layout
from glove_jax.train import Params


def balance(
  params: Params, size: dict[str, jax.Array], ridge_power: float, layout: Layout = REPLICATED
) -> Params:
  """Replaces W by W T and C by C inv(T)', which changes no prediction, with the T of least ridge.

  W C' is the same for any invertible T. With A and B the second moments of the two tables, weighted
  as the ridge weighs them, T T' is the geometric mean of inv(A) and B, and afterwards both tables
  have the same moments. Without it, the sum of the two tables would add vectors of unrelated bases.

  Args:
    params: W and C as `moving` and `fixed`, [V, D + 1] each; biases stay.
    size: `moving` and `fixed` -> [V], the number of counts of each row.
    ridge_power: of the ridge.
    layout: of the tables.
  """
  moments = {}
  for side, table in params.items():
    weight = jnp.maximum(size[side], 1.0) ** ridge_power
    moments[side] = layout.add_up(gram(table[:, :-1], weight))
  half = _power(moments["fixed"], 0.5)
  inverse_half = _power(moments["fixed"], -0.5)
  middle = _power(_product(half, moments["moving"], half), 0.5)
  mean = _product(inverse_half, middle, inverse_half)
  tables = {}
  for side, exponent in (("fixed", 0.5), ("moving", -0.5)):
    table = params[side]
    turn = _power(mean, exponent)
    vectors = jnp.matmul(table[:, :-1], turn, precision=HIGHEST)
    tables[side] = table.at[:, :-1].set(vectors)
  return tables


def _product(*matrices):
  return jnp.linalg.multi_dot(matrices, precision=HIGHEST)


def gram(table, weight):
  """Returns the weighted second moments of rows: [V, D], [V] -> [D, D]."""
  weighted = table * weight[:, None]
  return jnp.matmul(weighted.T, table, precision=HIGHEST)


def _power(matrix, exponent: float):  # of a symmetric positive matrix: [D, D] -> [D, D]
  values, vectors = jnp.linalg.eigh(matrix)
  values = jnp.maximum(values, 1e-7 * values[-1] + 1e-30)
  scaled = vectors * values**exponent
  return jnp.matmul(scaled, vectors.T, precision=HIGHEST)
