"""Low-rank adapters (Hu et al. 2022): a matrix W stays as it is, and W + alpha / rank A B takes its place, A B learnt.

As a transform of params and of tasks: `lora` in the params mirrors their tree, with `a` [I, rank] and `b` [rank, O] in
the place of each adapted matrix [I, O]. With `optimizers.make(..., rates=RATES)` what is frozen has no optimiser state.
"""

import re
from typing import Any

import jax
import jax.numpy as jnp

from glove_jax.errors import InputError
from glove_jax.train import Params, Task

TRAINED = r"(^|/)(head|crf|chars)/"  # what learns beside the adapters: parts that no pretraining has
# Learning rates by name: adapters and these alone. More can follow, of them.
RATES = {r"^(?!lora/)(?!(.*/)?(head|crf|chars)/)": 0.0}
ATTENTION = r"attention/(qkv|out)/w$"


def add(rng: jax.Array, params: Params, *, rank: int, adapt: str = ATTENTION) -> Params:
  """Params with adapters that change nothing yet: A normal with deviation 1 / sqrt(rank), B zeros.

  Args:
    params: nested dict of arrays.
    rank: columns of A.
    adapt: regular expression; matrices whose name (`a/b/c`) it finds are adapted.

  Raises:
    InputError: it finds no matrix, or the rank is below 1.
  """
  if rank < 1:
    raise InputError(f"rank is {rank}, expected 1 or more.")
  count = 0
  def adapters(tree: Any, name: str):
    nonlocal count
    if isinstance(tree, dict):
      found = {key: adapters(value, f"{name}/{key}".lstrip("/")) for key, value in tree.items()}
      return {key: value for key, value in found.items() if value}
    if tree.ndim != 2 or not re.search(adapt, name):
      return {}
    count += 1
    key = jax.random.fold_in(rng, count)
    return {"a": jax.random.normal(key, (tree.shape[0], rank)) / rank**0.5, "b": jnp.zeros((rank, tree.shape[1]))}
  found = adapters(params, "")
  if not count:
    raise InputError(f"adapt={adapt!r} finds none of the matrices.")
  return {**params, "lora": found}


def merge(params: Params, *, alpha: float = 16.0, train: str = TRAINED) -> Params:
  """Params without adapters, A B added to what they adapt; no gradient goes to others than them and `train`."""
  def merged(tree: Any, adapters: Any, name: str):
    if isinstance(tree, dict):
      return {key: merged(value, adapters.get(key, {}), f"{name}/{key}".lstrip("/")) for key, value in tree.items()}
    leaf = tree if re.search(train, name) else jax.lax.stop_gradient(tree)
    if not adapters:
      return leaf
    return leaf + alpha / adapters["a"].shape[1] * (adapters["a"] @ adapters["b"])
  return merged({name: part for name, part in params.items() if name != "lora"}, params["lora"], "")


def lora(task: Task, *, rank: int = 8, alpha: float = 16.0, adapt: str = ATTENTION) -> Task:
  """The same task on adapters; see `add` and `merge`."""
  def init(rng):
    first, second = jax.random.split(rng)
    return add(second, task.init(first), rank=rank, adapt=adapt)
  def loss(params, batch, rng):
    return task.loss(merge(params, alpha=alpha), batch, rng)
  def predict(params, batch):
    return task.predict(merge(params, alpha=alpha), batch)
  return Task(init, loss, predict if task.predict else None)
