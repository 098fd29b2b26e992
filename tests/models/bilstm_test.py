"""Which tokens each direction sees."""

from model_inputs import TABLE, changed_by_middle_word

from glove_jax.models.bilstm import bilstm
from glove_jax.models.word_embeddings import word_embeddings


def test_each_direction_sees_the_tokens_on_its_side():
  changed = changed_by_middle_word(bilstm(word_embeddings(TABLE), size=3))
  forward = changed[:, :3].any(-1)
  backward = changed[:, 3:].any(-1)
  assert forward.tolist() == [False, False, True, True, True]
  assert backward.tolist() == [True, True, True, False, False]
