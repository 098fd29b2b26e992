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
  chosen = np.empty(size, bool)
  chosen[_stratified_order(strata, seed)] = np.diff(rounded) > 0
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
      f"{k} folds of {size} {what}; expected 2 or more, and no more than {what}.")
  folds = np.empty(size, np.int64)
  folds[_stratified_order(strata, seed)] = np.arange(size) % k
  return folds


def _stratified_order(strata: Sequence[Hashable], seed: int) -> np.ndarray:
  """Returns all indices, stratum after stratum, shuffled within each.

  Every n-th index in this order has an n-th of each stratum.
  """
  rank = {stratum: number for number, stratum in enumerate(sorted(set(strata)))}
  shuffled = np.random.default_rng(seed).permutation(len(strata))
  ranks = [rank[strata[i]] for i in shuffled]
  return shuffled[np.argsort(ranks, kind="stable")]
