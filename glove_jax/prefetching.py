"""Makes the items of an iterable ahead of time, in a thread."""

import contextlib
import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar

T = TypeVar("T")

_END = object()


def prefetch(items: Iterable[T], size: int) -> Generator[T, None, None]:
  """Yields the same items, of which a thread makes up to `size` ahead; raises what it raises.

  Close the generator to end the thread before the items do.
  """
  ready: queue.Queue = queue.Queue(size)
  closed = threading.Event()
  thread = threading.Thread(target=_produce, args=(items, ready, closed), daemon=True)
  thread.start()
  try:
    while True:
      item, error = ready.get()
      if error:
        raise error
      if item is _END:
        return
      yield item
  finally:
    closed.set()
    while thread.is_alive():
      with contextlib.suppress(queue.Empty):
        ready.get(timeout=0.01)  # room for what the thread waits to put


def _produce(items: Iterable, ready: queue.Queue, closed: threading.Event) -> None:
  """Puts the items, each with None, or the error that ends them, until the event is set."""
  try:
    for item in items:
      if not _put((item, None), ready, closed):
        return
    _put((_END, None), ready, closed)
  except BaseException as error:  # handed to the consumer, which raises it
    _put((None, error), ready, closed)


def _put(entry: tuple, ready: queue.Queue, closed: threading.Event) -> bool:
  """Waits until the queue has room; returns whether it had before the event was set."""
  while not closed.is_set():
    with contextlib.suppress(queue.Full):
      ready.put(entry, timeout=0.1)
      return True
  return False
