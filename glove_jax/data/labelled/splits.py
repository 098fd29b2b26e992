"""Stratified random splits of examples into parts for training and testing."""

from collections.abc import Hashable, Sequence

import numpy as np

from glove_jax.errors import InputError


def stratified_mask(strata: Sequence[Hashable], fraction: float, *, seed: int) -> np.ndarray:
  """Chooses a fraction of the examples at random, and the same fraction of each stratum.

  Both are exact to within one example; so is that of any strata that are neighbours when sorted.

  Args:
    strata: the stratum of each of N examples; they can be sorted.
    fraction: between 0 and 1.
    seed: of the choice.

  Returns:
    [N] bool, True for the chosen examples.

  Raises:
    InputError: the fraction is not between 0 and 1.
  """
  if not 0 < fraction < 1:
    raise InputError(f"fraction is {fraction:g}, expected between 0 and 1.")
  size = len(strata)
  expected = fraction * np.arange(size + 1)  # examples chosen among the first 0, 1, 2, ...
  rounded = np.floor(expected + 0.5)
  order = _stratified_order(strata, seed)
  chosen = np.empty(size, bool)
  chosen[order] = np.diff(rounded) > 0
  return chosen


def stratified_folds(
  strata: Sequence[Hashable], k: int, *, seed: int, what: str = "texts"
) -> np.ndarray:
  """Assigns examples to k folds at random, each stratum evenly to within one example.

  Args:
    strata: the stratum of each of N examples; they can be sorted.
    k: number of folds.
    seed: of the assignment.
    what: what the examples are called in error messages.

  Returns:
    [N] int64, the fold of each example, from 0.

  Raises:
    InputError: k is less than 2 or more than N.
  """
  size = len(strata)
  if not 2 <= k <= size:
    raise InputError(
      f"{k} folds of {size} {what}, expected 2 or more, and no more than {what}.")
  folds = np.empty(size, np.int64)
  folds[_stratified_order(strata, seed)] = np.arange(size) % k
  return folds


def fold_indices(
  strata: Sequence[Hashable], k: int, *, seed: int, what: str = "texts"
) -> list[tuple[np.ndarray, np.ndarray]]:
  """Returns (indices of the other examples, of the fold) for each fold of `stratified_folds`."""
  folds = stratified_folds(strata, k, seed=seed, what=what)
  indices = []
  for fold in range(k):
    inside = folds == fold
    indices.append((np.flatnonzero(~inside), np.flatnonzero(inside)))
  return indices


def _stratified_order(strata: Sequence[Hashable], seed: int) -> np.ndarray:
  """Returns all indices, stratum after stratum, shuffled within each.

  Every n-th index in this order has an n-th of each stratum.
  """
  ordered = sorted(set(strata))
  rank = dict(zip(ordered, range(len(ordered)), strict=True))
  ranks = np.array([rank[stratum] for stratum in strata])
  shuffled = np.random.default_rng(seed).permutation(len(strata))
  by_rank = np.argsort(ranks[shuffled], kind="stable")
  return shuffled[by_rank]
