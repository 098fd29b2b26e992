"""Output layers with and without a hidden layer."""

import jax
import numpy as np
import pytest

from glove_jax import nn
from glove_jax.tasks import heads
from glove_jax.tasks.heads import HiddenLayer

H = np.random.default_rng(0).normal(size=(2, 4)).astype(np.float32)
KEY = jax.random.key(0)


def test_without_a_hidden_layer_the_output_layer_is_linear():
  params = heads.init(KEY, 4, 3)
  jax.tree.map(np.testing.assert_array_equal, params, nn.init_dense(KEY, 4, 3))
  assert heads.apply_hidden(params, H, None) is H


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "gelu_tanh"])
def test_a_hidden_layer_keeps_the_dimensions(activation):
  hidden = HiddenLayer(activation)
  params = heads.init(KEY, 4, 3, hidden)
  dense = {"w": (4, 4), "b": (4,)}
  assert jax.tree.map(np.shape, params) == {"dense": dense, "w": (4, 3), "b": (3,)}
  expected = heads.HIDDEN_ACTIVATIONS[activation](H @ np.asarray(params["dense"]["w"]))
  np.testing.assert_allclose(heads.apply_hidden(params, H, hidden), expected, atol=1e-6)


def test_a_norm_follows_the_activation():
  hidden = HiddenLayer("gelu", bias=False, norm=True, norm_bias=False)
  params = heads.init(KEY, 4, 3, hidden)
  assert params["dense"].keys() == {"w"} and params["norm"].keys() == {"scale"}
  h = np.asarray(heads.apply_hidden(params, H, hidden))
  np.testing.assert_allclose(h.mean(-1), 0, atol=1e-6)
  np.testing.assert_allclose(h.var(-1), 1, rtol=1e-5)
