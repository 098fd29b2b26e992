"""Gradients written out by hand against automatic differentiation of the loss.

The losses themselves are compared with the sum over pairs in word2vec_test.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.data.windows.blocks import WindowBatch
from glove_jax.methods import negative_sampling
from glove_jax.methods.bounded_steps import look_ups

B, T, W, V, D, K = 2, 8, 2, 9, 4, 3
S = T + 2 * W


@pytest.fixture
def blocks():
  rng = np.random.default_rng(0)
  words = rng.integers(1, V + 1, (B, S))
  words[1, 7:] = 0  # padding
  reach = rng.integers(1, W + 1, (B, T))
  return WindowBatch(
    words=jnp.asarray(words),
    document=jnp.asarray(np.arange(S) // 7 * np.ones((B, 1), int)),
    reach=jnp.asarray(np.where(words[:, W : W + T] > 0, reach, 0)),
    negatives=jnp.asarray(rng.integers(1, V + 1, (B, K))),
  )


@pytest.fixture
def params():
  rng = np.random.default_rng(1)
  tables = rng.normal(size=(2, V, D)).astype(np.float32)
  return {"word": jnp.asarray(tables[0]), "context": jnp.asarray(tables[1])}


def dense(parts, size):
  """Sums `RowGradients` into a table."""
  table = np.zeros((size + 1, D))  # row 0 for padding
  for part in parts:
    np.add.at(table, np.asarray(part.ids), np.asarray(part.grads))
  return table[1:]


def both_gradients(loss_function, params, blocks, name):
  def loss_and_gradients(params):
    loss, gradients = loss_function(look_ups(params), (), blocks, window=W, negatives=5)
    return loss.total, gradients[name]

  automatic, by_hand = jax.jit(jax.grad(loss_and_gradients, has_aux=True))(params)
  return dense(by_hand, V), automatic[name]


@pytest.mark.parametrize("name", ["word", "context"])
def test_gradients_of_skipgram_are_those_of_its_loss(params, blocks, name):
  by_hand, automatic = both_gradients(negative_sampling.skipgram, params, blocks, name)
  assert np.abs(by_hand).max() > 0.1
  np.testing.assert_allclose(by_hand, automatic, rtol=1e-4, atol=1e-5)


def test_gradients_of_the_outputs_of_cbow_are_those_of_its_loss(params, blocks):
  by_hand, automatic = both_gradients(negative_sampling.cbow, params, blocks, "context")
  assert np.abs(by_hand).max() > 0.1
  np.testing.assert_allclose(by_hand, automatic, rtol=1e-4, atol=1e-5)


def test_input_ids_replace_the_rows_of_the_words(params, blocks):
  """With a table of the distinct words alone, as fastText has it."""
  order = np.random.default_rng(2).permutation(V)
  moved = {"word": params["word"][order], "context": params["context"]}
  new_id = np.concatenate([[0], 1 + np.argsort(order)])
  loss, gradients = negative_sampling.skipgram(
    look_ups(params), (), blocks, window=W, negatives=5
  )
  moved_loss, moved_gradients = negative_sampling.skipgram(
    look_ups(moved), (), blocks, window=W, negatives=5, input_ids=jnp.asarray(new_id[blocks.words])
  )
  np.testing.assert_allclose(moved_loss, loss, rtol=1e-6)
  expected = dense(gradients["word"], V)[order]
  np.testing.assert_allclose(dense(moved_gradients["word"], V), expected, rtol=1e-5, atol=1e-6)
