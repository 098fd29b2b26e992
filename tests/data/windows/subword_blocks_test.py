"""Each word of a batch is made up of its own row and those of its n-grams; padding has none."""

import numpy as np
import pytest

from glove_jax.data import ngrams
from glove_jax.data.text import corpus
from glove_jax.data.windows import blocks, subword_blocks

WORDS, BUCKETS, WINDOW = ("the", "cat", "cats", "</s>", "a"), 20, 2
ROWS = subword_blocks.word_rows(WORDS, 2, 3, BUCKETS)


def rows_of(word: int) -> list[int]:
  return ROWS.ids[ROWS.indptr[word] : ROWS.indptr[word + 1]].tolist()


def test_a_words_row_comes_before_those_of_its_ngrams():
  for i, word in enumerate(WORDS):
    assert rows_of(i) == [i, *(len(WORDS) + ngrams.ids(word, 2, 3, BUCKETS))]
  assert subword_blocks.word_rows(WORDS, 2, 3, 0).ids.tolist() == list(range(len(WORDS)))


@pytest.mark.parametrize("margin", [0, WINDOW])
def test_a_batch_has_the_rows_of_the_words_within_the_margins(margin):
  ids = np.random.default_rng(0).integers(0, len(WORDS), 300).astype(np.int32)
  ids[::17] = corpus.BREAK
  shape = blocks.BlockShape(WINDOW, 24, updates_per_step=3, block_size=8)
  data = blocks.window_batches(ids, np.ones(len(WORDS)), shape, sample=0)
  batches = subword_blocks.subword_batches(data, ROWS, margin=margin)
  assert batches.steps_per_epoch == data.steps_per_epoch
  batch = batches.batch(1)
  assert len(batch.rows) % subword_blocks._PADDING_MULTIPLE == 0
  inner = np.zeros(batch.word_index.shape, bool)
  inner[..., margin : inner.shape[2] - margin] = True
  np.testing.assert_array_equal(batch.word_index > 0, inner & (batch.blocks.words > 0))
  for update in range(3):
    words, word_index = batch.blocks.words[:, update], batch.word_index[:, update]
    rows, owner, same = (array[:, update] for array in (batch.rows, batch.owner, batch.same))
    for word, index in set(
      zip(words[word_index > 0].tolist(), word_index[word_index > 0].tolist(), strict=True)
    ):
      owned = rows[(owner == index - 1) & (rows > 0)] - 1
      assert sorted(owned) == sorted(rows_of(word - 1))
    real = rows[rows > 0]
    assert (np.diff(real) >= 0).all() and not rows[len(real) :].any()
    assert same[: len(real)].tolist() == [real.tolist().index(row) for row in real]
