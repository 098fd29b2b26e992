"""Parts have the requested size, the same share of every stratum, and depend on the seed alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.labelled import splits
from glove_jax.errors import InputError

STRATA = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60)


def evenly(strata, chosen, fraction, within):
  """Returns whether each run of sorted strata has about the same fraction chosen."""
  order = sorted(set(strata))
  for start in range(len(order)):
    for end in range(start + 1, len(order) + 1):
      inside = np.array([stratum in order[start:end] for stratum in strata])
      if abs(chosen[inside].sum() - fraction * inside.sum()) > within + 1e-9:
        return False
  return True


@settings(deadline=None)
@given(STRATA, st.floats(0.01, 0.99), st.integers(0, 3))
def test_a_mask_has_the_same_share_of_every_stratum(strata, fraction, seed):
  chosen = splits.stratified_mask(strata, fraction, seed=seed)
  assert abs(chosen.sum() - fraction * len(strata)) <= 0.5 + 1e-9
  assert evenly(strata, chosen, fraction, 1)


@settings(deadline=None)
@given(STRATA, st.integers(2, 12), st.integers(0, 3))
def test_folds_have_the_same_share_of_every_stratum(strata, k, seed):
  k = min(k, len(strata))
  fold = splits.stratified_folds(strata, k, seed=seed)
  assert set(fold) == set(range(k))
  assert all(evenly(strata, fold == i, 1 / k, 1) for i in range(k))
  for i, (others, inside) in enumerate(splits.fold_indices(strata, k, seed=seed)):
    assert (fold[inside] == i).all() and (fold[others] != i).all()
    assert sorted([*others, *inside]) == list(range(len(strata)))


def test_parts_are_functions_of_the_seed():
  strata = [i % 3 for i in range(60)]
  for part in (
    lambda seed: splits.stratified_mask(strata, 0.5, seed=seed),
    lambda seed: splits.stratified_folds(strata, 5, seed=seed),
  ):
    assert np.array_equal(part(1), part(1))
    assert not np.array_equal(part(1), part(2))


def test_impossible_splits_are_errors():
  for fraction in (0, 1, -0.5, float("nan")):
    with pytest.raises(InputError, match="expected between 0 and 1"):
      splits.stratified_mask([0] * 9, fraction, seed=0)
  for k in (1, 10):
    with pytest.raises(
      InputError, match=f"{k} folds of 9 rows, expected 2 or more, and no more than rows"
    ):
      splits.stratified_folds([0] * 9, k, seed=0, what="rows")
