"""The tokens that may be drawn, and draws as a function of seed, row and position."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax.models import sampling
from glove_jax.models.sampling import Sampling


@pytest.mark.parametrize(
  "top_k,top_p,kept",
  [
    (5, 1.0, [1, 3, 0, 4, 2]),
    (2, 1.0, [1, 3]),
    (5, 0.5, [1, 3]),
    (5, 0.41, [1, 3]),
    (5, 0.39, [1]),
    (5, 1e-9, [1]),
    (5, 0.85, [1, 3, 0, 4]),
    (2, 0.5, [1]),  # of the two most likely alone, the probabilities are .615 and .385
    (1, 1.0, [1]),
    (3, 0.99, [1, 3, 0]),
  ],
)
def test_top_k_and_top_p_keep_the_most_likely_tokens(top_k, top_p, kept):
  logits = np.log([[0.2, 0.4, 0.05, 0.25, 0.1]])
  filtered = sampling.filter_logits(jnp.asarray(logits), Sampling(1.0, top_k, top_p))[0]
  np.testing.assert_array_equal(np.flatnonzero(np.isfinite(filtered)), sorted(kept))
  np.testing.assert_allclose(filtered[np.array(kept)], logits[0][kept], rtol=1e-6)


def test_draws_depend_on_seed_row_and_position_alone():
  logits = jnp.zeros((2, 50))
  settings = Sampling(1.0, 50)

  def draw(seed, position, rows=2):
    return np.asarray(sampling.draw(jax.random.key(seed), position, logits[:rows], settings))

  first = draw(0, 0)
  np.testing.assert_array_equal(draw(0, 0), first)
  np.testing.assert_array_equal(draw(0, 0, rows=1), first[:1])
  assert first[0] != first[1]
  assert (draw(0, 1) != first).any() and (draw(1, 0) != first).any()


def test_a_temperature_of_zero_takes_the_most_likely():
  logits = jnp.log(jnp.array([[0.2, 0.5, 0.3], [0.4, 0.1, 0.5]]))
  drawn = sampling.draw(jax.random.key(0), 0, logits, Sampling(0.0, 3))
  np.testing.assert_array_equal(drawn, [1, 2])
