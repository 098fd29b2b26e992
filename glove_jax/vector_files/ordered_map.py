"""Applies a function to the items of an iterator on several threads, in their order."""

import collections
import concurrent.futures
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_MAX_THREADS = 8  # more would wait for Python's lock


def ordered_map(
  function: Callable[[Item], Result], items: Iterable[Item]
) -> Generator[Result]:
  """Yields the result for each item, in order; few items are read ahead of their results.

  What fails, a function or the iterator of the items, raises its error after the results before
  it. When the generator is closed, what has not begun is dropped.
  """
  num_threads = min(_MAX_THREADS, os.cpu_count() or 1)
  pending = collections.deque()
  executor = concurrent.futures.ThreadPoolExecutor(num_threads)
  try:
    for future in _submitted(executor, function, iter(items)):
      pending.append(future)
      if len(pending) > num_threads:
        yield pending.popleft().result()
    while pending:
      yield pending.popleft().result()
  finally:
    executor.shutdown(cancel_futures=True)


def _submitted(
  executor: concurrent.futures.Executor, function: Callable, items: Iterator
) -> Iterator[concurrent.futures.Future]:
  """Yields the future of each item; an error of the iterator is that of a last one."""
  while True:
    try:
      item = next(items)
    except StopIteration:
      return
    except Exception as error:  # raised by whoever asks for the result
      failed = concurrent.futures.Future()
      failed.set_exception(error)
      yield failed
      return
    yield executor.submit(function, item)
