"""Rows of a chunk against NumPy's solution of their normal equations."""

import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.data.counts.packed_rows import Chunks
from glove_jax.methods import als_rows

D, T, TILES = 3, 8, (0, 0, 1)  # two rows, of two tiles and of one
SETTINGS = als_rows.Settings(
  x_max=10.0, alpha=0.75, ridge=0.3, ridge_power=0.5, bias_ridge=0.1, cg_steps=12
)
IDENTITY = als_rows.Preconditioner(basis=jnp.eye(D + 1), spread=jnp.ones(D + 1))


@pytest.fixture
def counts():
  counts = np.exp(np.random.default_rng(0).normal(1, 1.5, (len(TILES), T)))
  counts[1, 5:] = 0  # empty slots
  return counts.astype(np.float32)


@pytest.fixture
def fixed():
  return np.random.default_rng(1).normal(size=(len(TILES), T, D + 1)).astype(np.float32)


def normal_equations(row, fixed, counts):
  """(matrix, right-hand side) of one row, in double precision."""
  slots = (np.array(TILES) == row)[:, None] & (counts > 0)
  rows, count = fixed[slots].astype(np.float64), counts[slots].astype(np.float64)
  features = np.concatenate([rows[:, :-1], np.ones((len(rows), 1))], axis=1)
  weight = np.minimum(1, (count / SETTINGS.x_max) ** SETTINGS.alpha)
  ridge = SETTINGS.ridge * len(count) ** SETTINGS.ridge_power
  ridge = ridge * np.array([1.0] * D + [SETTINGS.bias_ridge])
  matrix = features.T @ (weight[:, None] * features) + np.diag(ridge)
  return matrix, features.T @ (weight * (np.log(count) - rows[:, -1])), ridge[0]


def solve(fixed, counts, anchors=None):
  chunk = Chunks(
    cols=None,
    counts=jnp.asarray(counts),
    tile_row=jnp.asarray(TILES),
    row=None,
  )
  before = jnp.full((2, D + 1), 0.1)
  return als_rows.solve_rows(SETTINGS, jnp.asarray(fixed), IDENTITY, chunk, before, anchors)


def test_rows_solve_their_normal_equations(fixed, counts):
  solution = solve(fixed, counts)
  np.testing.assert_array_equal(solution.size, [13, 8])
  for row in range(2):
    matrix, right, _ = normal_equations(row, fixed, counts)
    expected = np.linalg.solve(matrix, right)
    np.testing.assert_allclose(solution.rows[row], expected, rtol=1e-3, atol=1e-4)


def test_anchored_rows_are_drawn_to_their_vectors(fixed, counts):
  rng = np.random.default_rng(2)
  anchors = als_rows.RowAnchors(
    pretrained=jnp.asarray(rng.normal(size=(2, D)), jnp.float32),
    strength=jnp.asarray([[2.0], [0.5]]),
    other=jnp.asarray(rng.normal(size=(2, D)), jnp.float32),
  )
  solution = solve(fixed, counts, anchors)
  for row in range(2):
    matrix, right, ridge = normal_equations(row, fixed, counts)
    pretrained, strength, other = (np.asarray(field[row], np.float64) for field in anchors)
    matrix[:D, :D] += strength * np.eye(D)
    right[:D] += ridge * pretrained / 2 + strength * (pretrained - other)
    expected = np.linalg.solve(matrix, right)
    np.testing.assert_allclose(solution.rows[row], expected, rtol=1e-3, atol=1e-4)
