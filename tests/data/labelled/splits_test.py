"""Parts are of the size that was asked for, of every kind alike, and functions of the seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.labelled import splits
from glove_jax.errors import InputError

KINDS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60)


def evenly(kinds, chosen, fraction, within):
  """Whether of all runs of kinds in their order about a fraction is chosen, so that of each kind too."""
  order = sorted(set(kinds))
  for start in range(len(order)):
    for end in range(start + 1, len(order) + 1):
      own = np.array([kind in order[start:end] for kind in kinds])
      if abs(chosen[own].sum() - fraction * own.sum()) > within + 1e-9:
        return False
  return True


@settings(deadline=None)
@given(KINDS, st.floats(0.01, 0.99), st.integers(0, 3))
def test_a_share_is_of_every_kind_alike(kinds, fraction, seed):
  chosen = splits.stratified_mask(kinds, fraction, seed=seed)
  assert abs(chosen.sum() - fraction * len(kinds)) <= 0.5 + 1e-9
  assert evenly(kinds, chosen, fraction, 1)


@settings(deadline=None)
@given(KINDS, st.integers(2, 12), st.integers(0, 3))
def test_folds_are_of_every_kind_alike(kinds, k, seed):
  k = min(k, len(kinds))
  fold = splits.stratified_folds(kinds, k, seed=seed)
  assert set(fold) == set(range(k))
  assert all(evenly(kinds, fold == i, 1 / k, 1) for i in range(k))


def test_parts_are_functions_of_the_seed():
  kinds = [i % 3 for i in range(60)]
  for part in (lambda seed: splits.stratified_mask(kinds, 0.5, seed=seed), lambda seed: splits.stratified_folds(kinds, 5, seed=seed)):
    assert np.array_equal(part(1), part(1))
    assert not np.array_equal(part(1), part(2))


def test_parts_that_make_no_sense():
  for fraction in (0, 1, -0.5, float("nan")):
    with pytest.raises(InputError, match="expected between 0 and 1"):
      splits.stratified_mask([0] * 9, fraction, seed=0)
  for k in (1, 10):
    with pytest.raises(InputError, match=f"{k} folds of 9 rows; expected 2 or more, and no more than rows"):
      splits.stratified_folds([0] * 9, k, seed=0, what="rows")
