"""Draws follow the weights."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_jax.data.windows.alias_sampler import alias_sampler


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=40))
def test_probabilities_are_proportional_to_the_weights(weights):
  sampler = alias_sampler(np.array(weights, np.float64))
  probability = sampler.threshold.astype(np.float64)
  np.add.at(probability, sampler.alias, 1 - sampler.threshold)
  expected = np.array(weights) / sum(weights)
  np.testing.assert_allclose(probability / len(weights), expected, rtol=1e-4, atol=1e-7)


def test_draws_have_these_probabilities():
  sampler = alias_sampler(np.array([1.0, 2, 5]))
  draws = sampler.draw(np.random.default_rng(0), (20_000,))
  np.testing.assert_allclose(np.bincount(draws) / 20_000, np.array([1, 2, 5]) / 8, atol=0.02)
