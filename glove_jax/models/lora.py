"""Low-rank adapters (LoRA, Hu et al. 2022): fine-tuning with few trained parameters.

A pretrained matrix W is frozen and replaced by W + alpha / rank * A B, with A [I, rank] and
B [rank, O] trained (eq. 3). Adapters are a transform of params and of tasks: `lora` in the params
mirrors their tree, with `a` and `b` instead of each adapted matrix. With
`optimizers.make(..., lr_multipliers=LR_MULTIPLIERS)` frozen params have no optimiser state.
"""

import re
from collections.abc import Iterator

import jax
import jax.numpy as jnp

from glove_jax.errors import InputError
from glove_jax.train import Params, Task

# Paths of params that are trained beside the adapters: parts that are never pretrained.
TRAINABLE = r"(^|/)(head|crf|chars)/"
# Freezes all but adapters and these parts. More multipliers for them may follow.
LR_MULTIPLIERS = {r"^(?!lora/)(?!(.*/)?(head|crf|chars)/)": 0.0}
ATTENTION = r"attention/(qkv|out)/w$"


def add_adapters(rng: jax.Array, params: Params, *, rank: int, adapt: str = ATTENTION) -> Params:
  """Returns params with adapters that change nothing yet.

  A is normal with standard deviation 1 / sqrt(rank), B is zero.

  Args:
    rng: random key.
    params: nested dict of arrays.
    rank: columns of A.
    adapt: regular expression; matrices whose path (`a/b/c`) it matches are adapted.

  Raises:
    InputError: no matrix matches, or the rank is below 1.
  """
  if rank < 1:
    raise InputError(f"rank is {rank}, expected 1 or more.")
  adapters: Params = {}
  count = 0
  for path, leaf in _leaves(params, ()):
    if leaf.ndim != 2 or not re.search(adapt, "/".join(path)):
      continue
    count += 1
    key = jax.random.fold_in(rng, count)
    parent = adapters
    for name in path[:-1]:
      parent = parent.setdefault(name, {})
    parent[path[-1]] = _init_adapter(key, leaf.shape, rank)
  if not count:
    raise InputError(f"adapt={adapt!r} matches no matrix, expected a pattern of their names.")
  return {**params, "lora": adapters}


def _leaves(tree: Params, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], jax.Array]]:
  """Yields the path and the array of each leaf, in the order of the dicts."""
  if not isinstance(tree, dict):
    yield path, tree
    return
  for name, subtree in tree.items():
    yield from _leaves(subtree, (*path, name))


def _init_adapter(rng: jax.Array, shape: tuple[int, int], rank: int) -> Params:
  inputs, outputs = shape
  return {
    "a": jax.random.normal(rng, (inputs, rank)) / rank**0.5,
    "b": jnp.zeros((rank, outputs)),
  }


def merge(params: Params, *, alpha: float = 16.0, trainable: str = TRAINABLE) -> Params:
  """Returns plain params, with each adapter's alpha / rank * A B added to its matrix.

  Args:
    params: as from `add_adapters`.
    alpha: scale of the adapters.
    trainable: regular expression; gradients flow to the adapters and the params whose path it
      matches, and to no others.
  """
  pretrained = {name: subtree for name, subtree in params.items() if name != "lora"}
  return _merge(pretrained, params["lora"], (), alpha, trainable)


def _merge(tree: Params, adapters: Params, path: tuple[str, ...], alpha: float, trainable: str):
  if isinstance(tree, dict):
    merged = {}
    for name, subtree in tree.items():
      merged[name] = _merge(subtree, adapters.get(name, {}), (*path, name), alpha, trainable)
    return merged
  is_trainable = re.search(trainable, "/".join(path))
  leaf = tree if is_trainable else jax.lax.stop_gradient(tree)
  if not adapters:
    return leaf
  rank = adapters["a"].shape[1]
  return leaf + alpha / rank * (adapters["a"] @ adapters["b"])


def lora(task: Task, *, rank: int = 8, alpha: float = 16.0, adapt: str = ATTENTION) -> Task:
  """Returns the task with adapters in its params; see `add_adapters` and `merge`."""

  def init(rng):
    rng_task, rng_adapters = jax.random.split(rng)
    return add_adapters(rng_adapters, task.init(rng_task), rank=rank, adapt=adapt)

  def loss(params, batch, rng):
    return task.loss(merge(params, alpha=alpha), batch, rng)

  def predict(params, batch):
    return task.predict(merge(params, alpha=alpha), batch)

  return Task(init=init, loss=loss, predict=predict if task.predict else None)
