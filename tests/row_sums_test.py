"""Sums over equal rows: both ways agree with each other and with float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import row_sums
from glove_jax.methods import bounded_steps

RNG = np.random.default_rng(0)
VOCAB = 200


def zipf_ids(*shape):
  """Ids of words by Zipf's law; V itself, which is dropped, is one of them."""
  return jnp.asarray(np.minimum(RNG.zipf(1.2, shape) - 1, VOCAB), jnp.int32)


def normal(*shape):
  return jnp.asarray(RNG.normal(size=shape), jnp.float32)


def exact_sums(table, ids, rows):
  """The sums in float64."""
  padded = np.zeros((VOCAB + 1, *table.shape[1:]))
  padded[:VOCAB] = table
  np.add.at(padded, ids, np.asarray(rows, np.float64))
  return padded[:VOCAB]


@pytest.mark.parametrize("count,width", [(1, ()), (64, (5,)), (65, (2, 3)), (5000, (5,))])
def test_sorted_sums_are_exact(count, width):
  table = normal(VOCAB, *width)
  ids = zipf_ids(count)
  rows = normal(count, *width)
  expected = exact_sums(table, ids, rows)
  scale = np.abs(expected).max()
  for add in (row_sums._add_in_order, row_sums._add_sums):
    np.testing.assert_allclose(add(table, ids, rows), expected, rtol=1e-6, atol=1e-6 * scale)


def test_one_word_may_fill_many_blocks():
  ids = jnp.repeat(jnp.array([3, 5, 6]), np.array([10_000, 1, 7]))
  rows = normal(len(ids), 4)
  sums = row_sums._add_sums(jnp.zeros((VOCAB, 4)), ids, rows)
  np.testing.assert_allclose(sums, exact_sums(np.zeros((VOCAB, 4)), ids, rows), atol=1e-4)


def test_every_row_is_written_once_and_no_other_position():
  ids = zipf_ids(1000)
  written, _ = row_sums.sum_rows(ids, normal(1000, 2), VOCAB)
  assert len(np.unique(written)) == len(written)
  in_table = np.sort(written[written < VOCAB])
  np.testing.assert_array_equal(in_table, np.unique(ids[ids < VOCAB]))


def test_sorted_sums_of_bfloat16_are_made_in_float32():
  ids = jnp.zeros(1000, jnp.int32)
  ones = jnp.ones((1000, 2), jnp.bfloat16)
  sums = row_sums._add_sums(jnp.zeros((VOCAB, 2), jnp.bfloat16), ids, ones)
  assert sums.dtype == jnp.bfloat16
  assert np.asarray(sums[0], np.float32) == pytest.approx(1000)


def test_sorted_sums_have_the_same_bits_for_any_order_of_other_ids():
  ids = zipf_ids(500)
  rows = normal(500, 3)
  order = jnp.argsort(ids)
  zeros = jnp.zeros((VOCAB, 3))
  first = row_sums._add_sums(zeros, ids, rows)
  second = row_sums._add_sums(zeros, ids[order], rows[order])
  np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_gradients_of_looked_up_rows_are_those_of_indexing(dtype):
  table = jnp.asarray(normal(VOCAB, 4), dtype)
  ids = zipf_ids(6, 7) % VOCAB
  weights = jnp.asarray(normal(6, 7, 4), dtype)

  def our_loss(table):
    return (row_sums.take_rows(table, ids) * weights).sum()

  def plain_loss(table):
    return (table[ids] * weights).sum()

  actual = jax.jit(jax.grad(our_loss))(table)
  expected = jax.jit(jax.grad(plain_loss))(table)
  assert actual.dtype == dtype
  np.testing.assert_array_equal(actual, expected)


def make_gradients(*shape):
  bound = 50 * abs(normal(*shape))
  return bounded_steps.RowGradients(zipf_ids(*shape), normal(*shape, 4), bound)


def test_steps_by_row_are_those_by_occurrence():
  gradients = (make_gradients(20, 30), make_gradients(50))
  table = normal(VOCAB, 4)
  by_occurrence = bounded_steps._step_by_occurrence(table, gradients, 0.05)
  by_row = bounded_steps._step_by_row(table, gradients, 0.05)
  np.testing.assert_allclose(by_row, by_occurrence, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dims", [(5,), (5, 3)])
def test_both_ways_of_gradients_agree_for_several_axes(dims):
  indices = (jnp.array([[0, 2, 0], [1, 1, 1]]), jnp.array([[4, 0, 4], [3, 3, 2]]))
  indices = indices[: len(dims)]
  indices = jax.tree.map(lambda index, size: index % size, indices, dims)
  grad = normal(2, 3, 4)
  zeros = jnp.zeros((*dims, 4))
  in_order = row_sums._add_in_order(zeros, indices, grad)
  flat = row_sums._add_flat_sums(zeros, indices, grad)
  np.testing.assert_allclose(flat, in_order, rtol=1e-6, atol=1e-6)


def test_positions_of_each_text_are_looked_up():
  h = normal(2, 5, 3)
  positions = jnp.array([[0, 4, 0], [1, 1, 2]])
  expected = jnp.take_along_axis(h, positions[..., None], 1)
  np.testing.assert_array_equal(row_sums.take_positions(h, positions), expected)


def test_rows_of_a_table_of_numpy_are_looked_up():
  table = np.arange(12, dtype=np.float32).reshape(6, 2)
  ids = np.array([[4, 0], [4, 5]], np.int32)
  taken = row_sums.take_rows(table, ids)  # not compiled, which would make arrays of JAX of them
  np.testing.assert_array_equal(taken, table[ids])
