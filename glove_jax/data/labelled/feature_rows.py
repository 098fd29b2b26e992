"""The rows of params that stand for the features of texts.

Features that occur equally often in each text have equal gradients, so that the vectors of n such
features move by equal amounts. One row stands for all of them. It holds the sum of their vectors
divided by sqrt(n), which is the coordinate along which they move: gradient descent on it gives the
same predictions for the training texts as gradient descent on n vectors.
"""

from typing import NamedTuple

import numpy as np

from glove_jax.data.labelled.fasttext_bags import FeatureBags


class FeatureRows(NamedTuple):
  """The rows of F features among R rows of params."""

  features: np.ndarray  # [F] int64, ascending; other features have no row and count as zeros
  rows: np.ndarray      # [F] int64, of each feature
  weights: np.ndarray   # [R] float32, 1 / sqrt(n) for a row of n features

  def vectors(self, table: np.ndarray) -> np.ndarray:
    """Returns the vectors of the features, [F, D], from the rows of params, [R, D]."""
    return (self.weights[:, None] * table)[self.rows]


def separate(num_features: int) -> FeatureRows:
  """Returns a row for each feature."""
  numbers = np.arange(num_features)
  return FeatureRows(numbers, numbers, np.ones(num_features, np.float32))


def share(bags: FeatureBags, num_features: int) -> tuple[FeatureRows, FeatureBags]:
  """Returns the rows of the features that occur in bags, and the bags with rows for features.

  Rows are in the order of their first features.

  Args:
    bags: of N texts.
    num_features: features that can occur.
  """
  sizes = np.diff(bags.indptr)
  # The sum of random numbers of the texts where a feature occurs, modulo 2^64: other texts have the
  # same sum with a probability of 2^-64.
  numbers = np.random.default_rng(0).integers(0, 1 << 64, len(sizes), np.uint64, endpoint=False)
  occurs = np.zeros(num_features, bool)  # faster than sorting
  occurs[bags.rows] = True
  features = np.flatnonzero(occurs)
  positions = (np.cumsum(occurs) - 1)[bags.rows]
  sums = np.zeros(len(features), np.uint64)
  np.add.at(sums, positions, np.repeat(numbers, sizes))
  _, first, row, counts = np.unique(
    sums, return_index=True, return_inverse=True, return_counts=True
  )
  order = np.argsort(first)
  rank = np.empty_like(order)
  rank[order] = np.arange(len(order))
  rows = rank[row]
  weights = 1 / np.sqrt(counts[order], dtype=np.float32)
  return FeatureRows(features, rows, weights), bags._replace(rows=rows[positions])
