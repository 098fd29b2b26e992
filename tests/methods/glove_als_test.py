"""Each row's solution against NumPy's, the balance against its definition, devices compared.

What is adapted to a text is held against Mittens' objective.
"""

import jax
import numpy as np
import pytest
import scipy.optimize
from running import on_devices

from glove_jax import loop, parallel, train
from glove_jax.data.counts import cooccurrence, packed_rows
from glove_jax.methods import als_rows, glove, glove_als, spectral_init
from glove_jax.table_layouts import REPLICATED

V, D = 60, 5
RIDGE = {"ridge": 0.3, "ridge_power": 0.5, "bias_ridge": 0.1}


@pytest.fixture
def store(tmp_path):
  rng = np.random.default_rng(0)
  ids = (V * rng.random(4000) ** 2).astype(np.int32)
  ids[rng.random(4000) < 0.05] = -1
  return cooccurrence.count([ids], tmp_path / "store", vocab_size=V, window=cooccurrence.Window(4))


def batches(store, folder):
  return packed_rows.row_batches((packed_rows.pack(store, folder),) * 2, batch_slots=8192)


def start(seed=0, anchors=None):
  rng = np.random.default_rng(seed)
  params = {
    side: (0.5 * rng.normal(size=(V, D + 1))).astype(np.float32) for side in glove_als.SIDES
  }
  return train.init_state(params, glove_als.init_als(params, anchors))


def anchors(strength):
  """Pretrained vectors of two words in three."""
  has_vector = np.arange(V) % 3 > 0
  vectors = np.random.default_rng(1).normal(size=(V, D)) * has_vector[:, None]
  return glove_als.Anchors(np.float32(vectors), np.float32(strength * has_vector))


def sweep(state, update, data, steps):
  for step in range(int(state.step), int(state.step) + steps):
    state, sums = jax.block_until_ready(
      update(state, parallel.shard(data.batch(step)))
    )  # see parallel.pace
  return state, sums


def normal_equations(store, fixed, i, *, x_max=10.0, alpha=0.75):
  """(matrix, right-hand side) of row i's weighted ridge regression, in double precision."""
  columns = slice(store.indptr[i], store.indptr[i + 1])
  count, contexts = np.asarray(store.counts[columns]), fixed[store.cols[columns]].astype(np.float64)
  weight = np.minimum(1, (count / x_max) ** alpha)
  features = np.concatenate([contexts[:, :-1], np.ones((len(count), 1))], axis=1)
  penalty = (
    RIDGE["ridge"]
    * len(count) ** RIDGE["ridge_power"]
    * np.array([1.0] * D + [RIDGE["bias_ridge"]])
  )
  matrix = features.T @ (weight[:, None] * features) + np.diag(penalty)
  return matrix, features.T @ (weight * (np.log(count) - contexts[:, -1]))


@pytest.mark.slow
def test_many_steps_solve_each_row_as_numpy_does(store, tmp_path):
  data, state = batches(store, tmp_path / "packed"), start()
  fixed = np.asarray(state.params["context"])
  update = glove_als.als_update(x_max=10.0, cg_steps=40, **RIDGE)
  state, _ = sweep(state, update, data, data.steps_per_sweep // 2)
  for i in range(V):
    np.testing.assert_allclose(
      state.params["word"][i],
      np.linalg.solve(*normal_equations(store, fixed, i)),
      rtol=1e-4,
      atol=1e-4,
    )
  np.testing.assert_array_equal(state.params["context"], fixed)


def test_an_anchored_row_is_the_least_squares_of_its_objective(store, tmp_path):
  held = anchors(2.0)
  data, state = batches(store, tmp_path / "packed"), start(anchors=held)
  fixed = np.asarray(state.params["context"], np.float64)
  update = glove_als.als_update(x_max=10.0, cg_steps=8, **RIDGE)
  state, _ = sweep(state, update, data, data.steps_per_sweep // 2)
  for i in range(V):
    span = slice(store.indptr[i], store.indptr[i + 1])
    count, contexts = np.asarray(store.counts[span]), fixed[store.cols[span]]
    root = np.sqrt(np.minimum(1, (count / 10) ** 0.75))
    penalty = (
      RIDGE["ridge"]
      * len(count) ** RIDGE["ridge_power"]
      * np.array([1.0] * D + [RIDGE["bias_ridge"]])
    )
    pretrained, strength = held.vectors[i].astype(float), np.sqrt(held.strength[i].astype(float))
    features = np.concatenate(
      [
        root[:, None] * np.concatenate([contexts[:, :-1], np.ones((len(count), 1))], axis=1),
        np.diag(np.sqrt(penalty)),
        strength * np.eye(D, D + 1),
      ]
    )
    target = np.concatenate(
      [
        root * (np.log(count) - contexts[:, -1]),
        np.sqrt(penalty) * np.append(pretrained / 2, 0),
        strength * (pretrained - fixed[i, :-1]),
      ]
    )
    np.testing.assert_allclose(
      state.params["word"][i], np.linalg.lstsq(features, target)[0], rtol=1e-4, atol=1e-4
    )


def test_endless_strength_gives_back_the_pretrained_vectors_and_leaves_other_words_free(
  store, tmp_path
):
  data, held = batches(store, tmp_path / "packed"), anchors(1e9)
  update = glove_als.als_update(x_max=10.0, **RIDGE)
  state, _ = sweep(start(anchors=held), update, data, 4 * data.steps_per_sweep)
  vectors, has_vector = glove.vectors(jax.device_get(state.params)), held.strength > 0
  np.testing.assert_allclose(vectors[has_vector], held.vectors[has_vector], atol=1e-5)
  assert np.abs(vectors[~has_vector]).max(axis=1).min() > 0.01
  assert np.ptp(np.asarray(state.params["word"])[:, -1]) > 0.1  # biases are not held


def test_anchored_sweeps_end_where_lbfgs_ends_on_the_dense_objective(store, tmp_path):
  """Mittens' objective as it is written, over the whole matrix, minimised by another's program."""
  data, held = batches(store, tmp_path / "packed"), anchors(1.0)
  x = store.matrix().toarray()
  weight, log = np.where(x > 0, np.minimum(1, (x / 10) ** 0.75), 0), np.log(np.where(x > 0, x, 1))
  ridge = RIDGE["ridge"] * (x > 0).sum(1) ** RIDGE["ridge_power"]
  ridge = ridge[:, None] * np.array([1.0] * D + [RIDGE["bias_ridge"]])
  centre = np.pad(held.vectors / 2, ((0, 0), (0, 1)))

  def value_and_gradient(flat):
    w, c = flat.reshape(2, V, D + 1)
    missed = w[:, :-1] @ c[:, :-1].T + w[:, -1:] + c[:, -1] - log
    apart = np.pad((w + c)[:, :-1] - held.vectors, ((0, 0), (0, 1)))
    value = (weight * missed**2).sum() + (held.strength[:, None] * apart**2).sum()
    value += (ridge * ((w - centre) ** 2 + (c - centre) ** 2)).sum()
    pull = weight * missed

    def gradient(pull, table, other):
      fit = np.concatenate([pull @ other[:, :-1], pull.sum(1, keepdims=True)], axis=1)
      return 2 * (fit + ridge * (table - centre) + held.strength[:, None] * apart)

    return value, np.concatenate([gradient(pull, w, c), gradient(pull.T, c, w)]).ravel()

  state = start(anchors=held)
  flat = np.concatenate(
    [np.asarray(state.params[side], np.float64) for side in glove_als.SIDES]
  ).ravel()
  value, _ = value_and_gradient(flat)
  assert value == pytest.approx(objective(store, jax.device_get(state.params), held))
  best = scipy.optimize.minimize(
    value_and_gradient, flat, jac=True, method="L-BFGS-B", options={"maxiter": 3000}
  )
  state, _ = sweep(
    state, glove_als.als_update(x_max=10.0, **RIDGE), data, 150 * data.steps_per_sweep
  )
  assert objective(store, jax.device_get(state.params), held) == pytest.approx(best.fun, rel=1e-3)


def test_chunks_at_once_give_what_they_give_one_by_one(store, tmp_path):
  data = batches(store, tmp_path / "packed")
  tables = []
  for sequential in (True, False):
    update = glove_als.als_update(x_max=10.0, sequential=sequential, **RIDGE)
    state, sums = sweep(start(), update, data, data.steps_per_sweep)
    tables.append((state.params, sums))
  for one, two in zip(*map(jax.tree.leaves, tables), strict=True):
    np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-4)


def test_asymmetric_counts_solve_contexts_by_columns(tmp_path):
  ids = (V * np.random.default_rng(0).random(4000) ** 2).astype(np.int32)
  store = cooccurrence.count(
    [ids], tmp_path / "store", vocab_size=V, window=cooccurrence.Window(4, symmetric=False)
  )
  other = cooccurrence.transpose(store, tmp_path / "other")
  sides = (
    packed_rows.pack(store, tmp_path / "packed"),
    packed_rows.pack(other, tmp_path / "packed_other"),
  )
  data, state = packed_rows.row_batches(sides, batch_slots=8192), start()
  update = glove_als.als_update(x_max=10.0, cg_steps=40, **RIDGE)
  state, _ = sweep(state, update, data, data.steps_per_sweep // 2)
  fixed = np.asarray(state.params["word"])
  batch = parallel.shard(data.batch(data.steps_per_sweep // 2))
  state, _ = update(state, batch._replace(last=batch.last & False))  # without balancing
  for i in range(V):
    np.testing.assert_allclose(
      state.params["context"][i],
      np.linalg.solve(*normal_equations(other, fixed, i)),
      rtol=1e-4,
      atol=1e-4,
    )


def test_the_loss_is_gloves(store, tmp_path):
  data, state = batches(store, tmp_path / "packed"), start()
  rows = store.rows(np.arange(store.nonzeros))
  records = glove.Records(rows, np.asarray(store.cols), store.counts.astype(np.float32))
  total, weight = glove.glove(V, D, x_max=10.0).loss(state.params, records)["loss"]
  state, sums = glove_als.als_update(x_max=10.0)(state, parallel.shard(data.batch(0)))
  assert float(sums["loss"][1]) == float(weight) == store.nonzeros
  assert float(sums["loss"][0]) == pytest.approx(float(total), rel=1e-4)


def objective(store, params, anchors=None):
  rows = store.rows(np.arange(store.nonzeros))
  w, c = params["word"].astype(np.float64), params["context"].astype(np.float64)
  missed = (
    (w[rows, :-1] * c[store.cols, :-1]).sum(1)
    + w[rows, -1]
    + c[store.cols, -1]
    - np.log(store.counts)
  )
  fit = (np.minimum(1, (store.counts / 10) ** 0.75) * missed**2).sum()
  penalty = RIDGE["ridge"] * np.diff(store.indptr) ** RIDGE["ridge_power"]
  weights = np.array([1.0] * D + [RIDGE["bias_ridge"]])
  if anchors is None:
    return fit + sum((penalty * (table**2 @ weights)).sum() for table in (w, c))
  held = (anchors.strength * ((w + c)[:, :-1] - anchors.vectors).T ** 2).sum()
  centre = np.pad(anchors.vectors / 2, ((0, 0), (0, 1)))
  return fit + held + sum((penalty * ((table - centre) ** 2 @ weights)).sum() for table in (w, c))


@pytest.mark.parametrize(("cg_steps", "strength"), [(1, None), (3, None), (1, 0.1), (3, 10.0)])
def test_every_half_sweep_lowers_the_objective(store, tmp_path, cg_steps, strength):
  held = strength and anchors(strength)
  data, state = batches(store, tmp_path / "packed"), start(anchors=held)
  update = glove_als.als_update(x_max=10.0, cg_steps=cg_steps, **RIDGE)
  values = [objective(store, jax.device_get(state.params), held)]
  for _ in range(8):
    state, _ = sweep(state, update, data, data.steps_per_sweep // 2)
    values.append(objective(store, jax.device_get(state.params), held))
  assert values == sorted(values, reverse=True)
  assert values[-1] < 0.5 * values[0]


def test_balance_changes_no_prediction_and_evens_the_moments(store, tmp_path):
  data, state = batches(store, tmp_path / "packed"), start()
  update = glove_als.als_update(x_max=10.0, **RIDGE)
  steps = data.steps_per_sweep
  for step in range(steps):
    batch = parallel.shard(data.batch(step))
    state, _ = jax.block_until_ready(update(state, batch._replace(last=batch.last & False)))
  before = jax.tree.map(np.array, state.params)
  skew = np.linalg.qr(np.random.default_rng(1).normal(size=(D, D)))[0] * np.geomspace(0.2, 5, D)
  before["word"][:, :-1] = before["word"][:, :-1] @ skew
  before["context"][:, :-1] = before["context"][:, :-1] @ np.linalg.inv(skew).T
  state = train.init_state(before, jax.device_get(state.opt_state))
  batch = parallel.shard(data.batch(steps - 1))
  empty = jax.tree.map(
    lambda leaf: leaf * 0, batch.chunks
  )  # solves no row: only the balancing is left
  after = jax.device_get(update(state, batch._replace(chunks=empty))[0].params)

  def product(params):
    return params["word"][:, :-1] @ params["context"][:, :-1].T

  np.testing.assert_allclose(product(after), product(before), rtol=1e-3, atol=1e-3)
  weight = np.diff(store.indptr) ** RIDGE["ridge_power"]
  first, second = (
    (weight[:, None] * after[side][:, :-1]).T @ after[side][:, :-1] for side in glove_als.SIDES
  )
  np.testing.assert_allclose(first, second, rtol=2e-3, atol=2e-3 * np.abs(first).max())
  assert objective(store, after) < objective(store, before)


def factorisable(folder):
  """A store whose logarithms have rank D, plus biases; counts are below 10, so none is capped."""
  rng = np.random.default_rng(0)
  half = 0.3 * rng.normal(size=(V, D))
  bias = 0.3 * rng.normal(size=V)
  log = half @ half.T + bias[:, None] + bias
  window = cooccurrence.Window(V)
  store = cooccurrence.count([np.arange(V, dtype=np.int32)], folder, vocab_size=V, window=window)
  counts = np.exp(log)[store.rows(np.arange(store.nonzeros)), store.cols]
  return store._replace(counts=counts)


def test_an_exactly_factorisable_matrix_is_recovered(tmp_path):
  store = factorisable(tmp_path / "store")
  data = batches(store, tmp_path / "packed")
  params = spectral_init.init_params(store, D, x_max=10.0)
  update = glove_als.als_update(x_max=10.0, ridge=1e-7, cg_steps=10)
  state = train.init_state(params, glove_als.init_als(params))
  records = []
  loop.fit(
    state,
    update,
    batches=data.batch,
    num_steps=60 * data.steps_per_sweep,
    logger=loop.Logger(records.append, every=1),
  )
  assert records[-1]["loss"] < 1e-6


THREE_SWEEPS = """
import sys, jax, numpy as np
from glove_jax import loop, parallel, train
from glove_jax.data.counts import cooccurrence, packed_rows
from glove_jax.methods import glove_als, spectral_init
rng = np.random.default_rng(0)
ids = (2000 * rng.random(60_000) ** 3).astype(np.int32)
window = cooccurrence.Window(5)
store = cooccurrence.count([ids], sys.argv[1] + "/store", vocab_size=2000, window=window)
packed = packed_rows.pack(store, sys.argv[1] + "/packed")
data = packed_rows.row_batches((packed, packed), batch_slots=1 << 16)
params = spectral_init.init_params(store, 20, x_max=10.0)
update = glove_als.als_update(x_max=10.0)
held = glove_als.Anchors(
  vectors=rng.normal(size=(2000, 20)).astype(np.float32),
  strength=rng.integers(2, size=2000).astype(np.float32))
tables = []
for anchors in (None, held):
  state = train.init_state(params, glove_als.init_als(params, anchors))
  for step in range(3 * data.steps_per_sweep):
    state, sums = jax.block_until_ready(update(state, parallel.shard(data.batch(step))))
  parallel.assert_replicated((state, sums))
  assert len(state.params["word"].addressable_shards) == int(sys.argv[2])
  tables += map(np.asarray, jax.tree.leaves(state.params))
np.savez(sys.argv[1] + "/state.npz", *tables)
"""


@pytest.mark.slow
def test_one_two_and_eight_devices_give_the_same_state_and_a_second_run_the_same_bytes(tmp_path):
  tables = []
  for number, devices in enumerate(("1", "2", "8", "2")):
    folder = tmp_path / str(number)
    folder.mkdir()
    on_devices(devices, THREE_SWEEPS, folder, devices)
    tables.append(list(np.load(folder / "state.npz").values()))
  one, two, eight, again = tables
  for first, second, third, fourth in zip(one, two, eight, again, strict=True):
    np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(first, third, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(second, fourth)


@pytest.mark.parametrize("anchored", [False, True])
def test_the_compiled_update_copies_no_table(anchored):
  model = als_rows.Settings(10.0, 0.75, 0.1, 0.5, 0.01, 2)
  rng = np.random.default_rng(0)
  tables = {name: rng.normal(size=(7000, 21)).astype(np.float32) for name in ("moving", "fixed")}
  held = (
    glove_als.Anchors(np.ones((7000, 20), np.float32), np.ones(7000, np.float32))
    if anchored
    else None
  )
  aux = glove_als.init_als({"word": tables["moving"], "context": tables["fixed"]}, held)
  names = {"word": "moving", "context": "fixed"}
  aux = aux._replace(
    mass={names[k]: v for k, v in aux.mass.items()}, size={names[k]: v for k, v in aux.size.items()}
  )
  solve = parallel.pmap(
    lambda state, chunks: glove_als._solve_chunks(model, REPLICATED, state, chunks, True),
    donate=True,
  )
  chunks = packed_rows.Chunks(
    np.zeros((8, 64, 64), np.int32),
    np.ones((8, 64, 64), np.float32),
    np.zeros((8, 64), np.int32),
    np.ones((8, 32), np.int32),
  )
  text = solve.lower(train.init_state(tables, aux), parallel.shard(chunks)).compile().as_text()
  assert [line for line in text.splitlines() if " copy(" in line and "f32[7000,2" in line] == []
