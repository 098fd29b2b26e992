"""Layers against plain loops."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import custom_gradients, nn
from glove_jax.models.lstm import init_lstm, lstm

RNG = np.random.default_rng(0)


def normal(*shape):
  return RNG.normal(size=shape).astype(np.float32)


def sigmoid(x):
  return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("reverse", [False, True])
def test_lstm_is_the_equations_step_by_step(reverse):
  size, lengths = 3, [4, 2]
  params = {"x": normal(2, 12), "h": normal(3, 12), "b": normal(12)}
  x, keep = normal(2, 5, 2), np.float32([[1, 0, 2], [2, 2, 0]])
  mask = np.float32([[t < length for t in range(5)] for length in lengths])
  out = jax.jit(lambda: lstm(params, x, mask, reverse=reverse, recurrent_mask=keep))()
  for row, length in enumerate(lengths):
    cell, hidden = np.zeros(size), np.zeros(size)
    for t in list(range(length))[:: -1 if reverse else 1]:
      given = x[row, t] @ params["x"] + (hidden * keep[row]) @ params["h"] + params["b"]
      enter, forget, new, leave = given.reshape(4, size)
      cell = sigmoid(forget) * cell + sigmoid(enter) * np.tanh(new)
      hidden = sigmoid(leave) * np.tanh(cell)
      np.testing.assert_allclose(out[row, t], hidden, atol=1e-5)
    assert not np.asarray(out)[row, length:].any()


def test_a_new_lstm_has_an_open_forget_gate_and_gates_that_keep_variances():
  params = jax.jit(lambda: init_lstm(jax.random.key(0), 60, 40))()
  assert params["b"].tolist() == [0] * 40 + [1] * 40 + [0] * 80
  assert (params["x"].shape, params["h"].shape) == ((60, 160), (40, 160))
  for name, inputs in (("x", 60), ("h", 40)):
    for gate in np.split(params[name], 4, 1):
      assert gate.var() == pytest.approx(2 / (inputs + 40), rel=0.1)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_convolution_is_a_dense_layer_on_windows(width):
  params, x = {"w": normal(2 * width, 3), "b": normal(3)}, normal(1, 5, 2)
  found = jax.jit(nn.convolution)(params, x)
  for t in range(5):
    window = [x[0, t + i - (width - 1) // 2] if 0 <= t + i - (width - 1) // 2 < 5 else np.zeros(2)
              for i in range(width)]
    np.testing.assert_allclose(found[0, t], np.concatenate(window) @ params["w"] + params["b"], atol=1e-5)


def test_dropout_keeps_the_mean_and_shares_axes():
  x = jnp.ones((50, 8, 40))
  key = jax.random.key(1)
  out = np.asarray(nn.dropout(key, x, 0.25))
  assert set(np.unique(out).tolist()) == {0, np.float32(1 / 0.75)} and out.mean() == pytest.approx(1, abs=0.02)
  assert (out != out[:, :1]).any()
  shared = np.asarray(nn.dropout(key, x, 0.25, broadcast_dims=(1,)))
  assert (shared == shared[:, :1]).all() and (shared != shared[:1]).any()
  assert nn.dropout(None, x, 0.5) is x and nn.dropout(key, x, 0.0) is x


def test_padding_has_no_vector_and_no_part_in_means_and_greatest():
  table = normal(4, 3) - 5
  ids = np.array([[2, 3, 0], [1, 0, 0], [0, 0, 0]])
  mask = (ids > 0).astype(np.float32)
  h = np.asarray(nn.embed(table, ids))
  assert not h[ids == 0].any()
  def pooled(h):
    return nn.mean_pool(h + 7, mask), nn.max_pool(h, mask)
  mean, greatest = map(np.asarray, jax.jit(pooled)(h))
  np.testing.assert_allclose(mean[0], (table[2] + table[3]) / 2 + 7, atol=1e-5)
  np.testing.assert_allclose(greatest[:2], [np.maximum(table[2], table[3]), table[1]])
  assert not mean[2].any() and not greatest[2].any()
  grads = jax.jit(jax.grad(lambda h: sum(one.sum() for one in pooled(h))))(h)
  assert np.isfinite(grads).all() and not np.asarray(grads)[ids == 0].any()


@pytest.mark.parametrize("inputs,outputs", [(3, 5), (5, 3)])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_gradients_of_products_are_those_of_plain_ones(inputs, outputs, dtype):
  x, w = jnp.asarray(normal(2, 4, inputs), dtype), jnp.asarray(normal(inputs, outputs), dtype)
  weight = normal(2, 4, outputs)
  def gradients(product):
    return jax.jit(jax.grad(lambda x, w: (product(x, w) * weight).sum(), argnums=(0, 1)))(x, w)
  def plain(x, w):
    return jnp.matmul(x, w, preferred_element_type=jnp.float32)
  for found, expected in zip(gradients(lambda x, w: custom_gradients.matmul(x, w, jnp.float32)), gradients(plain), strict=True):
    assert found.dtype == expected.dtype == dtype
    np.testing.assert_allclose(found.astype(np.float32), expected.astype(np.float32), rtol=1e-5 if dtype == "float32"
                               else 0.02, atol=1e-6 if dtype == "float32" else 0.02)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_gradient_of_a_bias_is_the_sum_over_places(dtype):
  params = {"w": jnp.asarray(normal(3, 5), dtype), "b": jnp.asarray(normal(5), dtype)}
  x, weight = jnp.asarray(normal(2, 4, 3), dtype), normal(2, 4, 5)
  found = jax.jit(jax.grad(lambda params: (nn.dense(params, x) * weight).sum()))(params)["b"]
  assert found.dtype == dtype
  np.testing.assert_allclose(found.astype(np.float32), weight.sum((0, 1)), rtol=1e-5 if dtype == "float32" else 0.02,
                             atol=1e-6 if dtype == "float32" else 0.05)


@pytest.mark.parametrize("at", [(0, 0), (1, 2)])
def test_a_settled_gradient_is_the_same(at):
  x = jnp.arange(6.0).reshape(2, 3)
  def loss(settle, x):
    return jnp.sum(jnp.sin(settle(x)) * x)
  value, grad = jax.jit(jax.value_and_grad(lambda x: loss(custom_gradients.materialize_grad, x)))(x)
  wanted, slope = jax.value_and_grad(lambda x: loss(lambda x: x, x))(x)
  np.testing.assert_allclose(value, wanted, rtol=1e-6)
  np.testing.assert_allclose(grad, slope, rtol=1e-6)
  bad = jax.jit(jax.grad(lambda x: jnp.sum(custom_gradients.materialize_grad(x) * jnp.zeros_like(x).at[at].set(jnp.nan))))(x)
  assert np.isnan(bad[at])
