"""BERT's pooler and its head for masked words."""

import functools

import jax
import numpy as np
from model_inputs import random_params

from glove_jax.models import bert
from glove_jax.models.transformer import Config

CONFIG = Config(
  vocab_size=31, dim=8, layers=2, heads=2, feedforward_dim=12, positions=16, types=2
)
H = np.random.default_rng(1).normal(size=(2, 3, 8)).astype(np.float32)


def test_the_pooler_takes_the_first_token():
  params = random_params(bert.param_specs(CONFIG))
  pooler = params["pooler"]
  expected = np.tanh(H[:, 0] @ pooler["w"] + pooler["b"])
  np.testing.assert_allclose(bert.pool(params, H), expected, atol=1e-5)


def test_the_head_uses_the_token_table():
  params = random_params(bert.param_specs(CONFIG))
  logits = jax.jit(functools.partial(bert.masked_logits, config=CONFIG))
  before = np.asarray(logits(params, H))
  table = params["embed"]["token"]
  params["embed"]["token"] = table.at[5].add(1)
  change = np.abs(logits(params, H) - before).max((0, 1))
  np.testing.assert_array_equal(change > 0, np.arange(31) == 5)
