"""Which words of a block stand in whose window, block by block or tile by tile. B blocks of T words, S = T + 2 w."""

import jax.numpy as jnp
import numpy as np

from glove_jax.data.windows.blocks import WindowBatch

_TILE = 32  # words, at most


def in_window(blocks: WindowBatch, window: int):
  """Which of the words around a word stand in its window: [B, T, 2 w], 0 or 1; `around`'s order."""
  distance = np.abs(np.array(places(window)) - window)
  return _is_near(blocks, window, distance, around(blocks.document, window), around(blocks.words, window))


def tile_in_window(blocks: WindowBatch, window: int):
  """Which words of a block stand in whose window: [B, T, S], 0 or 1."""
  size = blocks.reach.shape[1]
  distance = np.abs(np.arange(size)[:, None] + window - np.arange(size + 2 * window))
  return _is_near(blocks, window, distance, blocks.document[:, None, :], blocks.words[:, None, :])


def _is_near(blocks: WindowBatch, window: int, distance, document, words):
  """Whether words of these documents, at this distance from each of a block's, stand in its window: [B, T, ...]."""
  own = blocks.document[:, window : window + blocks.reach.shape[1], None]
  inside = (distance > 0) & (distance <= blocks.reach[..., None]) & (document == own) & (words > 0)
  return inside.astype(jnp.float32)


def in_tiles(blocks: WindowBatch, window: int) -> WindowBatch:
  """Blocks cut into shorter ones: of all pairs of a word and a context, far more are then in a window."""
  size = blocks.reach.shape[1]
  tile = max(tile for tile in range(1, _TILE + 1) if size % tile == 0)
  def cut(array):
    pieces = [array[:, start : start + tile + 2 * window] for start in range(0, size, tile)]
    return jnp.stack(pieces, 1).reshape(-1, tile + 2 * window)
  return WindowBatch(cut(blocks.words), cut(blocks.document), blocks.reach.reshape(-1, tile),
                jnp.repeat(blocks.negatives, size // tile, 0))


def around(array, window: int):
  """The words around each of the T in the middle, from w before to w after: [B, S] -> [B, T, 2 w]."""
  return jnp.stack([array[:, place : place + array.shape[1] - 2 * window] for place in places(window)], 2)


def places(window: int) -> list[int]:
  """Where the words around the first of a block stand in it."""
  return [*range(window), *range(window + 1, 2 * window + 1)]
