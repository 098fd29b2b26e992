"""One training step: a state is a value, a task is pure functions, an update is one function on all
devices.

This is the page to read first. What it composes:

  TrainState   all that training changes
  Task         what is learnt: a loss as sums and weights
  make_update  (Task, optax transformation) -> update(state, batch) -> (state, sums)

`parallel` spreads the update over devices, `loop.fit` runs it, and `runs` keeps its checkpoints.
GloVe by AdaGrad or least squares and word2vec build other updates with the same signature.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from glove_jax import compiler_options, metrics, parallel

Params = Any  # nested dict of arrays
Batch = Any  # NamedTuple or dict of arrays, the batch axis first


class Sum(NamedTuple):
  """A weighted sum; the mean is `total / weight`.

  Losses are sums, never means: totals and weights add up exactly over devices, batches and padded
  rows.
  """

  total: jax.Array  # [] float32
  weight: jax.Array  # [] float32


Sums = dict[str, Sum]  # by name; the mean of "loss" is minimised


class TrainState(NamedTuple):
  """All that training changes: what is saved, restored, and handed from one update to the next."""

  step: jax.Array | np.int32  # [] int32, updates made so far
  params: Params
  opt_state: optax.OptState


Update = Callable[[TrainState, Batch], tuple[TrainState, Sums]]


class Task(NamedTuple):
  """What is learnt, as pure functions."""

  init: Callable[[jax.Array], Params]  # of a random key
  loss: Callable[[Params, Batch, jax.Array | None], Sums]  # without a random key: no dropout
  predict: Callable[[Params, Batch], jax.Array] | None = None


def init_state(
  params: Params, opt_state: optax.OptState, step: int = 0, *, layout: Any = parallel.REPLICATED
) -> TrainState:
  """Returns a state on all devices, ready for the next update.

  Args:
    params, opt_state, step: of the state.
    layout: of the state; see `parallel.place`.
  """
  return parallel.place(TrainState(np.int32(step), params, opt_state), layout)


def make_update(
  task: Task, tx: optax.GradientTransformation, *, seed: int = 0, few_runs: bool = False
) -> Update:
  """Returns `update(state, batch) -> (state, sums)` on all devices.

  Args:
    task: its loss is minimised: the sum of losses over the sum of weights, over all rows on all
      devices.
    tx: any optax transformation.
    seed: dropout is a function of (seed, step, device).
    few_runs: compile it sooner and less well; see `compiler_options`.

  Returns:
    A function of a state and of a batch that is sharded by `parallel.shard`.
  """

  def update(state: TrainState, batch: Batch) -> tuple[TrainState, Sums]:
    step_key = jax.random.fold_in(jax.random.key(seed), state.step)
    device_key = jax.random.fold_in(step_key, parallel.device_index())

    def total_loss(params):
      sums = task.loss(params, batch, device_key)
      return sums["loss"].total, sums

    grads, sums = jax.grad(total_loss, has_aux=True)(state.params)
    grads, sums = parallel.psum((grads, sums))
    weight = jnp.maximum(sums["loss"].weight, jnp.finfo(jnp.float32).tiny)
    grads = jax.tree.map(lambda grad: grad / weight, grads)
    updates, opt_state = tx.update(grads, state.opt_state, state.params)
    params = optax.apply_updates(state.params, updates)
    return TrainState(state.step + 1, params, opt_state), sums

  return parallel.pmap(update, donate=True, compiler_options=_options(few_runs))


def make_evaluate(
  task: Task, *, layout: Any = parallel.REPLICATED
) -> Callable[[Params, Iterable[Batch]], dict[str, float]]:
  """Returns `evaluate(params, batches) -> {name: mean}` on all devices, without dropout.

  Args:
    task: of which the loss is evaluated.
    layout: of the params; see `parallel.place`.
  """
  def sums(params: Params, batch: Batch) -> Sums:
    return parallel.psum(task.loss(params, batch, None))

  step = parallel.pmap(sums, state=layout)

  def evaluate(params: Params, batches: Iterable[Batch]) -> dict[str, float]:
    total = None
    in_flight: list = []
    for batch in batches:
      total = add(total, step(params, parallel.shard(batch)))
      parallel.pace(in_flight, total)
    return metrics.means(total or {})

  return evaluate


def make_predict(
  task: Task, *, few_runs: bool = False
) -> Callable[[Params, Batch], np.ndarray]:
  """Returns `predict(params, batch) -> array` of all rows, on all devices, without dropout.

  Args:
    task: has predictions.
    few_runs: compile it sooner and less well; see `compiler_options`.
  """
  if task.predict is None:
    raise ValueError("the task has no predictions")
  outputs = task.predict

  def gathered(params: Params, batch: Batch) -> jax.Array:
    return parallel.all_gather(outputs(params, batch))

  step = parallel.pmap(gathered, compiler_options=_options(few_runs))

  def predict(params: Params, batch: Batch) -> np.ndarray:
    rows = len(jax.tree.leaves(batch)[0])
    return np.asarray(step(params, parallel.shard(batch)))[:rows]

  return predict


def _options(few_runs: bool) -> dict:
  return compiler_options.for_few_runs() if few_runs else {}


@jax.jit
def _add(left: Sums, right: Sums) -> Sums:
  return jax.tree.map(jnp.add, left, right)


def add(total: Sums | None, sums: Sums) -> Sums:
  """Adds sums and weights on the device, without waiting for it."""
  return sums if total is None else _add(total, sums)
