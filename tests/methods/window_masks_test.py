"""Window masks against a loop over words: reach, documents, padding; tiles against whole blocks."""

import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.data.windows.blocks import WindowBatch
from glove_jax.methods import window_masks

B, T, W = 3, 48, 2  # 48 words make two tiles of 24
S = T + 2 * W


@pytest.fixture
def blocks():
  rng = np.random.default_rng(0)
  words = rng.integers(1, 9, (B, S))
  words[2, 30:] = 0  # padding
  return WindowBatch(
    words=jnp.asarray(words),
    document=jnp.asarray(np.cumsum(rng.random((B, S)) < 0.1, axis=1)),
    reach=jnp.asarray(rng.integers(0, W + 1, (B, T))),
    negatives=jnp.asarray(rng.integers(1, 9, (B, 4))),
  )


def is_context(blocks, block, centre, other):
  """Whether the word at position `other` is in the window of the word at position `centre`."""
  distance = abs(other - centre)
  in_reach = 0 < distance <= blocks.reach[block, centre - W]
  same_document = blocks.document[block, centre] == blocks.document[block, other]
  return bool(in_reach and same_document and blocks.words[block, other] > 0)


def expected_mask(blocks):
  blocks = WindowBatch(*map(np.asarray, blocks))
  mask = np.zeros((B, T, S))
  for block, t, other in np.ndindex(mask.shape):
    mask[block, t, other] = is_context(blocks, block, t + W, other)
  return mask


def test_a_window_ends_at_its_reach_the_document_and_the_padding(blocks):
  mask = window_masks.tile_in_window(blocks, W)
  expected = expected_mask(blocks)
  assert 0 < expected.sum() < expected.size
  np.testing.assert_array_equal(mask, expected)


def test_the_two_masks_agree(blocks):
  dense = np.asarray(window_masks.tile_in_window(blocks, W))
  banded = np.asarray(window_masks.in_window(blocks, W))
  assert banded.shape == (B, T, 2 * W)
  assert banded.sum() == dense.sum()
  for t in range(T):
    for i, offset in enumerate(window_masks.context_offsets(W)):
      np.testing.assert_array_equal(banded[:, t, i], dense[:, t, t + offset])


def test_contexts_are_the_words_around_each_centre(blocks):
  contexts = np.asarray(window_masks.contexts(blocks.words, W))
  words = np.asarray(blocks.words)
  np.testing.assert_array_equal(contexts[:, 5], words[:, [5, 6, 8, 9]])
  np.testing.assert_array_equal(window_masks.centres(words, blocks, W)[:, 5], words[:, 7])


def test_tiles_have_the_windows_of_their_block(blocks):
  tiles = window_masks.split_into_tiles(blocks, W)
  size = tiles.reach.shape[1]
  assert size == 24 and len(tiles.words) == 2 * B
  masks = np.asarray(window_masks.tile_in_window(tiles, W))
  expected = expected_mask(blocks)
  for tile, mask in enumerate(masks):
    block, part = divmod(tile, 2)
    start = part * size
    np.testing.assert_array_equal(
      mask, expected[block, start : start + size, start : start + size + 2 * W]
    )
    np.testing.assert_array_equal(tiles.negatives[tile], blocks.negatives[block])
