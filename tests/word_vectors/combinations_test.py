import numpy as np
import pytest

from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors

FIRST = WordVectors(["a", "b", "c"], np.float32([[2, 0], [0, 4], [3, 4]]))
SECOND = WordVectors(["c", "d", "a"], np.float32([[0, 0, 2], [1, 0, 0], [0, 5, 0]]))


def test_concat_sets_the_unit_vectors_of_shared_words_side_by_side():
  joined = FIRST.concat(SECOND)
  assert joined.words == ["a", "c"] and joined.dim == 5
  np.testing.assert_allclose(joined["a"], [1, 0, 0, 1, 0])
  np.testing.assert_allclose(joined["c"], [0.6, 0.8, 0, 0, 1])
  np.testing.assert_allclose(FIRST.concat(SECOND, normalize=False)["c"], [3, 4, 0, 0, 2])


def test_concat_of_all_words_has_zeros_where_a_table_lacks_one():
  joined = FIRST.concat(SECOND, keep="all")
  assert joined.words == ["a", "b", "c", "d"]
  np.testing.assert_allclose(joined["b"], [0, 1, 0, 0, 0])
  np.testing.assert_allclose(joined["d"], [0, 0, 1, 0, 0])


def test_average_fills_up_with_zeros_and_counts_the_tables_that_have_a_word():
  mean = FIRST.average(SECOND, keep="all")
  assert mean.words == ["a", "b", "c", "d"] and mean.dim == 3
  np.testing.assert_allclose(mean["a"], [0.5, 0.5, 0])
  np.testing.assert_allclose(mean["b"], [0, 1, 0])
  np.testing.assert_allclose(FIRST.average(SECOND, normalize=False)["c"], [1.5, 2, 1])
  assert FIRST.average(FIRST, SECOND).words == ["a", "c"]


def test_another_choice_of_words_is_refused():
  with pytest.raises(InputError, match="'some', expected shared or all"):
    FIRST.concat(SECOND, keep="some")
