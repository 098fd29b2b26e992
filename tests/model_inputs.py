"""Inputs that the tests of models share: a small batch of texts, and random params."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax.data.labelled.padded_batches import PaddedBatch
from glove_jax.models.transformer_init import is_spec

TABLE = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
# A text of five words, one of three, and one without any.
IDS = np.array([[2, 3, 4, 5, 6], [7, 8, 1, 0, 0], [0, 0, 0, 0, 0]], np.int32)
_LETTERS = np.random.default_rng(1).integers(1, 6, (3, 5, 7))
CHARS = np.where(IDS[..., None] > 0, _LETTERS, 0).astype(np.int32)
NUM_CHARS = 6
BATCH = PaddedBatch(
  ids=IDS,
  mask=(IDS > 0).astype(np.float32),
  chars=CHARS,
  target=np.zeros(3, np.int32),
  weight=np.float32([1, 1, 0]),
)


@functools.cache
def _compiled(encoder):
  params = jax.jit(encoder.init)(jax.random.key(0))
  return jax.jit(encoder.encode), params


def encode(encoder, batch=BATCH, rng=None):
  """Encodes a batch with initial params, as NumPy: -> [B, T, D]."""
  encode, params = _compiled(encoder)
  return np.asarray(encode(params, batch, rng))


def changed_by_middle_word(encoder):
  """Which numbers of the first text's tokens change with its third word: -> [T, D] bool."""
  ids = IDS.copy()
  ids[0, 2] = 8
  before = encode(encoder)[0]
  after = encode(encoder, BATCH._replace(ids=ids))[0]
  return before != after


def random_params(specs, *, seed=0, stddev=0.3):
  """Draws params so far from their initial values that each of them matters."""
  rng = np.random.default_rng(seed)

  def draw(spec):
    noise = rng.normal(size=spec.shape)
    return jnp.asarray(spec.mean + stddev * noise, jnp.float32)

  return jax.tree.map(draw, specs, is_leaf=is_spec)
