"""Characters reach the vector of their own token."""

from model_inputs import BATCH, CHARS, NUM_CHARS, encode

from glove_jax.models.char_cnn import char_cnn


def test_characters_distinguish_words_with_the_same_id():
  encoder = char_cnn(NUM_CHARS, dim=3, filters=5, dropout=0.2)
  chars = CHARS.copy()
  chars[0, 1, 0] = 7 - CHARS[0, 1, 0]
  before = encode(encoder)[0]
  after = encode(encoder, BATCH._replace(chars=chars))[0]
  changed = (after != before).any(-1)
  assert changed.tolist() == [False, True, False, False, False]
