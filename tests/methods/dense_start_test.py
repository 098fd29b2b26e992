"""Sweeps over dense counts against those over the same counts as packed rows."""

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
def test_dense_sweeps_equal_those_over_packed_rows(tmp_path, monkeypatch, sequential, symmetric):
  monkeypatch.setattr(dense_start, "_momentum", lambda sweep: 0)
  store = make_store(tmp_path / "store", symmetric=symmetric)
  params = make_params()
  update = glove_als.als_update(x_max=10.0, sequential=sequential)
  expected = sweeps_over_packed_rows(store, params, update, 2, tmp_path)
  counts = dense_rows.dense_counts(store, V)
  actual = dense_start.improve(params, counts, update, symmetric=symmetric, sweeps=2)
  for side in glove_als.SIDES:
    np.testing.assert_allclose(actual[side], expected[side], rtol=1e-3, atol=1e-3)


def loss(params, store):
  """The objective over all counts, eq. 8 of Pennington et al. (2014) with the ridge."""
  rows = np.repeat(np.arange(V), np.diff(store.indptr))
  word, context = (params[side].astype(np.float64) for side in glove_als.SIDES)
  predicted = (word[rows, :-1] * context[store.cols, :-1]).sum(1)
  predicted += word[rows, -1] + context[store.cols, -1]
  weight = np.minimum(1, store.counts / 10) ** 0.75
  total = (weight * (predicted - np.log(store.counts)) ** 2).sum()
  for table, numbers in ((word, rows), (context, store.cols)):
    penalty = np.bincount(numbers, minlength=V) ** 0.5
    total += 0.1 * penalty @ ((table[:, :-1] ** 2).sum(1) + 0.01 * table[:, -1] ** 2)
  return total


@pytest.mark.parametrize("symmetric", [True, False])
def test_extrapolation_saves_sweeps_and_many_sweeps_converge(tmp_path, monkeypatch, symmetric):
  store = make_store(tmp_path / "store", symmetric=symmetric)
  counts = dense_rows.dense_counts(store, V)
  update = glove_als.als_update(x_max=10.0, cg_steps=2)

  def loss_after(sweeps):
    params = make_params()
    improved = dense_start.improve(params, counts, update, symmetric=symmetric, sweeps=sweeps)
    return loss(improved, store)

  losses = [loss_after(sweeps) for sweeps in (3, 9, 30)]
  monkeypatch.setattr(dense_start, "_momentum", lambda sweep: 0)
  assert losses[0] < loss_after(3)
  assert losses[1] < loss_after(12)
  assert losses[2] < loss_after(60) < 1.01 * losses[2]


def test_momentum_grows_to_a_bound():
  assert [dense_start._momentum(sweep) for sweep in (0, 1, 2, 4, 50)] == pytest.approx(
    [0, 1 / 2, 2 / 3, 0.8, 0.8]
  )


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
