import itertools

import numpy as np
import pytest
from example_vectors import random_vectors

from glove_jax.word_vectors.word_movers_distance import word_movers_distance

VECTORS = random_vectors(size=30, dim=4)


def distance(first, second):
  return word_movers_distance(first.split(), second.split(), VECTORS.__getitem__)


def cost(first, second):
  return np.linalg.norm(VECTORS[first] - VECTORS[second])


def test_texts_of_as_many_different_words_match_words_best():
  first = ["w0", "w1", "w2", "w3"]
  second = ["w4", "w5", "w6", "w7"]
  costs = []
  for order in itertools.permutations(second):
    costs.append(np.mean([cost(*pair) for pair in zip(first, order, strict=True)]))
  assert distance(" ".join(first), " ".join(second)) == pytest.approx(min(costs))


def test_words_weigh_as_often_as_they_occur():
  expected = (2 * cost("w1", "w2") + cost("w1", "w3")) / 3
  assert distance("w1", "w2 w2 w3") == pytest.approx(expected)
  assert distance("w1 w1 w2", "w1 w2 w2") == pytest.approx(cost("w1", "w2") / 3)


def test_the_same_words_in_another_order_have_no_distance():
  assert distance("w1 w2 w3", "w3 w1 w2") == 0
  assert distance("w1", "w1 w1") == 0


def test_it_is_a_metric():
  rng = np.random.default_rng(0)
  texts = [" ".join(f"w{i}" for i in rng.integers(0, 30, size)) for size in (3, 8, 12)]
  first, second, third = texts
  assert distance(first, second) == pytest.approx(distance(second, first))
  assert distance(first, third) <= distance(first, second) + distance(second, third) + 1e-9


def test_a_text_without_words_is_infinitely_far():
  assert distance("", "w1") == distance("w1", "") == float("inf")
