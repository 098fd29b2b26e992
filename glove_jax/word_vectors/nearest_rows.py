"""Finds the rows with the largest cosines to many vectors: exactly, by products of large blocks.

A block of cosines in single precision is reduced to the maxima of small groups of rows. The n-th
largest maximum is a lower bound of the n-th largest cosine, so that only the rows of some n groups
are left. Their cosines are computed again in double precision, rounded and sorted: that costs
little, and the order does not depend on the sizes of blocks.
"""

import functools
import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.word_vectors import cosines as cosines_lib
from glove_jax.word_vectors import device_candidates, threads

BACKENDS = ("auto", "numpy", "jax")
GROUP_SIZE = 32
MARGIN = 1e-5  # more than the rounding of a cosine in single precision
MAX_SCORES = 1 << 20  # cosines in the memory of a thread
MAX_MAXIMA = 1 << 24  # maxima of groups in memory
MIN_DEVICE_QUERIES = 32  # for fewer, the vectors are not worth moving to an accelerator


class Nearest(NamedTuple):
  """The rows nearest to a query, best first."""

  rows: np.ndarray    # [n]
  scores: np.ndarray  # [n] float32


class Candidates(NamedTuple):
  """Groups of rows among which the nearest of each query are."""

  queries: np.ndarray  # [P]
  rows: np.ndarray     # [P, G]; -1 where a group has fewer than G rows
  bounds: np.ndarray   # [Q]; the nearest rows have at least these cosines


def find(
  queries: np.ndarray,
  vectors: np.ndarray,
  norms: np.ndarray,
  count: int,
  *,
  exclude: Sequence[Iterable[int]] | None = None,
  backend: str = "auto",
) -> list[Nearest]:
  """Returns the rows with the largest cosines to each query.

  Args:
    queries: [Q, D].
    vectors, norms: [V, D] and [V].
    count: of rows for each query, at most.
    exclude: for each query the rows that must not be returned.
    backend: "numpy", "jax", or "auto": "jax" if there is an accelerator that this process uses.

  Returns:
    Q results, best first; of equal cosines the lower row is first.
  """
  excluded = [set(rows) for rows in exclude] if exclude is not None else [set()] * len(queries)
  if count < 1 or not len(vectors):
    nothing = Nearest(np.zeros(0, np.int64), np.zeros(0, np.float32))
    return [nothing] * len(queries)
  units = cosines_lib.normalize_rows(queries.astype(np.float64))
  find_candidates = _candidates
  if _use_device(backend, len(units)):
    find_candidates = _device_candidates
  step = max(1, MAX_MAXIMA * GROUP_SIZE // len(vectors))
  results = []
  for start in range(0, len(units), step):
    block = slice(start, start + step)
    num_rows = count + max(map(len, excluded[block]))
    candidates = find_candidates(units[block].astype(np.float32), vectors, norms, num_rows)
    ranked = _rank(units[block], vectors, norms, candidates)
    for nearest, rows_excluded in zip(ranked, excluded[block], strict=True):
      results.append(_without(nearest, rows_excluded, count))
  return results


def largest(scores: np.ndarray, count: int) -> np.ndarray:
  """Returns the positions [n] of the largest of scores [N], best first; of equals the lower one."""
  count = min(count, len(scores))
  if count < 1:
    return np.zeros(0, np.int64)
  last = len(scores) - count
  positions = np.flatnonzero(scores >= np.partition(scores, last)[last])
  order = np.argsort(-scores[positions], kind="stable")
  return positions[order][:count]


def _use_device(backend: str, num_queries: int) -> bool:
  if backend == "auto":
    return num_queries >= MIN_DEVICE_QUERIES and device_candidates.has_accelerator()
  return backend == "jax"


def _candidates(
  units: np.ndarray, vectors: np.ndarray, norms: np.ndarray, count: int
) -> Candidates:
  """Returns for queries [Q, D] the groups that hold their `count` nearest rows."""
  step = max(1, MAX_SCORES // len(units) // GROUP_SIZE) * GROUP_SIZE
  starts = range(0, len(vectors), step)
  reduce_block = functools.partial(_group_maxima, units, vectors, norms)
  blocks = threads.map_blocks(reduce_block, starts, [start + step for start in starts])
  bounds = _lower_bounds(blocks, count) - MARGIN
  select = functools.partial(_reaching_groups, bounds)
  first_groups = [start // GROUP_SIZE for start in starts]
  selected = threads.map_blocks(select, blocks, first_groups)
  groups, queries = map(np.concatenate, zip(*selected, strict=True))
  return Candidates(queries, _group_rows(groups, len(vectors)), bounds)


def _group_maxima(
  units: np.ndarray, vectors: np.ndarray, norms: np.ndarray, start: int, stop: int
) -> np.ndarray:
  """Returns the maxima [groups, Q] of the cosines of groups of rows in a block."""
  scores = cosines_lib.cosines(vectors[start:stop], norms[start:stop], units)
  padding = -len(scores) % GROUP_SIZE
  if padding:
    scores = np.pad(scores, ((0, padding), (0, 0)), constant_values=-np.inf)
  return scores.reshape(-1, GROUP_SIZE, len(units)).max(1)


def _group_rows(groups: np.ndarray, num_rows: int) -> np.ndarray:
  """Returns the rows [P, G] of groups [P]; -1 beyond the last row."""
  rows = GROUP_SIZE * groups[:, None] + np.arange(GROUP_SIZE)
  return np.where(rows < num_rows, rows, -1)


def _lower_bounds(blocks: Sequence[np.ndarray], count: int) -> np.ndarray:
  """Returns lower bounds [Q] of the `count`-th largest scores of groups with maxima [groups, Q]."""
  if len(blocks) >= 4 * count:  # maxima of maxima are bounds too, and sooner sorted
    maxima = np.stack([block.max(0) for block in blocks])
  else:
    maxima = np.concatenate(blocks)
  if len(maxima) < count:
    return np.full(maxima.shape[1], -np.inf)
  negative = np.where(np.isnan(maxima), np.inf, -maxima)
  return -np.partition(negative, count - 1, axis=0)[count - 1]


def _reaching_groups(
  bounds: np.ndarray, maxima: np.ndarray, first_group: int
) -> tuple[np.ndarray, np.ndarray]:
  """Returns the groups [P] of a block that reach the bounds of queries, and these queries [P]."""
  # Not a number, where a product overflowed, may be anything.
  groups, queries = np.nonzero(~(maxima < bounds))
  return groups + first_group, queries


def _device_candidates(
  units: np.ndarray, vectors: np.ndarray, norms: np.ndarray, count: int
) -> Candidates:
  """As `_candidates`, on an accelerator; NumPy takes over where too many cosines are equal."""
  found = device_candidates.find(units, vectors, norms, count)
  bounds = found.scores[:, min(count, len(vectors)) - 1] - MARGIN
  is_complete = found.rows.shape[1] == len(vectors) or (found.scores[:, -1] < bounds).all()
  if not is_complete:
    return _candidates(units, vectors, norms, count)
  return Candidates(np.arange(len(units)), found.rows, bounds)


def _rank(
  units: np.ndarray, vectors: np.ndarray, norms: np.ndarray, candidates: Candidates
) -> list[Nearest]:
  """Returns for each query those candidates that reach its bound, best first."""
  num_groups, group_size = candidates.rows.shape
  step = max(1, MAX_SCORES // (group_size * vectors.shape[1]))
  score_block = functools.partial(_exact_scores, units, vectors, norms, candidates)
  blocks = [slice(start, start + step) for start in range(0, num_groups, step)]
  scored = threads.map_blocks(score_block, blocks)
  queries, rows, scores = map(np.concatenate, zip(*scored, strict=True))
  order = np.lexsort((rows, -scores, queries))
  ends = np.searchsorted(queries[order], np.arange(len(units) + 1))
  ranked = []
  for start, stop in itertools.pairwise(ends):
    best = order[start:stop]
    ranked.append(Nearest(rows[best], scores[best]))
  return ranked


def _exact_scores(
  units: np.ndarray, vectors: np.ndarray, norms: np.ndarray, candidates: Candidates, block: slice
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
  """Returns the queries, rows and cosines [n] of those candidates that reach the bounds."""
  rows = candidates.rows[block]
  queries = candidates.queries[block]
  products = np.einsum("pgd,pd->pg", vectors[rows].astype(np.float64), units[queries])
  scores = (products / norms[rows]).astype(np.float32)
  reaches_bound = (rows >= 0) & ~(scores < candidates.bounds[queries, None] - MARGIN)
  pairs, _ = np.nonzero(reaches_bound)
  return queries[pairs], rows[reaches_bound], scores[reaches_bound]


def _without(nearest: Nearest, excluded: set[int], count: int) -> Nearest:
  """Returns the best `count` without the rows that are excluded."""
  if not excluded:
    return Nearest(nearest.rows[:count], nearest.scores[:count])
  kept = [place for place, row in enumerate(nearest.rows.tolist()) if row not in excluded]
  return Nearest(nearest.rows[kept[:count]], nearest.scores[kept[:count]])
