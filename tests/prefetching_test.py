"""Prefetching: order, errors, how far ahead it goes, and its end."""

import threading
import time

import pytest

from glove_jax.prefetching import prefetch


def test_items_keep_their_order():
  assert list(prefetch(iter(range(100)), 3)) == list(range(100))
  assert list(prefetch([], 3)) == []
  assert list(prefetch([None, None], 1)) == [None, None]


def test_an_error_comes_after_the_items_before_it():
  def items():
    yield 1
    yield 2
    raise ValueError("broken")

  prefetched = prefetch(items(), 5)
  assert [next(prefetched), next(prefetched)] == [1, 2]
  with pytest.raises(ValueError, match="broken"):
    next(prefetched)


def test_it_goes_no_further_than_it_is_asked_to():
  made = []

  def items():
    for i in range(100):
      made.append(i)
      yield i

  prefetched = prefetch(items(), 3)
  assert next(prefetched) == 0
  time.sleep(0.05)
  assert len(made) <= 5  # one taken, three waiting, one in the hand of the thread
  prefetched.close()


def test_closing_ends_the_thread_at_once():
  before = threading.active_count()
  start = time.monotonic()
  for _ in range(20):
    prefetched = prefetch(iter(range(10_000)), 2)
    next(prefetched)
    prefetched.close()
  assert threading.active_count() == before
  assert time.monotonic() - start < 1.5  # the thread does not wait for its timeout of 0.1 seconds
