"""The hidden layer of CBOW: means of the vectors in each window, and gradients of those vectors.

Shapes: B blocks of T words, with w words (`window`) more on either side: S = T + 2 w; D dimensions.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from glove_jax.data.windows.blocks import WindowBatch
from glove_jax.methods import window_masks
from glove_jax.methods.bounded_steps import Gradient


class ContextMeans(NamedTuple):
  """The windows of T words in each of B blocks."""

  in_window: jax.Array     # [B, T, 2 w], 0 or 1, which words are in the window
  has_context: jax.Array   # [B, T], 0 or 1, whether any word is
  mean: jax.Array          # [B, T, D], of their vectors


def context_means(vectors, blocks: WindowBatch, window: int) -> ContextMeans:
  """Returns the mean vector of the words in each window.

  Args:
    vectors: [B, S, D], of all words.
    blocks: without the axis of updates.
    window: w.
  """
  in_window = window_masks.in_window(blocks, window)
  count = in_window.sum(2)
  size = in_window.shape[1]
  total = 0
  for i, offset in enumerate(window_masks.context_offsets(window)):
    weight = in_window[:, :, i, None]
    total = total + weight * vectors[:, offset : offset + size]
  mean = total / jnp.maximum(count, 1.0)[..., None]
  return ContextMeans(
    in_window=in_window,
    has_context=jnp.minimum(count, 1.0),
    # Without the barrier XLA would compute the sum again for each use.
    mean=jax.lax.optimization_barrier(mean),
  )


def context_gradients(in_window, mean_gradient: Gradient, window: int) -> Gradient:
  """Returns the gradient of each word as the sum of the gradients of all means that it is part of.

  The gradient is not divided by the number of words in the mean, as in word2vec.c and gensim: each
  word moves as far as the mean would.

  Args:
    in_window: [B, T, 2 w].
    mean_gradient: of [B, T] means.
    window: w.

  Returns:
    Of [B, S] words.
  """
  return Gradient(
    grads=_sum_over_windows(in_window, mean_gradient.grads, window),
    curvature_bound=_sum_over_windows(in_window, mean_gradient.curvature_bound, window),
  )


def _sum_over_windows(in_window, values, window: int):  # values: [B, T, ...] -> [B, S, ...]
  size = values.shape[1] + 2 * window
  trailing = [1] * (values.ndim - 2)
  values = _pad_time(values, 2 * window)
  weights = _pad_time(in_window, 2 * window)
  total = 0
  for i, offset in enumerate(window_masks.context_offsets(window)):
    start = 2 * window - offset
    stop = start + size
    weight = weights[:, start:stop, i]
    weight = weight.reshape(-1, size, *trailing)
    total = total + weight * values[:, start:stop]
  return total


def _pad_time(array, width: int):  # [B, T, ...] -> [B, T + 2 width, ...]
  batch, length, *trailing = array.shape
  shape = (batch, length + 2 * width, *trailing)
  padded = jnp.zeros(shape)
  return padded.at[:, width:-width].set(array)
