import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_jax.data.counts import cooccurrence, record_batches


@pytest.fixture(scope="module")
def store(tmp_path_factory):
  ids = np.random.default_rng(0).zipf(1.3, 4000) % 300
  folder = tmp_path_factory.mktemp("counts") / "store"
  return cooccurrence.count([ids.astype(np.int32)], folder, vocab_size=300, window=4)


def records(batch):
  row, col, count = batch
  return [(int(r), int(c), float(x)) for r, c, x in zip(row, col, count, strict=True) if x > 0]


def expected(store):
  rows = store.rows(np.arange(store.nonzeros))
  return sorted(zip(rows.tolist(), store.cols.tolist(), store.counts.astype(np.float32).tolist(), strict=True))


@pytest.mark.parametrize("batch_size", [64, 1000, 100_000])
@pytest.mark.parametrize("group", [2048, 1 << 20])
def test_every_record_comes_once_an_epoch(store, monkeypatch, batch_size, group):
  monkeypatch.setattr(record_batches, "_GROUP", group)
  made = record_batches.count_batches(store, batch_size=batch_size, seed=1)
  for epoch in range(2):
    steps = range(epoch * made.steps_per_epoch, (epoch + 1) * made.steps_per_epoch)
    parts = [made.batch(step) for step in steps]
    assert all(len(array) == batch_size for part in parts for array in part)
    assert sorted(record for part in parts for record in records(part)) == expected(store)


def test_a_batch_is_a_function_of_seed_and_step(store):
  one, two = (record_batches.count_batches(store, batch_size=100, seed=1) for _ in range(2))
  late = [array.tolist() for array in two.batch(250)]  # straight away, and after all those before it
  assert [array.tolist() for array in [one.batch(step) for step in range(251)][-1]] == late
  other = record_batches.count_batches(store, batch_size=100, seed=2)
  assert [array.tolist() for array in other.batch(250)] != late


def test_epochs_differ_and_neighbours_are_apart(store):
  made = record_batches.count_batches(store, batch_size=200, seed=1)
  first, again = made.batch(0), made.batch(made.steps_per_epoch)
  assert records(first) != records(again)
  assert len(set(first[0].tolist())) > 40  # rows of one batch; in the store's order it would be one or two


def test_groups_are_of_even_size(store, monkeypatch):
  monkeypatch.setattr(record_batches, "_GROUP", 2048)
  made = record_batches.count_batches(store, batch_size=64, seed=1)
  # The last batches come from as many different rows as the first: a small last group would hold a chunk or two.
  variety = [len(set(made.batch(step)[0].tolist())) for step in range(made.steps_per_epoch - 1)]
  assert min(variety) > 0.4 * np.mean(variety)


def test_held_out_pairs_are_never_trained_on_in_either_direction(store):
  made = record_batches.count_batches(store, batch_size=128, seed=1, held_out=0.2)
  trained = {r for step in range(made.steps_per_epoch) for r in records(made.batch(step))}
  held = {record for batch in made.held_out() for record in records(batch)}
  assert sorted(trained | held) == expected(store)
  assert not trained & held
  assert {(col, row) for row, col, _ in held} == {(row, col) for row, col, _ in held}
  assert 0.15 < len(held) / store.nonzeros < 0.25


def test_no_held_out_unless_asked(store):
  assert list(record_batches.count_batches(store, batch_size=128, seed=1).held_out()) == []


@given(st.integers(1, 5000), st.integers(0, 2**30))
def test_permute_is_a_bijection(size, seed):
  assert sorted(record_batches.permute(np.arange(size), size, seed=seed).tolist()) == list(range(size))


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
