"""What each token sees, dropout, segments, rematerialisation, bfloat16 and pooling."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from model_inputs import random_params

from glove_jax.errors import InputError
from glove_jax.models import transformer
from glove_jax.models.transformer import Config, Tokens

ENCODER = Config(
  vocab_size=31, dim=8, layers=2, heads=2, feedforward_dim=12, positions=16, types=2
)
DECODER = ENCODER._replace(
  causal=True, pre_norm=True, types=0, activation="gelu_tanh", epsilon=1e-5
)
BOTH = pytest.mark.parametrize("config", [ENCODER, DECODER], ids=["encoder", "decoder"])


@functools.cache
def params_of(config):
  return random_params(transformer.param_specs(config))


@functools.cache
def compiled(config):
  return jax.jit(functools.partial(transformer.encode, config=config))


def encode(config, tokens, rng=None):
  """Encodes up to 6 texts of up to 8 tokens, compiled for one shape."""
  rows, length = tokens.ids.shape

  def pad(array):
    return np.pad(array, ((0, 6 - rows), (0, 8 - length)))

  h = compiled(config)(params_of(config), jax.tree.map(pad, tokens), rng)
  return np.array(h)[:rows, :length]


@functools.cache
def compiled_gradient(config):
  """Gradient of a sum of squared hidden states, with dropout."""

  def loss(params, tokens):
    h = transformer.encode(params, tokens, jax.random.key(0), config=config)
    first = h.astype(jnp.float32)[..., 0]
    return jnp.square(first).sum()

  return jax.jit(jax.grad(loss))


def random_tokens(documents):
  documents = np.asarray(documents, np.int32)
  ids = np.random.default_rng(0).integers(0, 31, documents.shape)
  return Tokens(ids.astype(np.int32), documents)


@pytest.mark.parametrize(
  "config,sees",
  [(DECODER, np.triu(np.ones((6, 6)))), (ENCODER, np.ones((6, 6)))],
  ids=["decoder", "encoder"],
)
def test_a_decoder_sees_no_later_token_and_an_encoder_sees_all(config, sees):
  ids = np.arange(6, dtype=np.int32)[None].repeat(6, 0)
  documents = np.ones((6, 6), np.int32)
  changed_ids = ids + 20 * np.eye(6, dtype=np.int32)  # row i has another token at position i
  before = encode(config, Tokens(ids, documents))
  after = encode(config, Tokens(changed_ids, documents))
  changed = np.abs(after - before).max(-1) > 0
  np.testing.assert_array_equal(changed, sees)


@pytest.mark.slow
def test_a_decoder_has_no_gradient_from_later_tokens():
  params = params_of(DECODER)
  tokens = Tokens(jnp.arange(6)[None], jnp.ones((1, 6), jnp.int32))

  def third(table):
    embed = {**params["embed"], "token": table}
    h = transformer.encode({**params, "embed": embed}, tokens, config=DECODER)
    return h[0, 2].sum()

  grads = jax.jit(jax.grad(third))(params["embed"]["token"][:6])
  has_gradient = np.abs(grads).sum(1) > 0
  np.testing.assert_array_equal(has_gradient, [1, 1, 1, 0, 0, 0])


@BOTH
@pytest.mark.parametrize("left,right", [(0, 3), (3, 0), (2, 1)])
def test_padding_on_either_side_contributes_nothing(config, left, right):
  tokens = random_tokens([[1] * 5])
  alone = encode(config, tokens)
  widths = ((0, 0), (left, right))
  documents = np.pad(tokens.documents, widths)
  for padding_id in (0, 30):
    ids = np.pad(tokens.ids, widths, constant_values=padding_id)
    padded = encode(config, Tokens(ids, documents))
    np.testing.assert_allclose(padded[:, left : left + 5], alone, atol=1e-5)
    assert np.isfinite(padded).all()


@BOTH
def test_documents_in_one_row_do_not_see_each_other(config):
  packed = random_tokens([[4, 4, 5, 5, 5, 9, 0, 0], [7, 7, 7, 7, 7, 7, 7, 8]])
  together = encode(config, packed)
  for row, start, stop in ((0, 0, 2), (0, 2, 5), (0, 5, 6), (1, 0, 7), (1, 7, 8)):
    ids = packed.ids[row : row + 1, start:stop]
    alone = encode(config, Tokens(ids, np.ones_like(ids)))
    np.testing.assert_allclose(together[row, start:stop], alone[0], atol=1e-5)


def test_a_batch_of_padding_alone_is_finite():
  zeros = np.zeros((2, 8), np.int32)
  assert np.isfinite(encode(ENCODER, Tokens(zeros, zeros))).all()


@pytest.mark.slow
def test_segments_differ_and_none_means_the_first():
  tokens = random_tokens(np.ones((1, 4)))
  ones = np.ones_like(tokens.ids)
  default = encode(ENCODER, tokens)
  first = encode(ENCODER, tokens._replace(types=0 * ones))
  second = encode(ENCODER, tokens._replace(types=ones))
  np.testing.assert_allclose(default, first, atol=1e-6)
  assert np.abs(default - second).max() > 0.1


@pytest.mark.slow
def test_each_key_drops_something_else():
  tokens = random_tokens(np.ones((1, 4)))
  first = encode(ENCODER, tokens, jax.random.key(0))
  again = encode(ENCODER, tokens, jax.random.key(0))
  other = encode(ENCODER, tokens, jax.random.key(1))
  np.testing.assert_array_equal(first, again)
  assert (first != other).any()


@pytest.mark.slow
def test_rematerialisation_changes_no_gradient():
  tokens = random_tokens(np.ones((2, 4)))
  params = params_of(ENCODER)
  plain = compiled_gradient(ENCODER)(params, tokens)
  gradient = compiled_gradient(ENCODER._replace(remat=True))
  again = gradient(params, tokens)
  for expected, actual in zip(jax.tree.leaves(plain), jax.tree.leaves(again), strict=True):
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)
  assert "remat" in str(jax.make_jaxpr(gradient)(params, tokens))


@pytest.mark.parametrize(
  "config",
  [pytest.param(ENCODER, marks=pytest.mark.slow), DECODER],
  ids=["encoder", "decoder"],
)
def test_bfloat16_stays_near_float32_and_gradients_are_float32(config):
  tokens = random_tokens([[1] * 6])
  half = config._replace(dtype="bfloat16")
  actual = encode(half, tokens)
  expected = encode(config, tokens)
  assert actual.dtype == jnp.bfloat16
  error = np.abs(actual.astype(np.float32) - expected).max()
  assert 1e-6 < error / np.abs(expected).max() < 0.05
  grads = jax.eval_shape(compiled_gradient(half), params_of(config), tokens)
  for leaf in jax.tree.leaves(grads):
    assert leaf.dtype == jnp.float32


def test_mean_pool_leaves_padding_out():
  h = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
  documents = np.array([[0, 1, 1], [0, 0, 0]])
  pooled = transformer.mean_pool(h, documents)
  np.testing.assert_allclose(pooled, [h[0, 1:].mean(0), [0, 0]])


def test_a_text_longer_than_the_positions_is_refused():
  with pytest.raises(InputError, match="a text of 17 tokens, expected 16 at most"):
    transformer.encode(params_of(ENCODER), random_tokens(np.ones((1, 17))), config=ENCODER)
