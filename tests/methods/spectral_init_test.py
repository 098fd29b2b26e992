"""The spectral start: one subspace for all seeds, no held-out pairs, small vocabularies."""

import numpy as np
import pytest

from glove_jax.data.counts import cooccurrence, record_batches
from glove_jax.methods import spectral_init

V, D = 60, 5


@pytest.fixture
def store(tmp_path):
  rng = np.random.default_rng(0)
  ids = (V * rng.random(4000) ** 2).astype(np.int32)
  ids[rng.random(4000) < 0.05] = -1
  return cooccurrence.count([ids], tmp_path / "store", vocab_size=V, window=cooccurrence.Window(4))


def factorisable(folder):
  """A store whose logarithms have rank D, plus biases; counts are below 10, so none is capped."""
  rng = np.random.default_rng(0)
  half = 0.3 * rng.normal(size=(V, D))
  bias = 0.3 * rng.normal(size=V)
  log = half @ half.T + bias[:, None] + bias
  window = cooccurrence.Window(V)
  store = cooccurrence.count([np.arange(V, dtype=np.int32)], folder, vocab_size=V, window=window)
  counts = np.exp(log)[store.rows(np.arange(store.nonzeros)), store.cols]
  return store._replace(counts=counts)


def test_the_start_is_the_spectrum_of_the_counts(tmp_path):
  store = factorisable(tmp_path / "store")
  one, other = (spectral_init.init_params(store, D, x_max=10.0, seed=seed) for seed in (0, 1))
  assert not one["word"].any()
  context = [params["context"][:, :-1] for params in (one, other)]
  np.testing.assert_allclose(
    context[0] @ context[0].T, context[1] @ context[1].T, atol=1e-2
  )  # the same but for signs
  assert (
    np.corrcoef(one["context"][:, -1], np.log(store.matrix().toarray() + np.eye(V)).sum(0))[0, 1]
    > 0.9
  )


def test_the_start_knows_nothing_of_held_out_pairs(store):
  rows = store.rows(np.arange(store.nonzeros))
  out = record_batches.is_held_out(rows, store.cols, V, 3, 0.3)
  changed = store._replace(counts=np.where(out, 1000.0, store.counts))
  one, two = (
    spectral_init.init_params(counts, D, seed=3, held_out=0.3) for counts in (store, changed)
  )
  np.testing.assert_array_equal(one["context"], two["context"])


@pytest.mark.parametrize("dim", [3, 80])
def test_a_start_for_fewer_words_than_dimensions_and_unseen_words(tmp_path, dim):
  store = cooccurrence.count(
    [np.array([0, 1, 2, 0, 1], np.int32)],
    tmp_path / "store",
    vocab_size=5,
    window=cooccurrence.Window(2),
  )
  params = spectral_init.init_params(store, dim)
  assert params["context"].shape == (5, dim + 1)
  assert np.isfinite(params["context"]).all()


def test_all_products_of_matrices_are_counted(store):
  counted = []
  spectral_init.init_params(store, D, advance=counted.append)
  assert sum(counted) == spectral_init.NUM_PRODUCTS
