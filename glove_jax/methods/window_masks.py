"""Masks of context windows: which pairs of words of a block are within a window.

Shapes: B blocks of T words, with w words (`window`) more on either side: S = T + 2 w.
"""

import jax.numpy as jnp
import numpy as np

from glove_jax.data.windows.blocks import WindowBatch

_TILE = 32  # largest number of words in a tile


def in_window(blocks: WindowBatch, window: int):
  """Returns which of the words around each word are in its window: [B, T, 2 w], 0 or 1.

  The last axis is in the order of `context_offsets`.
  """
  offsets = np.array(context_offsets(window))
  distance = np.abs(offsets - window)
  document = contexts(blocks.document, window)
  words = contexts(blocks.words, window)
  return _is_context(blocks, window, distance, document, words)


def tile_in_window(blocks: WindowBatch, window: int):
  """Returns which words of a block are in the window of each of its T words: [B, T, S], 0 or 1."""
  size = blocks.reach.shape[1]
  centres = np.arange(size)[:, None] + window
  words = np.arange(size + 2 * window)
  distance = np.abs(centres - words)
  document = blocks.document[:, None, :]
  words = blocks.words[:, None, :]
  return _is_context(blocks, window, distance, document, words)


def _is_context(blocks: WindowBatch, window: int, distance, document, words):
  """Returns which words are contexts: in reach, of the same document, and not padding."""
  centre_document = centres(blocks.document, blocks, window)[..., None]
  in_reach = (distance > 0) & (distance <= blocks.reach[..., None])
  is_context = in_reach & (document == centre_document) & (words > 0)
  return is_context.astype(jnp.float32)


def split_into_tiles(blocks: WindowBatch, window: int) -> WindowBatch:
  """Splits blocks into tiles, of whose pairs of words a larger share are in a window."""
  size = blocks.reach.shape[1]
  tile = _tile_size(size)
  width = tile + 2 * window

  def overlapping(array):  # [B, S] -> [B T / tile, tile + 2 w]
    parts = []
    for start in range(0, size, tile):
      parts.append(array[:, start : start + width])
    return jnp.stack(parts, 1).reshape(-1, width)

  return WindowBatch(
    words=overlapping(blocks.words),
    document=overlapping(blocks.document),
    reach=blocks.reach.reshape(-1, tile),
    negatives=jnp.repeat(blocks.negatives, size // tile, 0),
  )


def _tile_size(size: int) -> int:
  """Returns the largest divisor of `size` up to `_TILE`."""
  tile = min(size, _TILE)
  while size % tile:
    tile -= 1
  return tile


def contexts(array, window: int):
  """Returns the entries around each of the T entries in the middle: [B, S] -> [B, T, 2 w]."""
  size = array.shape[1] - 2 * window
  shifted = []
  for offset in context_offsets(window):
    shifted.append(array[:, offset : offset + size])
  return jnp.stack(shifted, 2)


def centres(array, blocks: WindowBatch, window: int):
  """Returns the T entries in the middle, without the margins on either side: [B, S] -> [B, T]."""
  size = blocks.reach.shape[1]
  return array[:, window : window + size]


def context_offsets(window: int) -> list[int]:
  """Returns the positions of the 2 w words around the first centre word, which is at position w."""
  before = range(window)
  after = range(window + 1, 2 * window + 1)
  return [*before, *after]
