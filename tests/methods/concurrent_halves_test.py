"""Halves of the blocks of an update have the loss and gradients of all of them."""

import functools

import jax
import numpy as np
import pytest

from glove_jax.data.windows.blocks import WindowBatch
from glove_jax.methods import bounded_steps, negative_sampling
from glove_jax.methods.concurrent_halves import in_halves

WINDOW = 2
BLOCK = 4
VOCAB = 9
DIM = 3

skipgram = functools.partial(negative_sampling.skipgram, window=WINDOW, negatives=5)


def make_blocks(size):
  rng = np.random.default_rng(size)
  width = BLOCK + 2 * WINDOW
  return WindowBatch(
    words=rng.integers(0, VOCAB + 1, (size, width), np.int32),
    document=np.sort(rng.integers(0, 2, (size, width), np.int32)),
    reach=rng.integers(1, WINDOW + 1, (size, BLOCK), np.int32),
    negatives=rng.integers(1, VOCAB + 1, (size, 6), np.int32),
  )


def make_tables():
  rng = np.random.default_rng(0)
  return {name: rng.standard_normal((VOCAB, DIM), np.float32) for name in ("word", "context")}


def by_row(gradients):
  """The gradient and the curvature bound of each row: [V, D + 1]."""
  sums = np.zeros((VOCAB + 1, DIM + 1))
  for part in gradients:
    values = np.concatenate([part.grads, part.curvature_bound[..., None]], -1)
    np.add.at(sums, np.asarray(part.ids), values)
  return sums[1:]


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("has_ids", [False, True])
def test_halves_add_up_to_all_blocks(size, has_ids):
  blocks = make_blocks(size)
  tables = make_tables()
  look_up = bounded_steps.look_ups(tables)
  options = {"input_ids": (VOCAB - blocks.words) % VOCAB + 1} if has_ids else {}
  loss, gradients = skipgram(look_up, (), blocks, **options)
  halves_loss, halves = in_halves(skipgram)(look_up, (), blocks, **options)
  np.testing.assert_allclose(halves_loss, loss, rtol=1e-5)
  for table in tables:
    assert len(halves[table]) == min(size, 2) * len(gradients[table])
    expected = by_row(gradients[table])
    np.testing.assert_allclose(by_row(halves[table]), expected, rtol=1e-4, atol=1e-5)


def test_accelerators_compute_all_blocks_at_once(monkeypatch):
  monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
  assert in_halves(skipgram) is skipgram
