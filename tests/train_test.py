"""One step: sums and weights over devices, dropout, evaluation."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from training_task import assert_same, batches, first_state, regression

from glove_jax import parallel, train


def test_the_gradient_is_that_of_the_weighted_mean_over_all_devices():
  task, tx = regression(), optax.sgd(0.1)
  state = first_state(task, tx)
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
  state = first_state(task, tx)
  before = jax.device_get(state.params)
  batch = batches(0)._replace(weight=np.zeros(13, np.float32))
  new, _ = train.make_update(task, tx)(state, parallel.shard(batch))
  assert_same(before, new.params)


def test_evaluate_is_the_exact_mean_over_uneven_batches():
  task = regression()
  params = task.init(jax.random.key(0))
  parts = [batches(step, size) for step, size in enumerate((3, 8, 21))]
  whole = jax.tree.map(lambda *arrays: np.concatenate(arrays), *parts)
  total, weight = task.loss(params, whole, None)["loss"]
  evaluate = train.make_evaluate(task)
  assert evaluate(params, parts)["loss"] == pytest.approx(float(total / weight), rel=1e-6)


def test_predict_gives_all_rows_in_order():
  task = regression()._replace(predict=lambda params, batch: batch.x[:, 0])
  batch = batches(0)
  np.testing.assert_array_equal(train.make_predict(task)({}, batch), batch.x[:, 0])


def test_devices_draw_different_random_numbers():
  def loss(params, batch, rng):
    noise = jnp.sum(jax.random.normal(rng, batch.shape) * batch)
    return {"loss": train.Sum(noise + 0 * params["w"], jnp.float32(1))}

  task = train.Task(lambda rng: {"w": jnp.zeros([])}, loss)
  tx = optax.sgd(0.1)
  update = train.make_update(task, tx)
  draws = []
  for row in range(8):
    one_hot = np.zeros(8, np.float32)
    one_hot[row] = 1
    _, sums = update(first_state(task, tx), parallel.shard(one_hot))
    draws.append(float(sums["loss"][0]))
  assert len(set(draws)) == 8


def test_evaluation_waits_for_earlier_batches(monkeypatch):
  # Else thousands pile up, and collectives of several CPU devices wait for each other for ever.
  waited = []
  monkeypatch.setattr(parallel, "pace", lambda in_flight, result: waited.append(result))
  task = regression()
  train.make_evaluate(task)(task.init(jax.random.key(0)), map(batches, range(5)))
  assert len(waited) == 5
