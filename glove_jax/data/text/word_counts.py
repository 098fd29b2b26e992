"""Numbers the distinct words of a text in the order of their first occurrence, and counts them."""

from collections.abc import Iterable

import numpy as np

NEWLINE = 0  # the number of "\n", which ends a document


class WordCounts(dict):
  """The number of each word, and how often it occurs; a word takes about 100 bytes."""

  def __init__(self) -> None:
    super().__init__({"\n": NEWLINE})
    self._counts = np.zeros(1, np.int64)  # with room for further words

  def number(self, words: Iterable[str]) -> list[int]:
    """Returns the numbers of words; a new one gets the next number."""
    setdefault = self.setdefault
    return [setdefault(word, len(self)) for word in words]

  def add(self, numbers: np.ndarray) -> None:
    """Counts occurrences of words, given by their numbers."""
    if len(self) > len(self._counts):
      self._counts = np.pad(self._counts, (0, 2 * len(self) - len(self._counts)))
    np.add.at(self._counts, numbers, 1)

  def counts(self) -> np.ndarray:
    """Returns how often each word occurs, and how many lines end: [N] int64, by number."""
    return self._counts[: len(self)]


def by_word(words: Iterable[str], counts: np.ndarray) -> dict[str, int]:
  """Returns the counts of words without that of line ends, as `vocab.build` takes them.

  Args:
    words: by number.
    counts: of `WordCounts.counts`.
  """
  counts_by_word = dict(zip(words, counts.tolist(), strict=True))
  del counts_by_word["\n"]
  return counts_by_word
