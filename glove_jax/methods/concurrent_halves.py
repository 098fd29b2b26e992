"""The gradients of an update, computed on CPUs in two halves, by two cores at once.

Most operations of an update are too small to be split over the cores of a CPU, and each needs the
result of the one before it. The gradients of two halves of the blocks do not depend on each other:
XLA can run them at the same time (`compiler_options.concurrent`). Accelerators compute all blocks
together.
"""

import functools
from collections.abc import Callable, Mapping

import jax

from glove_jax.data.windows.blocks import WindowBatch
from glove_jax.methods.bounded_steps import LookUp, RowGradients
from glove_jax.train import Sum

LossAndGradients = tuple[Sum, dict[str, list[RowGradients]]]


def in_halves(loss_and_gradients: Callable[..., LossAndGradients]) -> Callable:
  """Returns a function that calls `loss_and_gradients` for each half of the blocks, on CPUs.

  It has the same arguments, and the same loss and sums of gradients.

  Args:
    loss_and_gradients: a function such as `negative_sampling.skipgram`, of the tables, paths and
      blocks, whose loss is a sum over blocks.
  """
  if jax.default_backend() != "cpu":
    return loss_and_gradients

  @functools.wraps(loss_and_gradients)
  def sum_of_halves(
    look_up: Mapping[str, LookUp], paths: LookUp, blocks: WindowBatch, **options
  ) -> LossAndGradients:
    losses = []
    gradients = {}
    for half in _halves(blocks):
      loss, half_gradients = loss_and_gradients(look_up, paths, half, **options)
      losses.append(loss)
      for table, rows in half_gradients.items():
        gradients.setdefault(table, []).extend(rows)
    loss = jax.tree.map(lambda *terms: sum(terms), *losses)
    return loss, gradients

  return sum_of_halves


def _halves(blocks: WindowBatch) -> list[WindowBatch]:
  """Splits B blocks, [B, ...], into two nearly equal parts; a single block stays one."""
  size = len(blocks.words)
  if size == 1:
    return [blocks]
  first = jax.tree.map(lambda array: array[: size // 2], blocks)
  second = jax.tree.map(lambda array: array[size // 2 :], blocks)
  return [first, second]
