"""Which tokens a window sees."""

from model_inputs import TABLE, changed_by_middle_word

from glove_jax.models.cnn import cnn
from glove_jax.models.word_embeddings import word_embeddings


def test_a_window_sees_its_neighbours():
  encoder = cnn(word_embeddings(TABLE), widths=(3,), filters=50)
  changed = changed_by_middle_word(encoder).any(-1)
  assert changed.tolist() == [False, True, True, True, False]
