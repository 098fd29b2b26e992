"""Random draws from a discrete distribution in constant time."""

from typing import NamedTuple

import numpy as np


class AliasSampler(NamedTuple):
  """Draws from a distribution over V values by the alias method (Walker 1977)."""

  threshold: np.ndarray  # [V] float32, the probability that a draw of column i yields i itself
  alias: np.ndarray      # [V] int32, the value that it yields otherwise

  def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Returns independent draws, an int32 array of this shape."""
    columns = rng.integers(len(self.threshold), size=shape, dtype=np.int32)
    uniform = rng.random(shape, np.float32)
    keep = uniform < self.threshold[columns]
    return np.where(keep, columns, self.alias[columns])


def alias_sampler(weights: np.ndarray) -> AliasSampler:
  """Returns a sampler that draws i with probability weights[i] / sum(weights).

  Args:
    weights: [V], none negative.
  """
  scaled = weights / weights.sum() * len(weights)
  threshold = scaled.tolist()
  alias = list(range(len(threshold)))
  small = np.flatnonzero(scaled < 1).tolist()
  large = np.flatnonzero(scaled >= 1).tolist()
  while small and large:  # fill up a column below 1 from one above
    low = small.pop()
    high = large[-1]
    alias[low] = high
    threshold[high] -= 1 - threshold[low]
    if threshold[high] < 1:
      large.pop()
      small.append(high)
  for column in small + large:  # the rest differs from 1 by rounding only
    threshold[column] = 1.0
  return AliasSampler(
    threshold=np.array(threshold, np.float32),
    alias=np.array(alias, np.int32),
  )
