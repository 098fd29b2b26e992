"""Rows hold all texts, one after another, and little padding."""

import numpy as np
import pytest

from glove_jax.data.labelled import packed_batches
from glove_jax.data.labelled.padded_batches import Examples


def make_examples(sizes):
  rng = np.random.default_rng(0)
  ids = [rng.integers(1, 100, size).astype(np.int32) for size in sizes]
  types = [(array > 50).astype(np.int32) for array in ids]
  return Examples(ids, [0] * len(ids), types=types)


def test_each_text_is_in_one_row_as_it_was():
  sizes = [64, 0, 1, 3, 63, *[3] * 40, 30, 34, 35]
  examples = make_examples(sizes)
  indices = [index for index in range(len(sizes)) if index != 7]
  seen = []
  for rows, batch in packed_batches.batches(examples, indices):
    assert batch.ids.shape == (packed_batches.ROWS, packed_batches.ROW_TOKENS)
    for row, texts in enumerate(rows):
      assert len(texts) <= packed_batches.TEXTS_PER_ROW
      for slot, index in enumerate(texts):
        start = batch.starts[row, slot]
        span = slice(start, start + batch.sizes[row, slot])
        np.testing.assert_array_equal(batch.ids[row, span], examples.ids[index])
        np.testing.assert_array_equal(batch.types[row, span], examples.types[index])
        assert (batch.documents[row, span] == slot + 1).all()
      seen += texts
    assert ((batch.documents > 0) == (batch.ids > 0)).all()
    assert (batch.documents > 0).sum() == batch.sizes.sum()
  assert sorted(seen) == indices


@pytest.mark.parametrize(("mean", "deviation"), [(13, 5), (25, 11)])  # of TREC and SST-2
def test_rows_are_nearly_full(mean, deviation):
  sizes = np.random.default_rng(0).normal(mean, deviation, 2000).astype(int).clip(3, 64)
  rows = packed_batches.fill_rows(range(2000), sizes.tolist())
  assert sizes.sum() / (len(rows) * packed_batches.ROW_TOKENS) > 0.97
