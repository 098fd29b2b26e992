"""Words alone, word dropout, variational dropout, and encoders side by side."""

import jax
import numpy as np
from model_inputs import BATCH, IDS, NUM_CHARS, TABLE, changed_by_middle_word, encode

from glove_jax.models.char_cnn import char_cnn
from glove_jax.models.word_embeddings import concatenate, word_embeddings


def test_a_vector_depends_on_its_word_alone():
  changed = changed_by_middle_word(word_embeddings(TABLE)).any(-1)
  assert changed.tolist() == [False, False, True, False, False]


def test_word_dropout_replaces_words_by_the_unknown_word():
  encoder = word_embeddings(TABLE, word_dropout=0.5)
  vectors = encode(encoder, rng=jax.random.key(0))[0]
  is_unknown = (vectors == TABLE[1]).all(-1)
  assert 0 < is_unknown.sum() < 5
  kept_ids = IDS[0][~is_unknown]
  np.testing.assert_array_equal(vectors[~is_unknown], TABLE[kept_ids])


def test_variational_dropout_drops_the_same_numbers_of_all_words():
  def dropped(variational):
    encoder = word_embeddings(TABLE, dropout=0.5, variational=variational)
    return encode(encoder, rng=jax.random.key(0))[0] == 0

  shared = dropped(True)
  assert 0 < shared[0].sum() < 4
  assert (shared == shared[0]).all()
  separate = dropped(False)
  assert (separate != separate[0]).any()


def test_encoders_are_joined_in_order():
  words = word_embeddings(TABLE)
  chars = char_cnn(NUM_CHARS, filters=5)
  encoder = concatenate(words=words, chars=chars)
  params = jax.jit(encoder.init)(jax.random.key(0))
  h = jax.jit(encoder.encode)(params, BATCH, None)
  assert encoder.dim == 9
  np.testing.assert_array_equal(h[..., :4], words.encode(params["words"], BATCH, None))
  np.testing.assert_allclose(
    h[..., 4:],
    jax.jit(chars.encode)(params["chars"], BATCH, None),
    atol=1e-6,
  )
