"""Words whose vectors are all zero: they are near to nothing, and other libraries divide by 0."""

from collections.abc import Sequence

import numpy as np

from glove_jax.errors import quote

_SHOWN = 3  # words in a remark


def describe(words: Sequence[str], vectors: np.ndarray) -> str:
  """Returns a remark on the words with all-zero vectors, the first ones named; "" without any.

  Args:
    words: V words.
    vectors: [V, D].
  """
  rows = np.flatnonzero(~vectors.any(axis=1))
  if not len(rows):
    return ""
  shown = ", ".join(quote(words[row], 40) for row in rows[:_SHOWN])
  more = ", …" if len(rows) > _SHOWN else ""
  return f"{len(rows):,} of {len(words):,} words have all-zero vectors: {shown}{more}"
