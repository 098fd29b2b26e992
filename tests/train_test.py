"""Updates and the loop: sums and weights over devices, resuming, early stopping, errors."""

import itertools
import time
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from glove_jax import checkpoint, parallel, train


class Points(NamedTuple):
  x: np.ndarray       # [B, 3]
  y: np.ndarray       # [B]
  weight: np.ndarray  # [B]


def regression(noise=0.0) -> train.Task:
  def init(rng):
    return {"w": 0.1 * jax.random.normal(rng, (3,)), "b": jnp.zeros([])}
  def loss(params, batch, rng):
    x = batch.x
    if noise and rng is not None:
      x = x + noise * jax.random.normal(rng, x.shape)
    error = x @ params["w"] + params["b"] - batch.y
    return {"loss": (jnp.sum(batch.weight * error**2), jnp.sum(batch.weight))}
  return train.Task(init, loss)


def batches(step, size=13):  # 13 rows on 8 devices: the last devices get padding
  rng = np.random.default_rng(step)
  x = rng.normal(size=(size, 3)).astype(np.float32)
  return Points(x, x @ np.array([1, -2, 3], np.float32) + 0.5, rng.integers(0, 5, size).astype(np.float32))


def start(task, tx):
  params = task.init(jax.random.key(0))
  return train.init_state(params, tx.init(params))


def run(num_steps, state=None, noise=0.0, **kwargs):
  task, tx = regression(noise), optax.adam(0.05)
  update = train.make_update(task, tx, seed=7)
  return train.fit(state or start(task, tx), update, batches=batches, num_steps=num_steps, **kwargs)


def same(one, two):
  for left, right in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True):
    np.testing.assert_array_equal(left, right)


def test_the_gradient_is_that_of_the_weighted_mean_over_all_devices():
  task, tx = regression(), optax.sgd(0.1)
  state = start(task, tx)
  params, batch = jax.device_get(state.params), batches(0)
  def mean(params):
    total, weight = task.loss(params, batch, None)["loss"]
    return total / weight
  grads = jax.grad(mean)(params)
  new, sums = train.make_update(task, tx)(state, parallel.shard(batch))
  parallel.assert_replicated((new, sums))
  assert float(sums["loss"][0] / sums["loss"][1]) == pytest.approx(float(mean(params)), rel=1e-6)
  for name in ("w", "b"):
    np.testing.assert_allclose(new.params[name], params[name] - 0.1 * grads[name], rtol=1e-5)
  assert int(new.step) == 1


def test_a_batch_that_weighs_nothing_changes_nothing():
  task, tx = regression(), optax.sgd(0.1)
  state = start(task, tx)
  before = jax.device_get(state.params)
  batch = batches(0)._replace(weight=np.zeros(13, np.float32))
  new, _ = train.make_update(task, tx)(state, parallel.shard(batch))
  same(before, new.params)


def test_evaluate_is_the_exact_mean_over_uneven_batches():
  task = regression()
  params = task.init(jax.random.key(0))
  parts = [batches(step, size) for step, size in enumerate((3, 8, 21))]
  whole = Points(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
  total, weight = task.loss(params, whole, None)["loss"]
  assert train.make_evaluate(task)(params, parts)["loss"] == pytest.approx(float(total / weight), rel=1e-6)


def test_devices_draw_different_random_numbers():
  def loss(params, batch, rng):
    return {"loss": (jnp.sum(jax.random.normal(rng, batch.shape) * batch) + 0 * params["w"], jnp.float32(1))}
  task = train.Task(lambda rng: {"w": jnp.zeros([])}, loss)
  params = {"w": jnp.zeros([])}
  update = train.make_update(task, optax.sgd(0.1))
  draws = []
  for row in range(8):
    one_hot = np.zeros(8, np.float32)
    one_hot[row] = 1
    _, sums = update(train.init_state(params, optax.sgd(0.1).init(params)), parallel.shard(one_hot))
    draws.append(float(sums["loss"][0]))
  assert len(set(draws)) == 8


def test_fit_learns_and_logs_the_mean_of_each_interval():
  records = []
  state = run(200, log_every=50, on_log=records.append)
  assert int(state.step) == 200
  assert [record["step"] for record in records] == [50, 100, 150, 200]
  assert records[-1]["loss"] < 0.05 < records[0]["loss"]
  assert all(one["time_s"] <= two["time_s"] for one, two in itertools.pairwise(records))


def test_logged_sums_leave_nothing_out():
  every = []
  run(10, log_every=1, on_log=every.append)
  some = []
  run(10, log_every=4, on_log=some.append)
  assert [record["step"] for record in some] == [4, 8, 10]
  weights = [float(batches(step).weight.sum()) for step in range(10)]
  total = sum(record["loss"] * weight for record, weight in zip(every, weights, strict=True))
  parts = [weights[:4], weights[4:8], weights[8:]]
  assert total == pytest.approx(sum(r["loss"] * sum(w) for r, w in zip(some, parts, strict=True)), rel=1e-5)


@pytest.mark.parametrize("stop", [1, 17, 39])
def test_a_resumed_run_equals_the_unbroken_one(tmp_path, stop):
  whole = run(40, noise=0.3)
  checkpoint.save(tmp_path, run(stop, noise=0.3))
  task, tx = regression(0.3), optax.adam(0.05)
  saved = checkpoint.restore(tmp_path, start(task, tx))
  same(whole, run(40, train.TrainState(*map(parallel.replicate, saved)), noise=0.3))


def test_a_finished_state_is_left_alone():
  state = run(5)
  before = jax.device_get(state)
  same(before, run(5, state))


def test_checkpoints_come_when_due_and_at_the_end():
  saved = []
  run(10, every=[(4, lambda state: saved.append(int(state.step)))])
  assert saved == [4, 8, 10]


def test_a_loss_that_is_not_finite_stops_and_saves_nothing_bad():
  def poisoned(step):
    batch = batches(step)
    return batch._replace(y=batch.y * np.nan) if step == 25 else batch
  saved = []
  task, tx = regression(), optax.adam(0.05)
  with pytest.raises(train.NonFiniteLoss, match="step 30: loss is nan"):
    train.fit(start(task, tx), train.make_update(task, tx), batches=poisoned, num_steps=100, log_every=10,
              every=[(10, lambda state: saved.append(int(state.step)))])
  assert saved == [10, 20]


def test_early_stopping_keeps_the_best():
  values = iter([5.0, 3.0, 4.0, 3.5, 2.0])
  best, records = [], []
  state = run(100, evaluate=lambda state: {"held_out_loss": next(values)}, evaluate_every=10, patience=2,
              save_best=lambda state: best.append(int(state.step)), on_log=records.append)
  assert int(state.step) == 40
  assert best == [10, 20]
  assert [r["held_out_loss"] for r in records if "held_out_loss" in r] == [5.0, 3.0, 4.0, 3.5]


def test_early_stopping_goes_on_from_its_history():
  stopped = run(100, evaluate=lambda state: {"dev": 9.0}, evaluate_every=10, patience=2, history=[3.0, 4.0])
  assert int(stopped.step) == 10
  assert int(run(100, evaluate=lambda state: {"dev": 9.0}, evaluate_every=10, patience=2,
                 history=[3.0, 4.0, 5.0]).step) == 0


def test_an_error_in_making_batches_comes_through():
  def failing(step):
    if step == 3:
      raise OSError("disk gone")
    return batches(step)
  task, tx = regression(), optax.adam(0.05)
  with pytest.raises(OSError, match="disk gone"):
    train.fit(start(task, tx), train.make_update(task, tx), batches=failing, num_steps=9)


def test_batches_are_made_ahead_while_the_update_runs():
  made = []
  def slow_update(state, batch):
    time.sleep(0.02)
    return state._replace(step=state.step + 1), {"loss": (jnp.ones([]), jnp.ones([]))}
  def note(step):
    made.append(step)
    return batches(step)
  ahead = []
  def on_log(record):
    ahead.append(len(made) - record["step"])
  task, tx = regression(), optax.adam(0.05)
  train.fit(start(task, tx), slow_update, batches=note, num_steps=20, log_every=1, on_log=on_log)
  assert made == list(range(20))
  assert max(ahead[:5]) >= 5


def test_updates_and_evaluations_wait_for_those_before(monkeypatch):
  """Else thousands pile up, and collectives of several CPU devices wait for each other until XLA aborts."""
  waited = []
  monkeypatch.setattr(train.parallel, "pace", lambda under_way, result: waited.append(result))
  task, tx = regression(), optax.adam(0.05)
  train.fit(start(task, tx), train.make_update(task, tx), batches=batches, num_steps=9)
  assert len(waited) == 9
  train.make_evaluate(task)(task.init(jax.random.key(0)), map(batches, range(5)))
  assert len(waited) == 14


def test_a_bar_shows_loss_and_eta(capfd):
  run(300, log_every=10, progress=True)
  err = capfd.readouterr().err
  assert "300/300" in err
  assert "loss=" in err
