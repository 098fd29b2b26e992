"""Dense counts among the most frequent words: the values, held-out pairs, batches, shares."""

import numpy as np
import pytest

from glove_jax.data.counts import cooccurrence, dense_rows, record_batches
from glove_jax.shares import Share

V = 50


@pytest.fixture
def store(tmp_path):
  ids = np.random.default_rng(0).integers(-1, V, 800).astype(np.int32)
  window = cooccurrence.Window(3, symmetric=False)
  return cooccurrence.count([ids], tmp_path / "store", vocab_size=V, window=window)


@pytest.mark.parametrize("num_words", [1, 20, V])
def test_dense_counts_are_those_of_the_first_words(store, num_words):
  counts = dense_rows.dense_counts(store, num_words)
  assert counts.dtype == np.float32
  expected = store.matrix().toarray()[:num_words, :num_words]
  np.testing.assert_array_equal(counts, expected.astype(np.float32))


def test_held_out_pairs_count_as_zero(store):
  counts = dense_rows.dense_counts(store, 20, seed=3, held_out=0.4)
  rows, cols = np.indices(counts.shape, np.int32)
  held_out = record_batches.is_held_out(rows, cols, V, 3, 0.4)
  whole = dense_rows.dense_counts(store, 20)
  np.testing.assert_array_equal(counts, np.where(held_out, 0, whole))
  assert (counts != whole).any()


@pytest.mark.parametrize("chunk_rows", [1, 4, 32])
@pytest.mark.parametrize("cells", [1, 200, 1 << 24])
def test_batches_hold_each_row_once_for_each_side(store, monkeypatch, chunk_rows, cells):
  monkeypatch.setattr(dense_rows, "_CHUNK_ROWS", chunk_rows)
  monkeypatch.setattr(dense_rows, "_BATCH_CELLS", cells)
  counts = dense_rows.dense_counts(store, 22)
  data = dense_rows.dense_batches(counts, counts.T)
  assert data.steps_per_sweep == dense_rows.steps_per_sweep(22)
  batches = [data.batch(step) for step in range(data.steps_per_sweep)]
  shapes = {batch.chunks.counts.shape for batch in batches}
  assert len(shapes) == 1  # one compilation
  for side, expected in enumerate((counts, counts.T)):
    own = [batch for batch in batches if batch.side[0] == side]
    assert [batch.first.all() for batch in own] == [True] + [False] * (len(own) - 1)
    assert [batch.last.all() for batch in own] == [False] * (len(own) - 1) + [True]
    numbers = np.concatenate([batch.chunks.row.ravel() for batch in own])
    rows = np.concatenate([batch.chunks.counts.reshape(-1, 22) for batch in own])
    np.testing.assert_array_equal(numbers[numbers > 0], np.arange(1, 23))
    np.testing.assert_array_equal(rows[numbers > 0], expected)
    assert not rows[numbers == 0].any()
  again = data.batch(data.steps_per_sweep)
  np.testing.assert_array_equal(again.chunks.counts, batches[0].chunks.counts)


def test_shares_make_up_a_batch(store, monkeypatch):
  monkeypatch.setattr(dense_rows, "_CHUNK_ROWS", 2)
  counts = dense_rows.dense_counts(store, 22)
  data = dense_rows.dense_batches(counts, counts)
  whole = data.batch(0).chunks.counts
  parts = [data.batch(0, Share(i, i + 1, 2)).chunks.counts for i in range(2)]
  joined = np.concatenate(parts)
  np.testing.assert_array_equal(joined[: len(whole)], whole)
  assert not joined[len(whole) :].any()
