"""Adapters change nothing at first, are trained alone, and merge into plain params."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import optimizers, train
from glove_jax.errors import InputError
from glove_jax.models import lora
from glove_jax.train import Task


def init(rng):
  del rng
  matrices = np.random.default_rng(0).normal(size=(5, 6, 6)).astype(np.float32)
  layer = {
    "attention": {"qkv": {"w": matrices[0], "b": matrices[1][0]}},
    "mlp": {"w": matrices[2]},
  }
  return {"encoder": {"0": layer}, "head": {"w": matrices[3]}}


def loss(params, batch, rng):
  del rng
  layer = params["encoder"]["0"]
  qkv = layer["attention"]["qkv"]
  x = jnp.tanh(batch @ qkv["w"] + qkv["b"]) @ layer["mlp"]["w"]
  total = jnp.square(x @ params["head"]["w"]).sum()
  return {"loss": train.Sum(total, jnp.float32(len(batch)))}


def predict(params, batch):
  return batch @ params["head"]["w"]


TASK = Task(init, loss, predict)
BATCH = np.random.default_rng(1).normal(size=(8, 6)).astype(np.float32)


def qkv_matrix(params):
  return params["encoder"]["0"]["attention"]["qkv"]["w"]


def test_initial_adapters_change_nothing_and_mirror_the_tree():
  task = lora.lora(TASK, rank=2)
  params = task.init(jax.random.key(0))
  shapes = jax.tree.map(np.shape, params["lora"])
  adapter = {"a": (6, 2), "b": (2, 6)}
  assert shapes == {"encoder": {"0": {"attention": {"qkv": {"w": adapter}}}}}
  before = TASK.loss(init(None), BATCH, None)["loss"]
  after = task.loss(params, BATCH, None)["loss"]
  np.testing.assert_allclose(before, after, rtol=1e-6)
  expected = BATCH @ params["head"]["w"]
  np.testing.assert_allclose(task.predict(params, BATCH), expected, rtol=1e-6)


def trained(task, params):
  """Returns (params after five updates, the loss of each)."""
  tx = optimizers.make("adam", 0.05, lr_multipliers=lora.LR_MULTIPLIERS)
  state = train.init_state(params, tx.init(params))
  update = train.make_update(task, tx)
  losses = []
  for _ in range(5):
    state, sums = update(state, BATCH.reshape(8, 1, 6))
    losses.append(float(sums["loss"][0]))
  return jax.device_get(state.params), losses


def test_only_adapters_and_heads_are_trained():
  task = lora.lora(TASK, rank=2, alpha=4.0)
  before = task.init(jax.random.key(0))
  after, losses = trained(task, before)
  assert losses[-1] < losses[0]

  def moved(before, after):
    return bool((np.asarray(before) != after).any())

  layer = {"attention": {"qkv": {"w": False, "b": False}}, "mlp": {"w": False}}
  adapter = {"a": True, "b": True}
  assert jax.tree.map(moved, before, after) == {
    "encoder": {"0": layer},
    "head": {"w": True},
    "lora": {"encoder": {"0": {"attention": {"qkv": {"w": adapter}}}}},
  }


def test_frozen_params_have_no_gradient_and_no_optimizer_state():
  task = lora.lora(TASK, rank=2, alpha=4.0)
  params = task.init(jax.random.key(0))
  tx = optimizers.make("adam", 0.05, lr_multipliers=lora.LR_MULTIPLIERS)
  sizes = [leaf.size for leaf in jax.tree.leaves(tx.init(params))]
  assert sum(sizes) < 200

  def total(params):
    return task.loss(params, BATCH, None)["loss"][0]

  grads = jax.jit(jax.grad(total))(params)
  for leaf in jax.tree.leaves(grads["encoder"]):
    assert not leaf.any()


def test_merged_params_are_the_same_model():
  task = lora.lora(TASK, rank=2, alpha=4.0)
  params, _ = trained(task, task.init(jax.random.key(0)))
  merged = lora.merge(params, alpha=4.0)
  assert "lora" not in merged
  adapter = qkv_matrix(params["lora"])
  expected = qkv_matrix(params) + 2 * adapter["a"] @ adapter["b"]
  np.testing.assert_allclose(qkv_matrix(merged), expected, rtol=1e-5, atol=1e-6)
  np.testing.assert_allclose(
    TASK.loss(merged, BATCH, None)["loss"][0],
    task.loss(params, BATCH, None)["loss"][0],
    rtol=1e-5,
  )


def test_parts_without_pretraining_are_trained_and_more_multipliers_may_follow():
  lr_multipliers = {**lora.LR_MULTIPLIERS, "layers/1/": 0.5}
  expected = {
    "encoder/layers/1/w": 0,
    "encoder/words/embed/token": 0,
    "lora/encoder/layers/1/w/a": 0.5,
    "lora/encoder/layers/0/w/a": 1,
    "head/w": 1,
    "crf/start": 1,
    "encoder/chars/table": 1,
    "overhead/w": 0,
  }
  for name, multiplier in expected.items():
    assert optimizers.lr_multiplier(name, lr_multipliers) == multiplier, name


def test_bad_settings_are_named():
  with pytest.raises(InputError, match="matches no matrix"):
    lora.add_adapters(jax.random.key(0), init(None), rank=2, adapt="query")
  with pytest.raises(InputError, match="rank is 0"):
    lora.add_adapters(jax.random.key(0), init(None), rank=0)
