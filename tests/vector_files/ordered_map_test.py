"""Results and errors in the order of the items."""

import itertools
import time

import pytest

from glove_jax.vector_files.ordered_map import ordered_map


def _slow_first(number: int) -> int:
  time.sleep(0.02 if number == 0 else 0)
  return number


def test_results_are_in_order():
  assert list(ordered_map(_slow_first, range(50))) == list(range(50))


def test_an_error_comes_after_the_results_before_it():
  results = ordered_map(lambda number: 6 // (3 - number), range(9))
  assert list(itertools.islice(results, 3)) == [2, 3, 6]
  with pytest.raises(ZeroDivisionError):
    next(results)


def test_an_error_of_the_iterator_comes_after_the_results_before_it():
  def items():
    yield 1
    raise OSError("damaged")

  results = ordered_map(lambda number: number, items())
  assert next(results) == 1
  with pytest.raises(OSError):
    next(results)


def test_few_items_are_read_ahead():
  items = itertools.count()
  results = ordered_map(lambda number: number, items)
  assert next(results) == 0
  results.close()
  assert next(items) < 20
