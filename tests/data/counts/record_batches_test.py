import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_jax.data.counts import cooccurrence, record_batches


@pytest.fixture(scope="module")
def store(tmp_path_factory):
  ids = np.random.default_rng(0).zipf(1.3, 4000) % 300
  folder = tmp_path_factory.mktemp("counts") / "store"
  window = cooccurrence.Window(4)
  return cooccurrence.count([ids.astype(np.int32)], folder, vocab_size=300, window=window)


def records(batch):
  """Returns [(row, col, count)] without the padding."""
  used = batch.count > 0
  return list(zip(*[array[used].tolist() for array in batch], strict=True))


def expected_records(store):
  rows = store.rows(np.arange(store.nonzeros))
  counts = store.counts.astype(np.float32)
  return sorted(zip(rows.tolist(), store.cols.tolist(), counts.tolist(), strict=True))


@pytest.mark.parametrize("batch_size", [64, 1000, 100_000])
@pytest.mark.parametrize("group", [2048, 1 << 20])
def test_every_record_comes_once_an_epoch(store, monkeypatch, batch_size, group):
  monkeypatch.setattr(record_batches, "_GROUP", group)
  batches = record_batches.count_batches(store, batch_size=batch_size, seed=1)
  for epoch in range(2):
    steps = range(epoch * batches.steps_per_epoch, (epoch + 1) * batches.steps_per_epoch)
    epoch_records = []
    for batch in map(batches.batch, steps):
      assert all(len(array) == batch_size for array in batch)
      epoch_records += records(batch)
    assert sorted(epoch_records) == expected_records(store)


def test_a_batch_is_a_function_of_seed_and_step(store):
  def rows_of(seed, steps):
    batches = record_batches.count_batches(store, batch_size=100, seed=seed)
    return [batches.batch(step).row.tolist() for step in steps][-1]

  direct = rows_of(1, [250])
  assert rows_of(1, range(251)) == direct
  assert rows_of(2, [250]) != direct


def test_epochs_differ_and_neighbours_are_apart(store):
  batches = record_batches.count_batches(store, batch_size=200, seed=1)
  first = batches.batch(0)
  next_epoch = batches.batch(batches.steps_per_epoch)
  assert records(first) != records(next_epoch)
  assert len(set(first.row.tolist())) > 40  # in the store's order it would be one or two


def test_groups_are_of_even_size(store, monkeypatch):
  monkeypatch.setattr(record_batches, "_GROUP", 2048)
  batches = record_batches.count_batches(store, batch_size=64, seed=1)
  # The last batches have as many different rows as the first: a small last group would hold a
  # chunk or two.
  steps = range(batches.steps_per_epoch - 1)
  variety = [len(set(batches.batch(step).row.tolist())) for step in steps]
  assert min(variety) > 0.4 * np.mean(variety)


def test_held_out_pairs_are_never_trained_on_in_either_direction(store):
  batches = record_batches.count_batches(store, batch_size=128, seed=1, held_out=0.2)
  trained = set()
  for step in range(batches.steps_per_epoch):
    trained.update(records(batches.batch(step)))
  held_out = set()
  for batch in batches.held_out():
    assert len(batch.row) == 128
    held_out.update(records(batch))
  assert sorted(trained | held_out) == expected_records(store)
  assert not trained & held_out
  pairs = {(row, col) for row, col, _ in held_out}
  assert pairs == {(col, row) for row, col in pairs}
  assert 0.15 < len(held_out) / store.nonzeros < 0.25


def test_no_held_out_unless_asked(store):
  batches = record_batches.count_batches(store, batch_size=128, seed=1)
  assert list(batches.held_out()) == []


@given(st.integers(1, 5000), st.integers(0, 2**30))
def test_permute_is_a_bijection(size, seed):
  values = record_batches.permute(np.arange(size), size, seed=seed)
  assert sorted(values.tolist()) == list(range(size))


def test_permute_needs_no_memory_for_the_whole():
  positions = np.array([0, 1, 10**15 - 1])
  values = record_batches.permute(positions, 10**15, seed=3)
  assert len(set(values.tolist())) == 3
  assert ((values >= 0) & (values < 10**15)).all()
  np.testing.assert_array_equal(values[1:2], record_batches.permute(positions[1:2], 10**15, seed=3))


def test_permute_looks_random():
  values = record_batches.permute(np.arange(10_000), 10_000, seed=0)
  assert abs(np.corrcoef(values, np.arange(10_000))[0, 1]) < 0.05
  assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 0.05
