"""Compiles an update in a thread as soon as the shapes of its batches are known.

The first compilation takes place while params are made, and those of further shapes during the
updates before.
"""

import concurrent.futures
from collections.abc import Callable
from typing import TypeVar

import jax

from glove_jax import parallel, processes
from glove_jax.train import Batch, Sums, TrainState, Update

B = TypeVar("B")
_Shapes = tuple[tuple, ...]


def start(
  update: Update, state: TrainState, batches: Callable[[int], B]
) -> tuple[Update, Callable[[int], B]]:
  """Starts to compile an update for the first batch.

  Args:
    update: of `parallel.pmap`.
    state: shapes and types (`jax.ShapeDtypeStruct`) of a state whose arrays are all replicated.
    batches: step -> batch.

  Returns:
    An update that waits for its compilation, and the batches, which start one for each new shape.
  """
  if processes.count() > 1:
    return update, batches  # this update takes arrays of all processes
  early = _EarlyUpdate(update, state)
  early.prepare(batches(0))

  def prepared(step: int) -> B:
    batch = batches(step)
    early.prepare(batch)
    return batch

  return early, prepared


class _EarlyUpdate:
  """An update that is compiled before it is called."""

  def __init__(self, update: Update, state: TrainState):
    self._update = update
    self._state = state
    self._executor = concurrent.futures.ThreadPoolExecutor(1, "compilation")
    self._compiled: dict[_Shapes, concurrent.futures.Future] = {}

  def __call__(self, state: TrainState, batch: Batch) -> tuple[TrainState, Sums]:
    compiled = self._compiled.get(_shapes(batch))
    return (self._update if compiled is None else compiled.result())(state, batch)

  def prepare(self, batch: Batch) -> None:
    """Starts a compilation, unless there is one for batches of this shape."""
    sharded = parallel.shard(batch)
    shapes = _shapes(sharded)
    if shapes not in self._compiled:
      self._compiled[shapes] = self._executor.submit(self._compile, sharded)

  def _compile(self, batch: Batch) -> Update:
    return self._update.lower(self._state, batch).compile()


def _shapes(batch: Batch) -> _Shapes:
  return tuple((leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(batch))
