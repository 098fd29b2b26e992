"""A small linear regression, for tests of updates, of the loop and of runs."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from glove_jax import loop, train


class Points(NamedTuple):
  x: np.ndarray  # [B, 3]
  y: np.ndarray  # [B]
  weight: np.ndarray  # [B]


def regression(noise=0.0) -> train.Task:
  """Returns a linear regression; noise on its inputs stands for dropout."""
  def init(rng):
    return {"w": 0.1 * jax.random.normal(rng, (3,)), "b": jnp.zeros([])}

  def loss(params, batch, rng):
    x = batch.x
    if noise and rng is not None:
      x = x + noise * jax.random.normal(rng, x.shape)
    error = x @ params["w"] + params["b"] - batch.y
    total = jnp.sum(batch.weight * error**2)
    return {"loss": train.Sum(total, jnp.sum(batch.weight))}

  return train.Task(init, loss)


def batches(step, size=13):  # 13 rows on 8 devices: the last devices get padding
  """Returns the batch of a step."""
  rng = np.random.default_rng(step)
  x = rng.normal(size=(size, 3)).astype(np.float32)
  y = x @ np.array([1, -2, 3], np.float32) + 0.5
  return Points(x, y, rng.integers(0, 5, size).astype(np.float32))


def first_state(task, tx):
  """Returns the state before the first update."""
  params = task.init(jax.random.key(0))
  return train.init_state(params, tx.init(params))


def fit(num_steps, state=None, *, noise=0.0, batches=batches, write=None, log_every=100, **options):
  """Runs `loop.fit` with Adam; `write` takes the records."""
  task = regression(noise)
  tx = optax.adam(0.05)
  update = train.make_update(task, tx, seed=7)
  logger = loop.Logger(write or (lambda record: None), every=log_every)
  state = state or first_state(task, tx)
  return loop.fit(state, update, batches, num_steps=num_steps, logger=logger, **options)


def assert_same(one, two):
  """Asserts that two trees have the same bits."""
  for left, right in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True):
    np.testing.assert_array_equal(left, right)
