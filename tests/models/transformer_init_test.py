"""Initial params are distributed as in the papers."""

import jax
import numpy as np
import pytest

from glove_jax.models import transformer
from glove_jax.models.transformer import Config

CONFIG = Config(
  vocab_size=31,
  dim=64,
  layers=2,
  heads=2,
  feedforward_dim=256,
  positions=16,
  causal=True,
  pre_norm=True,
)


@pytest.fixture(scope="module")
def params():
  return transformer.init(jax.random.key(0), CONFIG)


def test_weights_have_the_standard_deviations_of_the_papers(params):
  layer = params["layers"]["1"]
  assert np.std(params["embed"]["token"]) == pytest.approx(0.02, rel=0.1)
  assert np.std(layer["attention"]["qkv"]["w"]) == pytest.approx(0.02, rel=0.1)
  assert np.std(layer["mlp"]["out"]["w"]) == pytest.approx(0.02 / 2, rel=0.1)


def test_without_norms_first_no_weights_start_smaller():
  specs = transformer.param_specs(CONFIG._replace(pre_norm=False))
  assert specs["layers"]["1"]["mlp"]["out"]["w"].stddev == 0.02


def test_norms_and_biases_start_as_the_identity(params):
  layer = params["layers"]["1"]
  assert layer["attention_norm"]["scale"].tolist() == [1.0] * 64
  assert not layer["mlp"]["in"]["b"].any()


def test_each_layer_is_drawn_anew(params):
  first = params["layers"]["0"]["mlp"]["in"]["w"]
  second = params["layers"]["1"]["mlp"]["in"]["w"]
  assert not np.array_equal(first, second)


def test_no_param_has_a_weak_type(params):
  for leaf in jax.tree.leaves(params):
    assert not leaf.weak_type  # an update would be compiled twice
