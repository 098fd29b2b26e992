"""Blocks have every word of the subsampled text once an epoch, as functions of (seed, step)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.text import corpus
from glove_jax.data.windows import blocks as windows
from glove_jax.data.windows import subsampling

TEXT = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=30), min_size=1, max_size=8)


def flat(documents):
  """Returns ids as `corpus.encode` gives them."""
  return np.array([i for document in documents for i in (*document, corpus.BREAK)], np.int32)


def occurrences(ids, size=10):
  return np.bincount(ids[ids >= 0], minlength=size)


def pairs_of(blocks, window):
  """Returns (centre, context, distance) of each pair of a batch."""
  pairs = []
  for words, document, reach, _ in zip(
    *(array.reshape(-1, array.shape[-1]) for array in blocks), strict=True
  ):
    for t, far in enumerate(reach):
      here = t + window
      for s in range(here - far, here + far + 1):
        if far and s != here and words[s] and document[s] == document[here]:
          pairs.append((int(words[here]) - 1, int(words[s]) - 1, abs(s - here)))
  return sorted(pairs)


@settings(deadline=None, max_examples=60)
@given(TEXT, st.integers(1, 4), st.integers(1, 3), st.integers(1, 9), st.integers(1, 40))
def test_full_windows_have_all_pairs_of_the_text(documents, window, updates, block, batch_size):
  ids = flat(documents)
  shape = windows.BlockShape(window, batch_size, updates_per_step=updates, block_size=block)
  data = windows.window_batches(
    ids, occurrences(ids), shape, sample=0, shared_negatives=2, dynamic_window=False
  )
  expected = sorted(
    (document[i], document[j], abs(i - j))
    for document in documents
    for i in range(len(document))
    for j in range(len(document))
    if 0 < abs(i - j) <= window
  )
  for epoch in (0, 1):
    batches = [
      data.batch(epoch * data.steps_per_epoch + step) for step in range(data.steps_per_epoch)
    ]
    assert sorted(pair for batch in batches for pair in pairs_of(batch, window)) == expected
    assert all(
      batch.words.shape == (-(-batch_size // block), updates, block + 2 * window)
      for batch in batches
    )


def test_segments_are_joined_and_have_the_expected_number_of_words(monkeypatch):
  monkeypatch.setattr(subsampling, "_SEGMENT", 1000)
  rng = np.random.default_rng(0)
  ids = np.minimum(rng.zipf(1.5, 20_500) - 1, 9).astype(np.int32)
  ids[::50] = corpus.BREAK
  counts = occurrences(ids)
  rates = subsampling.keep_rates(counts, 0.05)
  data = windows.window_batches(ids, counts, windows.BlockShape(2, 300, 2, 8), sample=0.05)
  seen = []
  for epoch in range(3):
    batches = [
      data.batch(epoch * data.steps_per_epoch + step) for step in range(data.steps_per_epoch)
    ]
    middle = np.concatenate([batch.words[..., 2:-2][batch.reach > 0] for batch in batches]) - 1
    assert len(middle) == data.words_per_epoch
    seen.append(np.bincount(middle, minlength=10))
  # one a segment, by rounding
  assert data.words_per_epoch == pytest.approx((rates * counts).sum(), abs=21)
  np.testing.assert_allclose(np.mean(seen, 0), rates * counts, rtol=0.1, atol=5)
  never_dropped = (rates == 1) & (counts > 0)
  assert never_dropped.any()
  assert (abs(seen[0] - counts)[never_dropped] <= 0.05 * counts[never_dropped]).all()
  assert (seen[0] != seen[1]).any()


def test_a_batch_is_a_function_of_seed_and_step():
  ids = flat([[i % 10 for i in range(500)]])

  def make(seed):
    return windows.window_batches(
      ids, occurrences(ids), windows.BlockShape(3, 64), sample=0.1, seed=seed
    )

  for a, b in zip(make(1).batch(5), make(1).batch(5), strict=True):
    np.testing.assert_array_equal(a, b)
  first = make(1)
  first.batch(0)
  for a, b in zip(first.batch(5), make(1).batch(5), strict=True):
    np.testing.assert_array_equal(a, b)
  assert any((a != b).any() for a, b in zip(make(1).batch(5), make(2).batch(5), strict=True))


def test_window_sizes_are_uniform():
  ids = flat([[0] * 20_000])
  data = windows.window_batches(ids, np.array([20_000]), windows.BlockShape(5, 20_000), sample=0)
  reach = data.batch(0).reach
  np.testing.assert_allclose(
    np.bincount(reach[reach > 0], minlength=6)[1:] / 20_000, 0.2, atol=0.02
  )


def test_ids_on_disk_have_a_key(tmp_path):
  blocks = [np.array([1, 2, -1], np.int32), np.array([3, -1], np.int32)]
  np.testing.assert_array_equal(
    windows.write_ids(blocks, tmp_path / "ids", key="a"), [1, 2, -1, 3, -1]
  )
  np.testing.assert_array_equal(windows.open_ids(tmp_path / "ids", key="a"), [1, 2, -1, 3, -1])
  assert windows.open_ids(tmp_path / "ids", key="b") is None
