"""Layers against plain NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import nn

RNG = np.random.default_rng(0)


def normal(*shape):
  return RNG.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_convolution_is_a_dense_layer_on_windows(width):
  params = {"w": normal(2 * width, 3), "b": normal(3)}
  x = normal(1, 5, 2)
  actual = jax.jit(nn.convolution)(params, x)
  before = (width - 1) // 2
  padded = np.pad(x[0], ((before, width), (0, 0)))
  for t in range(5):
    window = padded[t : t + width].ravel()
    expected = window @ params["w"] + params["b"]
    np.testing.assert_allclose(actual[0, t], expected, atol=1e-5)


def test_layer_norm_has_the_mean_and_deviation_of_its_params():
  params = {"scale": np.full(200, 3.0), "b": np.full(200, 2.0)}
  x = 5 + 7 * normal(4, 200)
  out = np.asarray(nn.layer_norm(params, x, epsilon=1e-12))
  np.testing.assert_allclose(out.mean(-1), 2, atol=1e-4)
  np.testing.assert_allclose(out.std(-1), 3, atol=1e-4)


def test_dropout_keeps_the_mean():
  x = jnp.ones((50, 8, 40))
  out = nn.dropout(jax.random.key(1), x, 0.25)
  out = np.asarray(out)
  assert set(np.unique(out).tolist()) == {0, np.float32(1 / 0.75)}
  assert out.mean() == pytest.approx(1, abs=0.02)
  assert (out != out[:, :1]).any()


def test_dropout_shares_its_mask_along_broadcast_dims():
  x = jnp.ones((50, 8, 40))
  out = nn.dropout(
    jax.random.key(1),
    x,
    0.25,
    broadcast_dims=(1,),
  )
  assert (out == out[:, :1]).all()
  assert (out != out[:1]).any()


def test_without_a_key_or_a_rate_nothing_is_dropped():
  x = jnp.ones(3)
  assert nn.dropout(None, x, 0.5) is x
  assert nn.dropout(jax.random.key(1), x, 0.0) is x
  ids = jnp.arange(3)
  assert nn.drop_words(None, ids, 0.5, replacement=1) is ids
  assert nn.drop_words(jax.random.key(1), ids, 0.0, replacement=1) is ids


def test_drop_words_replaces_a_part_of_all_but_exempt_ids():
  ids = jnp.arange(10)[None].repeat(1000, 0)
  out = nn.drop_words(
    jax.random.key(1),
    ids,
    0.25,
    replacement=99,
    exempt_ids=(0, 7),
  )
  is_replaced = np.asarray(out == 99)
  np.testing.assert_array_equal(out[~is_replaced], ids[~is_replaced])
  assert not is_replaced[:, [0, 7]].any()
  assert is_replaced[:, 1:7].mean() == pytest.approx(0.25, abs=0.02)


def test_keys_differ_and_none_is_split_into_nones():
  keys = nn.split_keys(jax.random.key(0), 2)
  first, second = map(jax.random.key_data, keys)
  assert (first != second).any()
  assert nn.split_keys(None, 2) == [None, None]


IDS = np.array([[2, 3, 0], [1, 0, 0], [0, 0, 0]])
MASK = (IDS > 0).astype(np.float32)
VECTORS = normal(4, 3) - 5


def test_padding_has_no_vector():
  h = np.asarray(nn.embed(VECTORS, IDS))
  assert not h[IDS == 0].any()
  np.testing.assert_array_equal(h[IDS > 0], VECTORS[[2, 3, 1]])


def test_padding_has_no_part_in_means():
  h = nn.embed(VECTORS, IDS) + 7
  mean = np.asarray(nn.mean_pool(h, MASK))
  np.testing.assert_allclose(mean[0], VECTORS[2:4].mean(0) + 7, atol=1e-5)
  np.testing.assert_allclose(mean[1], VECTORS[1] + 7, atol=1e-5)
  assert not mean[2].any()


def test_padding_has_no_part_in_maxima():
  h = nn.embed(VECTORS, IDS)  # tokens are negative, padding is zero
  maximum = np.asarray(nn.max_pool(h, MASK))
  np.testing.assert_allclose(maximum[0], VECTORS[2:4].max(0))
  np.testing.assert_allclose(maximum[1], VECTORS[1])
  assert not maximum[2].any()


@pytest.mark.parametrize("pool", [nn.mean_pool, nn.max_pool])
def test_padding_has_no_gradient(pool):
  def total(h):
    return pool(h, MASK).sum()

  grads = np.asarray(jax.jit(jax.grad(total))(nn.embed(VECTORS, IDS)))
  assert np.isfinite(grads).all()
  assert grads[IDS > 0].any()
  assert not grads[IDS == 0].any()
