"""Means of windows and the gradients of their words against NumPy, word by word."""

import jax.numpy as jnp
import numpy as np

from glove_jax.data.windows.blocks import WindowBatch
from glove_jax.methods import context_means, window_masks
from glove_jax.methods.bounded_steps import Gradient

B, T, W, V, D = 2, 6, 2, 7, 3
S = T + 2 * W


def make_blocks():
  rng = np.random.default_rng(0)
  words = rng.integers(1, V + 1, (B, S))
  words[1, 7:] = 0  # padding
  reach = rng.integers(1, W + 1, (B, T))
  reach[0, 3] = 0  # no context
  return WindowBatch(
    words=jnp.asarray(words),
    document=jnp.zeros((B, S), jnp.int32),
    reach=jnp.asarray(reach),
    negatives=jnp.ones((B, 1), jnp.int32),
  )


def test_means_are_those_of_the_words_in_the_window():
  blocks = make_blocks()
  table = np.random.default_rng(1).normal(size=(V, D)).astype(np.float32)
  vectors = jnp.asarray(table)[blocks.words - 1]
  windows = context_means.context_means(vectors, blocks, W)
  dense = np.asarray(window_masks.tile_in_window(blocks, W))
  assert not windows.has_context[0, 3]
  for b, t in np.ndindex(B, T):
    ids = np.asarray(blocks.words)[b, dense[b, t] > 0]
    assert windows.has_context[b, t] == (len(ids) > 0)
    expected = table[ids - 1].mean(0) if len(ids) else np.zeros(D)
    np.testing.assert_allclose(windows.mean[b, t], expected, rtol=1e-5, atol=1e-6)


def test_each_word_gets_the_undivided_gradients_of_all_its_windows():
  blocks = make_blocks()
  rng = np.random.default_rng(2)
  gradient = Gradient(
    grads=rng.normal(size=(B, T, D)).astype(np.float32),
    curvature_bound=rng.random((B, T)).astype(np.float32),
  )
  in_window = window_masks.in_window(blocks, W)
  words = context_means.context_gradients(in_window, gradient, W)
  dense = np.asarray(window_masks.tile_in_window(blocks, W))  # [B, T, S]
  grads = np.einsum("bts,btd->bsd", dense, gradient.grads)
  bound = np.einsum("bts,bt->bs", dense, gradient.curvature_bound)
  np.testing.assert_allclose(words.grads, grads, rtol=1e-5, atol=1e-6)
  np.testing.assert_allclose(words.curvature_bound, bound, rtol=1e-5, atol=1e-6)
