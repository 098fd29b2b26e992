import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from glove_jax import optimizers


def test_schedules_warm_up_and_decay():
  linear = optimizers.schedule("linear", 1.0, num_steps=110, warmup_steps=10)
  assert [round(float(linear(step)), 4) for step in (0, 5, 10, 60, 110)] == [0, 0.5, 1, 0.5, 0]
  cosine = optimizers.schedule("cosine", 2.0, num_steps=100, final=0.1)
  assert [round(float(cosine(step)), 4) for step in (0, 50, 100)] == [2, 1.1, 0.2]
  step = optimizers.schedule("step", 1.0, num_steps=100)
  assert [round(float(step(at)), 4) for at in (49, 51, 76)] == [1, 0.1, 0.01]
  assert float(optimizers.schedule("constant", 0.5, num_steps=10)(99)) == 0.5


@pytest.mark.parametrize("name", optimizers.SCHEDULES)
def test_no_schedule_divides_by_zero_steps(name):
  assert np.isfinite(float(optimizers.schedule(name, 1.0, num_steps=0, warmup_steps=5)(3)))


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_every_optimizer_descends(name):
  tx = optimizers.make(name, 0.05, clip_norm=10.0)
  params = {"w": jnp.array([1.0, -2.0])}
  state = tx.init(params)
  loss = jax.jit(lambda p: jnp.sum(p["w"] ** 2))
  before = loss(params)
  for _ in range(20):
    updates, state = tx.update(jax.grad(loss)(params), state, params)
    params = optax.apply_updates(params, updates)
  assert loss(params) < before


def test_weight_decay_is_decoupled_and_follows_the_schedule():
  rate = optimizers.schedule("linear", 0.1, num_steps=2)
  tx = optimizers.make("adam", rate, weight_decay=0.5)
  params = {"w": jnp.array([2.0])}
  state = tx.init(params)
  zero = {"w": jnp.zeros(1)}
  for expected in (-0.1 * 0.5 * 2, -0.05 * 0.5 * 2):
    updates, state = tx.update(zero, state, params)
    assert updates["w"][0] == pytest.approx(expected)


def test_rates_freeze_and_slow_down_by_path():
  tx = optimizers.make("sgd", 1.0, lr_multipliers={"^embed": 0.0, "layer_0": 0.1})
  params = {"embed": {"w": jnp.ones(2)}, "layer_0": {"w": jnp.ones(2)}, "head": {"w": jnp.ones(2)}}
  updates, _ = tx.update(jax.tree.map(jnp.ones_like, params), tx.init(params), params)
  assert [float(updates[name]["w"][0]) for name in ("embed", "layer_0", "head")] == pytest.approx([0, -0.1, -1])


def test_names_are_the_paths_that_rates_are_matched_with():
  params = {"layers": [{"w": jnp.ones(2)}, {"w": jnp.ones(2)}], "head": {"b": jnp.ones(1)}}
  assert optimizers.param_names(params) == ["head/b", "layers/0/w", "layers/1/w"]


def test_the_clipped_norm_is_that_of_all_that_learns_whatever_its_rate():
  tx = optimizers.make("sgd", 1.0, clip_norm=1.0, lr_multipliers={"^embed": 0.0, "layer_0": 0.5})
  params = {name: {"w": jnp.ones(1)} for name in ("embed", "layer_0", "head")}
  grads = {"embed": {"w": jnp.array([100.0])}, "layer_0": {"w": jnp.array([6.0])}, "head": {"w": jnp.array([8.0])}}
  updates, _ = tx.update(grads, tx.init(params), params)
  assert [float(updates[name]["w"][0]) for name in params] == pytest.approx([0, -0.3, -0.8])


def test_layers_thaw_at_their_steps():
  tx = optimizers.gradual_unfreezing(optimizers.make("sgd", 1.0), {"^embed": 2, "layer_0": 1})
  params = {name: {"w": jnp.ones(2)} for name in ("embed", "layer_0", "head")}
  state, update, moved = tx.init(params), jax.jit(tx.update), []
  for _ in range(3):
    updates, state = update(params, state, params)
    moved.append([float(updates[name]["w"][0]) for name in params])
  assert moved == [[0, 0, -1], [0, -1, -1], [-1, -1, -1]]


def test_the_running_mean_is_that_of_the_params_after_each_step():
  tx = optimizers.ema(optimizers.make("sgd", 1.0), 0.3)
  params = {"w": jnp.array([2.0])}
  state, mean = tx.init(params), 2.0
  for step in range(5):
    updates, state = tx.update({"w": jnp.array([0.5])}, state, params)
    params = optax.apply_updates(params, updates)
    keep = min(0.3, (1 + step) / (10 + step))
    mean = keep * mean + (1 - keep) * float(params["w"][0])
    assert float(state.mean["w"][0]) == pytest.approx(mean)
  assert float(params["w"][0]) == pytest.approx(-0.5)


def test_unknown_names_are_listed():
  with pytest.raises(ValueError, match="'adamm', expected one of .*adam"):
    optimizers.make("adamm", 0.1)
  with pytest.raises(ValueError, match="'sqrt', expected one of constant"):
    optimizers.schedule("sqrt", 0.1, num_steps=1)


def test_row_adagrad_touches_only_its_rows():
  rng = np.random.default_rng(0)
  table, sums = rng.normal(size=(6, 3)).astype(np.float32), 1 + rng.random((6, 3)).astype(np.float32)
  rows, grads = np.array([4, 1]), rng.normal(size=(2, 3)).astype(np.float32)
  new_table, new_sums = optimizers.row_adagrad(jnp.array(table), jnp.array(sums), rows, grads, 0.5)
  expected_table, expected_sums = table.copy(), sums.copy()
  expected_table[rows] -= 0.5 * grads / np.sqrt(sums[rows])
  expected_sums[rows] += (0.5 * grads) ** 2
  np.testing.assert_allclose(new_table, expected_table, rtol=1e-6)
  np.testing.assert_allclose(new_sums, expected_sums, rtol=1e-6)


def test_row_adagrad_bounds_a_row_that_is_named_many_times():
  table, sums = jnp.zeros((2, 1)), jnp.ones((2, 1))
  rows, grads = jnp.zeros(10_000, jnp.int32), jnp.full((10_000, 1), 3.0)
  moved = -float(optimizers.row_adagrad(table, sums, rows, grads, 1.0)[0][0, 0])
  assert moved == pytest.approx(100, rel=0.01)  # sqrt(10,000), where stale sums would give 30,000


def test_row_adagrad_adds_up_gradients_of_one_row():
  table, sums = jnp.zeros((1, 1)), jnp.ones((1, 1))
  table, sums = optimizers.row_adagrad(table, sums, jnp.array([0, 0]), jnp.array([[3.0], [4.0]]), 1.0)
  assert float(sums[0, 0]) == pytest.approx(1 + 9 + 16)
  assert float(table[0, 0]) == pytest.approx(-(3 / np.sqrt(1 + 16) + 4 / np.sqrt(1 + 9)))
