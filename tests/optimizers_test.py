"""Schedules and optimizers against their formulas, on small params."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from glove_jax import optimizers
from glove_jax.errors import InputError

PARAMS = {
  "embed": {"w": jnp.ones(2)},
  "layer_0": {"w": jnp.ones(2)},
  "head": {"w": jnp.ones(2)},
}


def first_values(tree):
  """The first number of each layer's `w`, in the order of PARAMS."""
  return [float(tree[name]["w"][0]) for name in PARAMS]


@pytest.mark.parametrize(
  "schedule,expected",
  [
    (
      optimizers.schedule("linear", 1.0, num_steps=110, warmup_steps=10),
      {0: 0, 5: 0.5, 10: 1, 60: 0.5, 110: 0},
    ),
    (optimizers.schedule("cosine", 2.0, num_steps=100, final=0.1), {0: 2, 50: 1.1, 100: 0.2}),
    (optimizers.schedule("step", 1.0, num_steps=100), {49: 1, 51: 0.1, 76: 0.01}),
    (optimizers.schedule("constant", 0.5, num_steps=10), {99: 0.5}),
  ],
)
def test_schedules_warm_up_and_decay(schedule, expected):
  for step, rate in expected.items():
    assert float(schedule(step)) == pytest.approx(rate, abs=1e-4), step


@pytest.mark.parametrize("name", optimizers.SCHEDULES)
def test_no_schedule_divides_by_zero_steps(name):
  schedule = optimizers.schedule(name, 1.0, num_steps=0, warmup_steps=5)
  assert np.isfinite(float(schedule(3)))


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_every_optimizer_descends(name):
  tx = optimizers.make(name, 0.05, clip_norm=10.0)
  params = {"w": jnp.array([1.0, -2.0])}
  state = tx.init(params)

  @jax.jit
  def loss(params):
    return jnp.sum(params["w"] ** 2)

  before = loss(params)
  for _ in range(20):
    updates, state = tx.update(jax.grad(loss)(params), state, params)
    params = optax.apply_updates(params, updates)
  assert loss(params) < before


def test_weight_decay_is_decoupled_and_follows_the_schedule():
  learning_rate = optimizers.schedule("linear", 0.1, num_steps=2)
  tx = optimizers.make("adam", learning_rate, weight_decay=0.5)
  params = {"w": jnp.array([2.0])}
  state = tx.init(params)
  zero = {"w": jnp.zeros(1)}
  for expected in (-0.1 * 0.5 * 2, -0.05 * 0.5 * 2):
    updates, state = tx.update(zero, state, params)
    assert updates["w"][0] == pytest.approx(expected)


def test_learning_rate_multipliers_freeze_and_slow_down_by_path():
  tx = optimizers.make("sgd", 1.0, lr_multipliers={"^embed": 0.0, "layer_0": 0.1})
  grads = jax.tree.map(jnp.ones_like, PARAMS)
  updates, _ = tx.update(grads, tx.init(PARAMS), PARAMS)
  assert first_values(updates) == pytest.approx([0, -0.1, -1])


def test_frozen_params_have_no_optimizer_state():
  tx = optimizers.make("adam", 1.0, lr_multipliers={"^embed": 0.0})
  shapes = [np.shape(leaf) for leaf in jax.tree.leaves(tx.init(PARAMS))]
  assert shapes.count((2,)) == 4  # two moments of two layers


def test_the_first_matching_multiplier_counts():
  lr_multipliers = {"^a": 0.5, "a": 0.25}
  assert optimizers.lr_multiplier("a/w", lr_multipliers) == 0.5
  assert optimizers.lr_multiplier("b/a", lr_multipliers) == 0.25
  assert optimizers.lr_multiplier("b", lr_multipliers) == 1


def test_names_are_the_paths_that_multipliers_are_matched_with():
  params = {"layers": [{"w": jnp.ones(2)}, {"w": jnp.ones(2)}], "head": {"b": jnp.ones(1)}}
  assert optimizers.param_names(params) == ["head/b", "layers/0/w", "layers/1/w"]


def test_the_clipped_norm_is_that_of_all_that_learns():
  lr_multipliers = {"^embed": 0.0, "layer_0": 0.5}
  tx = optimizers.make("sgd", 1.0, clip_norm=1.0, lr_multipliers=lr_multipliers)
  params = jax.tree.map(lambda leaf: leaf[:1], PARAMS)
  grads = {
    "embed": {"w": jnp.array([100.0])},
    "layer_0": {"w": jnp.array([6.0])},
    "head": {"w": jnp.array([8.0])},
  }
  updates, _ = tx.update(grads, tx.init(params), params)
  assert first_values(updates) == pytest.approx([0, -0.3, -0.8])


def test_layers_are_unfrozen_at_their_steps():
  sgd = optimizers.make("sgd", 1.0)
  tx = optimizers.gradual_unfreezing(sgd, {"^embed": 2, "layer_0": 1})
  state = tx.init(PARAMS)
  update = jax.jit(tx.update)
  for expected in ([0, 0, -1], [0, -1, -1], [-1, -1, -1]):
    updates, state = update(PARAMS, state, PARAMS)
    assert first_values(updates) == expected


def test_ema_averages_the_params_after_each_step():
  tx = optimizers.ema(optimizers.make("sgd", 1.0), 0.3)
  params = {"w": jnp.array([2.0])}
  state = tx.init(params)
  mean = 2.0
  for step in range(5):
    updates, state = tx.update({"w": jnp.array([0.5])}, state, params)
    params = optax.apply_updates(params, updates)
    keep = min(0.3, (1 + step) / (10 + step))
    mean = keep * mean + (1 - keep) * float(params["w"][0])
    assert float(state.mean["w"][0]) == pytest.approx(mean)
  assert float(params["w"][0]) == pytest.approx(-0.5)


def test_the_state_keeps_the_names_that_checkpoints_contain():
  tx = optimizers.make("sgd", lambda step: 0.1, lr_multipliers={"^embed": 0.0})
  tx = optimizers.gradual_unfreezing(tx, {"^embed": 2})
  tx = optimizers.ema(tx, 0.99)
  assert optimizers.param_names(tx.init({"head": jnp.ones(2)})) == [
    "count",
    "mean/head",
    "inner/0/count",
    "inner/1/inner_states/learns/inner_state/0/0/1/count",
  ]


def test_unknown_names_are_listed():
  with pytest.raises(InputError, match="'adamm', expected one of .*adam"):
    optimizers.make("adamm", 0.1)
  with pytest.raises(InputError, match="'sqrt', expected one of constant"):
    optimizers.schedule("sqrt", 0.1, num_steps=1)


def test_row_adagrad_changes_only_its_rows():
  rng = np.random.default_rng(0)
  table = rng.normal(size=(6, 3)).astype(np.float32)
  sums = 1 + rng.random((6, 3)).astype(np.float32)
  rows = np.array([4, 1])
  grads = rng.normal(size=(2, 3)).astype(np.float32)
  new_table, new_sums = optimizers.row_adagrad(
    jnp.array(table), jnp.array(sums), rows, grads, 0.5
  )
  expected_table = table.copy()
  expected_table[rows] -= 0.5 * grads / np.sqrt(sums[rows])
  expected_sums = sums.copy()
  expected_sums[rows] += (0.5 * grads) ** 2
  np.testing.assert_allclose(new_table, expected_table, rtol=1e-6)
  np.testing.assert_allclose(new_sums, expected_sums, rtol=1e-6)


def test_row_adagrad_bounds_the_step_of_a_row_that_occurs_many_times():
  rows = jnp.zeros(10_000, jnp.int32)
  grads = jnp.full((10_000, 1), 3.0)
  table, _ = optimizers.row_adagrad(jnp.zeros((2, 1)), jnp.ones((2, 1)), rows, grads, 1.0)
  # sqrt(10,000); with sums from before the batch it would be 30,000.
  assert -float(table[0, 0]) == pytest.approx(100, rel=0.01)


def test_row_adagrad_adds_up_gradients_of_one_row():
  grads = jnp.array([[3.0], [4.0]])
  table, sums = optimizers.row_adagrad(
    jnp.zeros((1, 1)), jnp.ones((1, 1)), jnp.array([0, 0]), grads, 1.0
  )
  assert float(sums[0, 0]) == pytest.approx(1 + 9 + 16)
  expected = 3 / np.sqrt(1 + 16) + 4 / np.sqrt(1 + 9)
  assert -float(table[0, 0]) == pytest.approx(expected)
