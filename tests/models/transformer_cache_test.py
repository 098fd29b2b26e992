"""The key-value cache against recomputation."""

import functools

import jax
import numpy as np
from model_inputs import random_params

from glove_jax.models import transformer, transformer_cache
from glove_jax.models.transformer import Config, Tokens

CONFIG = Config(
  vocab_size=31,
  dim=8,
  layers=2,
  heads=2,
  feedforward_dim=12,
  positions=16,
  causal=True,
  pre_norm=True,
  activation="gelu_tanh",
  epsilon=1e-5,
)
# Padding before a text, within it (between two extensions), and none.
DOCUMENTS = np.array([[0, 0, 1, 1, 1, 1], [1, 1, 1, 0, 1, 1], [1, 1, 1, 1, 1, 1]], np.int32)
IDS = np.random.default_rng(0).integers(0, 31, DOCUMENTS.shape).astype(np.int32)
PARAMS = random_params(transformer.param_specs(CONFIG))


def recomputed():
  """Hidden states of each text without its padding, one after another: [tokens, D]."""
  encode = jax.jit(functools.partial(transformer.encode, config=CONFIG))
  states = []
  for ids, documents in zip(IDS, DOCUMENTS, strict=True):
    tokens = ids[documents > 0][None]
    h = encode(PARAMS, Tokens(tokens, np.ones_like(tokens)))
    states.append(h[0])
  return np.concatenate(states)


def test_extending_a_cache_gives_what_recomputation_gives():
  extend = jax.jit(functools.partial(transformer_cache.extend, config=CONFIG))
  cache = transformer_cache.init_cache(CONFIG, batch=3, size=10)
  states = []
  start = 0
  for size in (4, 1, 1):
    columns = slice(start, start + size)
    h, cache = extend(PARAMS, Tokens(IDS[:, columns], DOCUMENTS[:, columns]), cache)
    states.append(h)
    start += size
  cached = np.concatenate(states, 1)[DOCUMENTS > 0]
  np.testing.assert_allclose(cached, recomputed(), atol=1e-4)
  assert int(cache.length) == 6
