"""What every encoder promises: its shape, zeros at padding, dropout only with a random key."""

import jax
import numpy as np
import pytest
from model_inputs import BATCH, NUM_CHARS, TABLE, encode

from glove_jax.models.bilstm import bilstm
from glove_jax.models.char_cnn import char_cnn
from glove_jax.models.cnn import cnn
from glove_jax.models.word_embeddings import concatenate, word_embeddings

WORDS = word_embeddings(TABLE, dropout=0.5, word_dropout=0.2)
CHARS = char_cnn(NUM_CHARS, dim=3, filters=5, dropout=0.2)
ENCODERS = {
  "cnn": cnn(WORDS, widths=(2, 3), filters=6),
  "bilstm": bilstm(
    concatenate(words=WORDS, chars=CHARS),
    size=3,
    layers=2,
    dropout=0.5,
    recurrent_dropout=0.3,
  ),
}
pytestmark = pytest.mark.parametrize("name", ENCODERS)


def pad(array):
  """Adds a text, and four tokens to each text."""
  widths = [(0, 1), (0, 4), (0, 0)]
  return np.pad(array, widths[: array.ndim])


def test_padding_contributes_nothing_and_stays_zero(name):
  encoder = ENCODERS[name]
  h = encode(encoder)
  assert h.shape == (3, 5, encoder.dim)
  assert not h[BATCH.mask == 0].any()
  assert h[BATCH.mask > 0].any(-1).all()
  padded = encode(encoder, jax.tree.map(pad, BATCH))
  np.testing.assert_allclose(padded[:3, :5], h, atol=1e-5)


def test_only_a_random_key_drops_and_each_key_drops_something_else(name):
  h = encode(ENCODERS[name])
  first = encode(ENCODERS[name], rng=jax.random.key(1))
  second = encode(ENCODERS[name], rng=jax.random.key(2))
  assert (first != h).any()
  assert (first != second).any()
