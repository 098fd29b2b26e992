"""Balanced tables have the same products and the same moments."""

import jax
import numpy as np

from glove_jax import parallel
from glove_jax.methods import als_balance

V, D = 40, 4


def test_products_stay_and_moments_become_equal():
  rng = np.random.default_rng(0)
  params = {}
  size = {}
  for side in ("fixed", "moving"):
    scales = np.append(np.geomspace(0.2, 3, D), 1.0)
    params[side] = (rng.normal(size=(V, D + 1)) * scales).astype(np.float32)
    size[side] = rng.integers(0, 50, V).astype(np.float32)
  balance = parallel.pmap(lambda state, _: als_balance.balance(*state, ridge_power=0.5))
  balanced = jax.device_get(balance((params, size), parallel.shard(np.zeros(8))))
  moments = {}
  for side in params:
    np.testing.assert_array_equal(balanced[side][:, -1], params[side][:, -1])  # biases stay
    weight = np.maximum(size[side], 1) ** 0.5
    moments[side] = np.asarray(als_balance.gram(balanced[side][:, :-1], weight))
  products = balanced["moving"][:, :-1] @ balanced["fixed"][:, :-1].T
  expected = params["moving"][:, :-1] @ params["fixed"][:, :-1].T
  np.testing.assert_allclose(products, expected, rtol=1e-3, atol=1e-3)
  scale = np.abs(moments["fixed"]).max()
  np.testing.assert_allclose(moments["fixed"], moments["moving"], atol=1e-3 * scale)


def test_gram_is_the_weighted_sum_of_outer_products():
  rng = np.random.default_rng(1)
  table = rng.normal(size=(V, D)).astype(np.float32)
  weight = rng.random(V).astype(np.float32)
  expected = sum(w * np.outer(row, row) for w, row in zip(weight, table, strict=True))
  np.testing.assert_allclose(als_balance.gram(table, weight), expected, rtol=1e-4, atol=1e-5)
