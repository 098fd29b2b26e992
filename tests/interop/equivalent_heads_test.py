"""Heads of transformers that compute what a linear output layer does."""

import numpy as np
import pytest

from glove_jax.interop import equivalent_heads
from glove_jax.tasks import heads
from glove_jax.tasks.heads import HiddenLayer

RNG = np.random.default_rng(0)


def draw(dim, classes):
  w = RNG.normal(size=(dim, classes)).astype(np.float32)
  return {"w": w, "b": RNG.normal(size=classes).astype(np.float32)}


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "gelu_tanh"])
@pytest.mark.parametrize("classes", [1, 3, 8])
def test_the_logits_stay_the_same(activation, classes):
  head = draw(16, classes)
  h = RNG.normal(size=(200, 16)).astype(np.float32)
  expected = h @ head["w"] + head["b"]
  assert np.abs(expected).max() > 5
  own = equivalent_heads.with_hidden_layer(head, activation)
  hidden = np.asarray(heads.apply_hidden(own, h, HiddenLayer(activation)))
  assert own["dense"]["w"].shape == (16, 16) and own["w"].shape == (16, classes)
  np.testing.assert_allclose(hidden @ own["w"] + own["b"], expected, atol=1e-5)


def test_too_many_classes_for_the_units():
  assert equivalent_heads.with_hidden_layer(draw(16, 16), "tanh") is not None
  assert equivalent_heads.with_hidden_layer(draw(16, 17), "tanh") is None
  assert equivalent_heads.with_hidden_layer(draw(16, 8), "gelu") is not None
  assert equivalent_heads.with_hidden_layer(draw(16, 9), "relu") is None


def test_the_bias_of_the_last_norm_replaces_that_of_the_output_layer():
  head = draw(16, 5)
  change = equivalent_heads.bias_for_norm(head)
  np.testing.assert_allclose(change @ head["w"], head["b"], atol=1e-6)
  assert not equivalent_heads.bias_for_norm({**head, "b": np.zeros(5, np.float32)}).any()
  assert equivalent_heads.bias_for_norm(draw(4, 5)) is None
  twice = np.repeat(head["w"][:, :1], 2, axis=1)
  assert equivalent_heads.bias_for_norm({"w": twice, "b": np.array([0.0, 1.0])}) is None
  nearly = twice + np.array([0, 1e-5]) * head["w"][:, 1:2]
  assert equivalent_heads.bias_for_norm({"w": nearly, "b": np.array([0.0, 1.0])}) is None
