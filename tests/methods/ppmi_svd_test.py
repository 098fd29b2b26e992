"""PPMI against its definition on dense matrices, the decomposition against NumPy's, empty rows."""

import numpy as np
import pytest

from glove_jax.data.counts import cooccurrence
from glove_jax.errors import InputError
from glove_jax.methods import ppmi_svd

V = 40


@pytest.fixture(params=[True, False], ids=["symmetric", "left"])
def store(tmp_path, request):
  rng = np.random.default_rng(0)
  ids = (V * rng.random(1500) ** 2).astype(np.int32)
  ids[(ids == 3) | (ids == V - 1)] = 5  # two words that do not occur
  ids[rng.random(1500) < 0.1] = -1
  return cooccurrence.count(
    [ids],
    tmp_path / "store",
    vocab_size=V,
    window=cooccurrence.Window(3, symmetric=request.param),
  )


def brute_force(store, shift, smoothing):
  counts = store.matrix().toarray()
  p_word = counts.sum(1) / counts.sum()
  p_context = counts.sum(0) ** smoothing / (counts.sum(0) ** smoothing).sum()
  expected = np.zeros_like(counts)
  for i, j in zip(*np.nonzero(counts), strict=True):
    expected[i, j] = max(
      0, np.log(counts[i, j] / counts.sum() / (p_word[i] * p_context[j])) - np.log(shift)
    )
  return expected


@pytest.mark.parametrize(("shift", "smoothing"), [(1.0, 1.0), (1.0, 0.75), (1.5, 0.75), (0.9, 0.5)])
@pytest.mark.parametrize("block", [1, 50, 1 << 22])
def test_ppmi_is_its_definition(store, monkeypatch, shift, smoothing, block):
  monkeypatch.setattr(ppmi_svd, "_BLOCK", block)
  matrix = ppmi_svd.ppmi(store, shift=shift, context_smoothing=smoothing)
  expected = brute_force(store, shift, smoothing)
  np.testing.assert_allclose(matrix.toarray(), expected, rtol=1e-5, atol=1e-6)
  assert 0 < matrix.nnz < store.nonzeros  # what is not positive is not stored
  assert matrix.dtype == np.float32 and matrix.has_sorted_indices


def test_ppmi_takes_no_more_bytes_than_its_entries(store):
  matrix = ppmi_svd.ppmi(store)
  assert matrix.indices.dtype == matrix.indptr.dtype == np.int32
  assert matrix.data.nbytes + matrix.indices.nbytes == 8 * matrix.nnz


@pytest.mark.parametrize("power", [0, 0.5, 1])
@pytest.mark.parametrize("dim", [1, 6, V - 1])
def test_vectors_are_those_of_numpys_decomposition(store, power, dim):
  left, values, _ = np.linalg.svd(brute_force(store, 1.0, 0.75))
  vectors = ppmi_svd.ppmi_svd(store, dim, power=power)
  expected = (left * values**power)[:, :dim] * (values > 1e-5 * values[0])[:dim]
  assert vectors.shape == (V, dim) and vectors.dtype == np.float32
  signs = np.sign((vectors * expected).sum(0))
  np.testing.assert_allclose(vectors * signs, expected, atol=2e-4)


def test_vectors_are_a_function_of_the_seed(store):
  one, again, other = (ppmi_svd.ppmi_svd(store, 5, seed=seed) for seed in (1, 1, 2))
  np.testing.assert_array_equal(one, again)
  np.testing.assert_allclose(np.abs(one), np.abs(other), atol=1e-4)


@pytest.mark.parametrize("power", [0, 0.5])
def test_words_that_meet_nothing_have_vectors_of_zeros(store, power):
  vectors = ppmi_svd.ppmi_svd(store, 30, power=power)
  assert not vectors[[3, V - 1]].any()
  assert np.isfinite(vectors).all() and vectors[:3].any(1).all()


def test_of_a_matrix_of_low_rank_the_other_columns_are_zeros(tmp_path):
  ids = np.array(
    [0, 2, -1] * 9 + [1, 2, -1] * 9 + [3, 4, -1] * 9, np.int32
  )  # 0 and 1 have the same contexts
  store = cooccurrence.count(
    [ids], tmp_path / "store", vocab_size=20, window=cooccurrence.Window(1)
  )
  vectors = ppmi_svd.ppmi_svd(store, 10, power=0)
  assert vectors[:, :4].any(0).all() and not vectors[:, 4:].any()
  np.testing.assert_allclose(vectors.T @ vectors, np.diag([1] * 4 + [0] * 6), atol=1e-5)


@pytest.mark.parametrize(
  ("setting", "message"),
  [
    ({"dim": 0}, "dim is 0, expected from 1 to below the 40 words"),
    ({"dim": V}, "dim is 40"),
    ({"shift": 0}, "shift is 0, expected more than 0"),
    ({"shift": 1e9}, "expected a smaller shift"),
    ({"context_smoothing": 0}, "context_smoothing is 0"),
    ({"context_smoothing": 1.5}, "context_smoothing is 1.5"),
    ({"power": -1}, "power is -1"),
  ],
)
def test_settings_that_make_no_sense(store, setting, message):
  with pytest.raises(InputError, match=message):
    ppmi_svd.ppmi_svd(store, **{"dim": 5, **setting})


def test_every_product_is_counted(store):
  counted = []
  vectors = ppmi_svd.ppmi_svd(store, 3, advance=counted.append)
  np.testing.assert_array_equal(vectors, ppmi_svd.ppmi_svd(store, 3))
  assert set(counted) == {1} and len(counted) >= 20  # the size of the subspace


def test_the_expected_products_are_those_that_were_measured():
  for dim, products in ((20, 87), (50, 181), (100, 356)):
    assert abs(ppmi_svd.expected_products(dim) / products - 1) < 0.05
