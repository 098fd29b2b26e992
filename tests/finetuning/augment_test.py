"""The four changes of EDA."""

import numpy as np
import pytest

from glove_jax.finetuning import augment
from glove_jax.word_vectors import WordVectors

NEAR = np.stack([np.arange(40) + 100, np.full(40, -1)], 1)
IDS = np.arange(20, dtype=np.int32)


@pytest.mark.parametrize("seed", range(5))
def test_each_operation_changes_what_it_should(seed):
  replaced = augment._replace(IDS, np.random.default_rng(seed), NEAR, 2)
  where = np.flatnonzero(replaced != IDS)
  assert len(where) == 2 and (replaced[where] == IDS[where] + 100).all()
  inserted = augment._insert(IDS, np.random.default_rng(seed), NEAR, 2)
  assert (
    len(inserted) == 22 and (inserted[inserted < 100] == IDS).all() and (inserted >= 100).sum() == 2
  )
  swapped = augment._swap(IDS, np.random.default_rng(seed), 2)
  assert sorted(swapped) == IDS.tolist() and (swapped != IDS).sum() <= 4
  deleted = augment._delete(IDS, np.random.default_rng(seed), 0.1)
  assert set(deleted) <= set(IDS) and (np.diff(deleted) > 0).all()
  assert len(augment._delete(IDS[:1], np.random.default_rng(seed), 1.0)) == 1


def test_all_four_operations_depend_on_the_generator_alone():
  rngs = [np.random.default_rng(7) for _ in range(2)]
  changed = [[augment.eda(IDS, rng, NEAR).tolist() for _ in range(30)] for rng in rngs]
  assert changed[0] == changed[1] and len({len(ids) for ids in changed[0]}) > 2
  assert augment.eda(IDS[:0], rngs[0], NEAR).tolist() == []


def test_neighbours_are_words_with_vectors():
  vectors = WordVectors(["a", "b", "c", "far"], np.float32([[1, 0], [1, 0.1], [0, 1], [-1, -1]]))
  table = augment.neighbours(["x", "c", "b", "a"], vectors, 2)
  assert table.tolist() == [[-1, -1], [2, 3], [3, 1], [2, 1]]
