"""Adapters change nothing at first, learn alone, and merge into plain params."""

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
  numbers = iter(np.random.default_rng(0).normal(size=(5, 6, 6)).astype(np.float32))
  return {"encoder": {"0": {"attention": {"qkv": {"w": next(numbers), "b": next(numbers)[0]}},
                            "mlp": {"w": next(numbers)}}},
          "head": {"w": next(numbers)}}


def loss(params, batch, rng):
  del rng
  layer = params["encoder"]["0"]
  x = jnp.tanh(batch @ layer["attention"]["qkv"]["w"] + layer["attention"]["qkv"]["b"]) @ layer["mlp"]["w"]
  return {"loss": (jnp.square(x @ params["head"]["w"]).sum(), jnp.float32(len(batch)))}


TASK = Task(init, loss, lambda params, batch: batch @ params["head"]["w"])
BATCH = np.random.default_rng(1).normal(size=(8, 6)).astype(np.float32)


def test_adapters_begin_as_nothing_and_mirror_the_tree():
  task = lora.lora(TASK, rank=2)
  params = task.init(jax.random.key(0))
  assert jax.tree.map(np.shape, params["lora"]) == {"encoder": {"0": {"attention": {"qkv": {"w": {
    "a": (6, 2), "b": (2, 6)}}}}}}
  before, after = TASK.loss(init(None), BATCH, None), task.loss(params, BATCH, None)
  np.testing.assert_allclose(before["loss"], after["loss"], rtol=1e-6)
  np.testing.assert_allclose(task.predict(params, BATCH), BATCH @ params["head"]["w"], rtol=1e-6)


def test_only_adapters_and_heads_learn_and_what_is_merged_is_the_same_model():
  task = lora.lora(TASK, rank=2, alpha=4.0)
  params, tx = task.init(jax.random.key(0)), optimizers.make("adam", 0.05, lr_multipliers=lora.LR_MULTIPLIERS)
  opt_state = tx.init(params)
  assert sum(leaf.size for leaf in jax.tree.leaves(opt_state)) < 200  # frozen arrays have no moments
  state, update = train.init_state(params, opt_state), train.make_update(task, tx)
  losses = []
  for _ in range(5):
    state, sums = update(state, BATCH.reshape(8, 1, 6))
    losses.append(float(sums["loss"][0]))
  assert losses[-1] < losses[0]
  after = jax.device_get(state.params)
  moved = jax.tree.map(lambda one, two: bool((np.asarray(one) != two).any()), params, after)
  assert moved == {
    "encoder": {"0": {"attention": {"qkv": {"w": False, "b": False}}, "mlp": {"w": False}}}, "head": {"w": True},
    "lora": {"encoder": {"0": {"attention": {"qkv": {"w": {"a": True, "b": True}}}}}}}
  grads = jax.jit(jax.grad(lambda params: task.loss(params, BATCH, None)["loss"][0]))(after)
  assert not any(leaf.any() for leaf in jax.tree.leaves(grads["encoder"]))  # nor is anything computed for them
  whole = lora.merge(after, alpha=4.0)
  assert "lora" not in whole
  old, adapter, new = (tree["encoder"]["0"]["attention"]["qkv"]["w"] for tree in (after, after["lora"], whole))
  np.testing.assert_allclose(new, old + 2 * adapter["a"] @ adapter["b"], rtol=1e-5, atol=1e-6)
  np.testing.assert_allclose(TASK.loss(whole, BATCH, None)["loss"][0], task.loss(after, BATCH, None)["loss"][0],
                             rtol=1e-5)


def test_what_no_pretraining_has_learns_beside_adapters_and_other_rates_may_follow():
  rates = {**lora.LR_MULTIPLIERS, "layers/1/": 0.5}
  expected = {"encoder/layers/1/w": 0, "encoder/words/embed/token": 0, "lora/encoder/layers/1/w/a": 0.5,
              "lora/encoder/layers/0/w/a": 1, "head/w": 1, "crf/start": 1, "encoder/chars/table": 1, "overhead/w": 0}
  assert {name: optimizers.lr_multiplier(name, rates) for name in expected} == expected


def test_nothing_to_adapt_is_named():
  with pytest.raises(InputError, match="finds none of the matrices"):
    lora.add_adapters(jax.random.key(0), init(None), rank=2, adapt="query")
  with pytest.raises(InputError, match="rank is 0"):
    lora.add_adapters(jax.random.key(0), init(None), rank=0)
