"""Which rows of a batch a process makes, where several processes train together."""

from typing import Any, NamedTuple

import numpy as np


class Share(NamedTuple):
  """The rows of a batch that a process makes: those of devices `first` to `last` - 1 of `devices`.

  A batch of B rows is padded with rows of zeros until it divides by the devices.
  """

  first: int
  last: int
  devices: int

  def rows(self, size: int) -> np.ndarray:
    """Returns the numbers of its rows in a batch of `size` rows; from `size` on, they are padding.

    Ascending and without gaps, [ceil(size / devices) * (last - first)].
    """
    by_device = -(-size // self.devices)
    return np.arange(self.first * by_device, self.last * by_device)

  def take(self, array: np.ndarray, size: int | None = None) -> np.ndarray:
    """Returns its rows of an array, zeros for padding.

    Args:
      array: [B, ...].
      size: of the batch, if it has rows of padding that the array lacks.
    """
    array = np.asarray(array)
    rows = self.rows(len(array) if size is None else size)
    part = array[rows[0] : rows[-1] + 1] if len(rows) else array[:0]
    missing = len(rows) - len(part)
    if missing:
      padding = np.zeros((missing, *array.shape[1:]), array.dtype)
      part = np.concatenate([part, padding])
    return part


WHOLE = Share(0, 1, 1)  # all rows, without padding


class Part(NamedTuple):
  """A batch of which a process has made its share alone, padding included."""

  arrays: Any  # a tree of arrays, the batch axis first
