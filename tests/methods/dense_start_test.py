"""Sweeps over dense counts against those over packed rows, and other words against NumPy."""

import numpy as np
import pytest

from glove_jax import parallel, train
from glove_jax.data.counts import cooccurrence, dense_rows, packed_rows
from glove_jax.methods import dense_start, glove_als

V, D = 60, 5


def make_store(folder, *, symmetric):
  rng = np.random.default_rng(0)
  ids = (V * rng.random(4000) ** 2).astype(np.int32)
  ids[rng.random(4000) < 0.05] = -1
  window = cooccurrence.Window(4, symmetric)
  return cooccurrence.count([ids], folder, vocab_size=V, window=window)


def make_params():
  rng = np.random.default_rng(0)
  return {side: (0.5 * rng.normal(size=(V, D + 1))).astype(np.float32) for side in glove_als.SIDES}


def sweeps_over_packed_rows(store, params, update, sweeps, folder):
  words = packed_rows.pack(store, folder / "words")
  transposed = cooccurrence.transpose(store, folder / "transposed")
  contexts = packed_rows.pack(transposed, folder / "contexts")
  data = packed_rows.row_batches((words, contexts), batch_slots=8192)
  state = train.init_state(params, glove_als.init_als(params))
  for step in range(sweeps * data.steps_per_sweep):
    state, _ = update(state, parallel.shard(data.batch(step)))
  return state.params


@pytest.mark.parametrize("sequential", [True, False])
@pytest.mark.parametrize("symmetric", [True, False])
def test_dense_sweeps_equal_those_over_packed_rows(tmp_path, sequential, symmetric):
  store = make_store(tmp_path / "store", symmetric=symmetric)
  params = make_params()
  update = glove_als.als_update(x_max=10.0, sequential=sequential)
  expected = sweeps_over_packed_rows(store, params, update, 2, tmp_path)
  counts = dense_rows.dense_counts(store, V)
  actual = dense_start.improve(params, counts, update, symmetric=symmetric, sweeps=2)
  for side in glove_als.SIDES:
    np.testing.assert_allclose(actual[side], expected[side], rtol=1e-3, atol=1e-3)


def test_rarer_words_keep_their_params_and_progress_is_counted(tmp_path):
  store = make_store(tmp_path / "store", symmetric=True)
  params = make_params()
  before = {side: table.copy() for side, table in params.items()}
  counts = dense_rows.dense_counts(store, 20)
  counted = []
  improved = dense_start.improve(
    params, counts, glove_als.als_update(x_max=10.0), symmetric=True, sweeps=3,
    advance=counted.append,
  )
  assert sum(counted) == dense_start.num_updates(20, 3)
  for side in glove_als.SIDES:
    np.testing.assert_array_equal(params[side], before[side])
    np.testing.assert_array_equal(improved[side][20:], before[side][20:])
    assert (improved[side][:20] != before[side][:20]).any()


def expected_row(counts, fixed):
  """The solution of a row's normal equations in double precision."""
  cols = np.flatnonzero(counts)
  count = counts[cols].astype(np.float64)
  features = np.concatenate([fixed[cols, :-1], np.ones((len(cols), 1))], axis=1).astype(np.float64)
  weight = np.minimum(1, (count / 10.0) ** 0.75)
  ridge = 0.1 * len(cols) ** 0.5 * np.array([1.0] * D + [0.01])
  matrix = features.T @ (weight[:, None] * features) + np.diag(ridge)
  right = features.T @ (weight * (np.log(count) - fixed[cols, -1]))
  return np.linalg.solve(matrix, right)


@pytest.mark.parametrize("sequential", [True, False])
@pytest.mark.parametrize("symmetric", [True, False])
def test_other_words_are_solved_from_their_counts_with_frequent_words(
  tmp_path, sequential, symmetric
):
  store = make_store(tmp_path / "store", symmetric=symmetric)
  num_words = 20
  params = make_params()
  parts = {"first_row": num_words, "num_cols": num_words}
  transposed = cooccurrence.transpose(store, tmp_path / "transposed")
  sides = [
    packed_rows.pack(counts, tmp_path / f"packed_{number}", **parts)
    for number, counts in enumerate((store, transposed))
  ]
  counted = []
  dense = store.matrix().toarray()
  sizes = {"word": (dense > 0).sum(1), "context": (dense > 0).sum(0)}
  folded = dense_start.fold_in(
    params, {side: size.astype(np.float32) for side, size in sizes.items()}, num_words, sides,
    glove_als.fold_in(x_max=10.0, cg_steps=20, sequential=sequential),
    batch_slots=8192, advance=counted.append,
  )
  assert sum(counted) == dense_start.num_fold_in_updates(sides, 8192)
  for side, fixed, counts in (("word", "context", dense), ("context", "word", dense.T)):
    frequent = params[fixed][:num_words]
    np.testing.assert_array_equal(folded[side][:num_words], params[side][:num_words])
    for row in range(num_words, V):
      expected = expected_row(counts[row, :num_words], frequent)
      np.testing.assert_allclose(folded[side][row], expected, rtol=5e-3, atol=5e-3)
