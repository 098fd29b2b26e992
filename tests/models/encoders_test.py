"""Every encoder: shapes, padding, dropout by key alone; and what each sees of a text."""

import functools

import jax
import numpy as np
import pytest

from glove_jax.data.labelled.padded_batches import PaddedBatch
from glove_jax.models import bilstm as recurrent
from glove_jax.models import char_cnn, word_embeddings
from glove_jax.models import cnn as convolution

TABLE = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
IDS = np.array([[2, 3, 4, 5, 6], [7, 8, 1, 0, 0], [0, 0, 0, 0, 0]], np.int32)
CHARS = np.where(IDS[..., None] > 0, np.random.default_rng(1).integers(1, 6, (3, 5, 7)), 0).astype(np.int32)
BATCH = PaddedBatch(IDS, (IDS > 0).astype(np.float32), CHARS, np.zeros(3, np.int32), np.float32([1, 1, 0]))
WORDS = word_embeddings.word_embeddings(TABLE, dropout=0.5, word_dropout=0.2)
CHAR_CNN = char_cnn.char_cnn(6, dim=3, filters=5, dropout=0.2)
ENCODERS = {
  "cnn": convolution.cnn(WORDS, widths=(2, 3), filters=6),
  "bilstm": recurrent.bilstm(word_embeddings.concatenate(words=WORDS, chars=CHAR_CNN), size=3, layers=2, dropout=0.5, recurrent=0.3),
}


@functools.cache
def compiled(encoder):
  return jax.jit(encoder.encode), jax.jit(encoder.init)(jax.random.key(0))


def run(encoder, batch=BATCH, rng=None):
  encode, params = compiled(encoder)
  return np.asarray(encode(params, batch, rng))


@pytest.mark.parametrize("name", ENCODERS)
def test_padding_contributes_nothing_and_only_a_key_drops(name):
  encoder = ENCODERS[name]
  h = run(encoder)
  assert h.shape == (3, 5, encoder.dim) and not h[BATCH.mask == 0].any() and h[BATCH.mask > 0].any(-1).all()
  longer = jax.tree.map(lambda array: np.pad(array, [(0, 1), (0, 4), (0, 0)][: array.ndim]), BATCH)
  np.testing.assert_allclose(run(encoder, longer)[:3, :5], h, atol=1e-5)
  one, other = (run(encoder, rng=jax.random.key(seed)) for seed in (1, 2))
  assert (one != h).any() and (one != other).any()


def changed(encoder):
  """Which numbers of the first text's tokens are others if the token in the middle is another. -> [T, D]"""
  ids = IDS.copy()
  ids[0, 2] = 8
  return run(encoder, BATCH._replace(ids=ids))[0] != run(encoder)[0]


def test_each_encoder_sees_so_far():
  assert changed(word_embeddings.word_embeddings(TABLE)).any(-1).tolist() == [False, False, True, False, False]
  cnn = convolution.cnn(word_embeddings.word_embeddings(TABLE), widths=(3,), filters=50)
  assert changed(cnn).any(-1).tolist() == [False, True, True, True, False]
  bilstm = changed(recurrent.bilstm(word_embeddings.word_embeddings(TABLE), size=3))
  assert bilstm[:, :3].any(-1).tolist() == [False, False, True, True, True]
  assert bilstm[:, 3:].any(-1).tolist() == [True, True, True, False, False]


def test_word_dropout_takes_words_for_the_unknown_one():
  encoder = word_embeddings.word_embeddings(TABLE, word_dropout=0.5)
  found = run(encoder, rng=jax.random.key(0))[0]
  as_unknown = (found == TABLE[1]).all(-1)
  assert 0 < as_unknown.sum() < 5 and (found[~as_unknown] == TABLE[IDS[0]][~as_unknown]).all()


def test_characters_tell_words_with_one_id_apart():
  chars = CHARS.copy()
  chars[0, 1, 0] = 7 - CHARS[0, 1, 0]
  same = run(CHAR_CNN)[0]
  assert (run(CHAR_CNN, BATCH._replace(chars=chars))[0] != same).any(-1).tolist() == [False, True, False, False, False]
