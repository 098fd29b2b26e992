"""Examples divided at random, and yet of every kind alike: the parts to train and to test on."""

from collections.abc import Hashable, Sequence

import numpy as np

from glove_jax.errors import InputError


def stratified_mask(kinds: Sequence[Hashable], fraction: float, *, seed: int) -> np.ndarray:
  """[N] bool: a `fraction` of the examples, chosen by `seed` and of every kind alike, to within an example.

  Args:
    kinds: of each example; they can be sorted, and of a run of kinds in their order as many are taken, too.

  Raises:
    InputError: the fraction is not between 0 and 1.
  """
  if not 0 < fraction < 1:
    raise InputError(f"fraction is {fraction:g}, expected between 0 and 1.")
  chosen = np.empty(len(kinds), bool)
  chosen[_by_kind(kinds, seed)] = np.diff(np.floor(fraction * np.arange(len(kinds) + 1) + 0.5)) > 0
  return chosen


def stratified_folds(kinds: Sequence[Hashable], k: int, *, seed: int, what: str = "texts") -> np.ndarray:
  """[N] int: which of k parts each example is in; every part has of every kind alike, to within an example.

  Args:
    kinds: as of `share`.
    what: the examples are called.

  Raises:
    InputError: k is less than 2 or more than there are examples.
  """
  if not 2 <= k <= len(kinds):
    raise InputError(f"{k} folds of {len(kinds)} {what}; expected 2 or more, and no more than {what}.")
  fold = np.empty(len(kinds), np.int64)
  fold[_by_kind(kinds, seed)] = np.arange(len(fold)) % k
  return fold


def _by_kind(kinds: Sequence[Hashable], seed: int) -> np.ndarray:
  """All places, kind after kind, shuffled within each: every n-th of them has n times fewer of every kind."""
  rank = {kind: number for number, kind in enumerate(sorted(set(kinds)))}
  order = np.random.default_rng(seed).permutation(len(kinds))
  return order[np.argsort([rank[kinds[i]] for i in order], kind="stable")]
