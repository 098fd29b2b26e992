"""Gradients against automatic differentiation; the probabilities of all words sum to one.

The losses themselves are compared with the sum over pairs in word2vec_test.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.data.windows.blocks import WindowBatch
from glove_jax.data.windows.huffman import huffman_paths
from glove_jax.methods import hierarchical_softmax
from glove_jax.methods.bounded_steps import look_up, look_ups
from glove_jax.table_layouts import REPLICATED

V, D, W = 6, 4, 1
PATHS = functools.partial(
  look_up, REPLICATED, jax.tree.map(jnp.asarray, huffman_paths(np.array([9, 6, 5, 2, 1, 1])))
)


def make_params():
  rng = np.random.default_rng(0)
  word = rng.normal(size=(V, D)).astype(np.float32)
  node = rng.normal(size=(V - 1, D)).astype(np.float32)
  return {"word": jnp.asarray(word), "node": jnp.asarray(node)}


def make_blocks(words, reach):
  """One block in a single document."""
  words = jnp.asarray([words])
  return WindowBatch(
    words=words,
    document=jnp.zeros_like(words),
    reach=jnp.asarray([reach]),
    negatives=jnp.ones((1, 1), jnp.int32),
  )


@pytest.mark.parametrize("model", ["skipgram", "cbow"])
def test_the_probabilities_of_all_words_sum_to_one(model):
  params = make_params()

  @jax.jit
  def loss_of(blocks):
    loss_function = getattr(hierarchical_softmax, model)
    return loss_function(look_ups(params), PATHS, blocks, window=W, negatives=5)[0]

  total = 0.0
  for word in range(1, V + 1):
    loss = loss_of(make_blocks([2, word, 0], reach=[W]))  # one context, and padding
    assert float(loss.weight) == 1
    total += np.exp(-float(loss.total))
  assert total == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize(
  "model, name", [("skipgram", "word"), ("skipgram", "node"), ("cbow", "node")]
)
def test_gradients_are_those_of_the_loss(model, name):
  params = make_params()
  blocks = make_blocks([1, 2, 3, 4, 5, 6, 1, 1, 3, 2], reach=[1, 1, 1, 1, 1, 1, 1, 1])
  loss_function = getattr(hierarchical_softmax, model)

  def loss_and_gradients(params):
    loss, gradients = loss_function(look_ups(params), PATHS, blocks, window=W, negatives=5)
    return loss.total, gradients[name]

  automatic, by_hand = jax.jit(jax.grad(loss_and_gradients, has_aux=True))(params)
  table = np.zeros((len(params[name]) + 1, D))  # row 0 for padding
  for part in by_hand:
    np.add.at(table, np.asarray(part.ids), np.asarray(part.grads))
  np.testing.assert_allclose(table[1:], automatic[name], rtol=1e-4, atol=1e-5)
