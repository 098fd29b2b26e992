"""Batches have every bag once an epoch, each row of an update once, and bounded sizes."""

import collections

import numpy as np
import pytest

from glove_jax.data.labelled import bag_batches
from glove_jax.data.labelled.fasttext_bags import FeatureBags


def bags_of(batch):
  """From a batch back to its bags: (labels, {row: share}) of each that holds any."""
  for b, update in np.ndindex(batch.mean.shape[:2]):
    mean, rows = batch.mean[b, update], batch.rows[:, update]
    if mean.any():
      label_ids = batch.labels[b, update]
      yield (
        tuple(label_ids[label_ids > 0] - 1),
        dict(zip(rows[mean > 0] - 1, mean[mean > 0], strict=True)),
      )


@pytest.mark.parametrize(
  "size,batch_size,updates", [(103, 8, 4), (5, 8, 4), (30, 1, 7), (64, 64, 1), (9, 8, 64)]
)
def test_every_bag_is_seen_once_an_epoch(size, batch_size, updates):
  rng = np.random.default_rng(0)
  sizes = rng.geometric(0.1, size)
  row_ids = [rng.integers(0, 40, n) for n in sizes]
  data = FeatureBags(np.concatenate([[0], np.cumsum(sizes)]), np.concatenate(row_ids))
  labels = [(number % 7, 7)[: 1 + number % 2] for number in range(size)]
  batches = bag_batches.bag_batches(
    data, labels, batch_size=batch_size, updates_per_step=updates, seed=3
  )

  def key(label, shares):
    return label, tuple(sorted((int(row), round(float(share), 5)) for row, share in shares.items()))

  expected = collections.Counter(
    key(label, {row: n / len(rows) for row, n in collections.Counter(rows.tolist()).items()})
    for label, rows in zip(labels, row_ids, strict=True)
  )
  steps = range(batches.steps_per_epoch)
  for epoch in (0, 1):
    made = [batches.batch(epoch * len(steps) + step) for step in steps]
    assert len({tuple(array.shape for array in batch) for batch in made}) == 1
    assert collections.Counter(key(*bag) for batch in made for bag in bags_of(batch)) == expected
    for rows in (
      batch.rows[:, update] for batch in made for update in range(batches.updates_per_step)
    ):
      assert len(set(rows[rows > 0])) == (rows > 0).sum()
  again = bag_batches.bag_batches(
    data, labels, batch_size=batch_size, updates_per_step=updates, seed=3
  ).batch(len(steps))
  for one, two in zip(again, batches.batch(len(steps)), strict=True):
    np.testing.assert_array_equal(one, two)
  if size > 64:
    assert not np.array_equal(batches.batch(0).labels, batches.batch(len(steps)).labels)
    assert batches.batch(0).mean.shape[2] <= batch_size * sizes.mean() + sizes.max() + 64


def test_an_update_of_more_rows_than_those_of_the_first_batch_is_whole():
  sizes = [3] * 99 + [1000]
  data = FeatureBags(np.concatenate([[0], np.cumsum(sizes)]), np.arange(sum(sizes)))
  batches = bag_batches.bag_batches(
    data, [(0,)] * 100, batch_size=2, updates_per_step=5, seed=1
  )
  made = [batches.batch(step) for step in range(10)]
  rows = np.concatenate([batch.rows[batch.rows > 0] for batch in made])
  assert sorted(rows) == list(range(1, sum(sizes) + 1))
  widths = [batch.mean.shape[2] for batch in made]
  assert sorted(widths) == [16] * 9 + [1008]


def test_an_update_of_more_rows_swaps_bags_with_the_smallest_one(monkeypatch):
  """Bags of one size have 1 or 20 rows."""
  rng = np.random.default_rng(7)
  row_ids = np.arange(4000 * 20).reshape(4000, 20)
  row_ids[rng.random(4000) < 0.5] = 0
  data = FeatureBags(np.arange(0, 4000 * 20 + 1, 20), row_ids.ravel())

  def made():
    batches = bag_batches.bag_batches(data, [(0,)] * 4000, batch_size=8, updates_per_step=50)
    return [batches.batch(step) for step in range(10 * batches.steps_per_epoch)]

  monkeypatch.setattr(bag_batches, "_DEVIATIONS", 1)
  monkeypatch.setattr(bag_batches, "_round_up", lambda rows: rows)
  monkeypatch.setattr(bag_batches, "_SWAPS", 0)
  widths = {batch.mean.shape[2] for batch in made()}
  assert len(widths) == 2  # some batches are wide
  monkeypatch.setattr(bag_batches, "_SWAPS", 100)
  swapped = made()
  assert {batch.mean.shape[2] for batch in swapped} == {min(widths)}
  rows = np.concatenate([batch.rows[batch.rows > 1] for batch in swapped])
  assert sorted(rows) == sorted(np.repeat(1 + np.unique(row_ids[row_ids > 0]), 10))


def test_weights_multiply_the_shares_of_rows():
  data = FeatureBags(np.array([0, 3, 4]), np.array([1, 0, 1, 2]))
  weights = np.array([1, 0.5, 0.25], np.float32)
  batch = bag_batches.bag_batches(data, [(0,), (0,)], batch_size=2, weights=weights).batch(0)
  bags = [{int(row): float(share) for row, share in shares.items()} for _, shares in bags_of(batch)]
  expected = [{0: 1 / 3, 1: 1 / 3}, {2: 0.25}]
  assert sorted(map(str, map(sorted, bags))) == sorted(map(str, map(sorted, expected)))
  for bag in bags:
    assert bag == pytest.approx(expected[0] if 0 in bag else expected[1])


def test_batches_of_long_texts_have_few_updates():
  data = FeatureBags(
    np.arange(0, 400_001, 2000), np.random.default_rng(0).integers(0, 9000, 400_000)
  )
  batches = bag_batches.bag_batches(data, [(0,)] * 200, batch_size=10, updates_per_step=64)
  assert batches.batch(0).mean.size <= 1 << 20
  assert (batches.updates_per_step, batches.steps_per_epoch) == (5, 4)


def test_a_bag_without_features_has_no_label():
  data = FeatureBags(np.array([0, 2, 2, 3]), np.array([4, 5, 6]))
  batch = bag_batches.bag_batches(data, [(0,), (1,), (2,)], batch_size=3).batch(0)
  assert sorted(batch.labels.ravel().tolist()) == [0, 1, 3]
  assert not batch.labels[batch.mean.sum(2) == 0].any()


def test_labels_of_a_text_have_equal_shares():
  data = FeatureBags(np.array([0, 2, 2, 3, 4]), np.array([4, 5, 6, 7]))
  labels = [(0, 1, 2), (1,), (2,), (0, 3)]  # the second bag has no features
  batch = bag_batches.bag_batches(data, labels, batch_size=2).batch(0)
  shares = batch.label_share[..., None] * (batch.labels > 0)
  assert batch.label_share.dtype == np.float32
  np.testing.assert_allclose(shares.sum(2), batch.labels.any(2), rtol=1e-6)
  assert sorted(batch.label_share.ravel()) == pytest.approx([0, 1 / 3, 1 / 2, 1])
