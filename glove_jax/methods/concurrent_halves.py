"""The gradients of an update, computed on CPUs in two halves, by two cores at once.

Most operations of an update are too small to be split over the cores of a CPU, and each needs the
result of the one before it. The gradients of two halves of the blocks do not depend on each other:
XLA can run them at the same time (`compiler_options.concurrent`). Accelerators compute all blocks
together.
"""

import functools
import operator
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
      blocks, whose loss is a sum over blocks; `input_ids`, if given, are halved as the blocks are.
  """
  if jax.default_backend() != "cpu":
    return loss_and_gradients

  @functools.wraps(loss_and_gradients)
  def sum_of_halves(
    look_up: Mapping[str, LookUp], paths: LookUp, blocks: WindowBatch, input_ids=None, **options
  ) -> LossAndGradients:
    losses = []
    gradients = {}
    for half in halves(len(blocks.words)):
      if input_ids is not None:
        options["input_ids"] = input_ids[half]
      half_blocks = jax.tree.map(operator.itemgetter(half), blocks)
      loss, half_gradients = loss_and_gradients(look_up, paths, half_blocks, **options)
      losses.append(loss)
      for table, rows in half_gradients.items():
        gradients.setdefault(table, []).extend(rows)
    loss = jax.tree.map(lambda *terms: sum(terms), *losses)
    return loss, gradients

  return sum_of_halves


def halves(size: int) -> list[slice]:
  """Returns two nearly equal parts of an axis on CPUs, all of it on accelerators."""
  if jax.default_backend() != "cpu" or size < 2:
    return [slice(None)]
  return [slice(0, size // 2), slice(size // 2, None)]
