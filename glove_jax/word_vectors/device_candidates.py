"""Finds candidates for the nearest rows on an accelerator, by JAX, which is imported late."""

import functools
import sys
from typing import NamedTuple

import numpy as np

EXTRA_ROWS = 8  # beyond those that are asked for, which rounding may have put behind them
MAX_SCORES = 1 << 28  # cosines on the device at once


class Found(NamedTuple):
  """The rows with the largest cosines in single precision, best first."""

  rows: np.ndarray    # [Q, n]
  scores: np.ndarray  # [Q, n]


def has_accelerator() -> bool:
  """Returns whether this process uses JAX already, and with an accelerator.

  A process that does without JAX does not import it here: that takes longer than a search, and a
  GPU's memory.
  """
  jax = sys.modules.get("jax")
  return jax is not None and jax.default_backend() != "cpu"


def find(units: np.ndarray, vectors: np.ndarray, norms: np.ndarray, count: int) -> Found:
  """Returns the `count` nearest rows to each query and a few more.

  Args:
    units: [Q, D] queries of norm 1.
    vectors, norms: [V, D] and [V].
    count: of nearest rows.
  """
  import jax

  best = _compiled(min(count + EXTRA_ROWS, len(vectors)))
  table = jax.device_put(vectors / norms[:, None])
  step = max(1, min(len(units), MAX_SCORES // len(vectors)))
  blocks = []
  for start in range(0, len(units), step):
    block = units[start : start + step]
    padding = step - len(block)  # so that all blocks have the shape that is compiled
    scores, rows = best(np.pad(block, ((0, padding), (0, 0))), table)
    blocks.append(Found(np.asarray(rows)[: len(block)], np.asarray(scores)[: len(block)]))
  return Found(*map(np.concatenate, zip(*blocks, strict=True)))


@functools.cache
def _compiled(num_rows: int):
  import jax

  def best(units, table):  # [Q, D], [V, D] -> [Q, num_rows] cosines, [Q, num_rows] rows
    products = jax.numpy.dot(units, table.T, precision=jax.lax.Precision.HIGHEST)
    return jax.lax.top_k(products, num_rows)

  return jax.jit(best)
