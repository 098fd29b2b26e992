"""A text of any length, as word ids: a corpus, again and again with other words.

A corpus that is repeated as it is has no new pairs of words, and one that is repeated with all its
words exchanged has too many: in real text most pairs of a new page are those of earlier pages. Each
repetition exchanges some words with others of about the same frequency. `_EXCHANGED` is chosen so
that the number of distinct pairs grows as it does in the English Wikipedia: with the 50,000 most
frequent words and a window of 10, four times 6.9 million tokens have 2.67 times the pairs; real
text of this length has 2.58 times (docs/results/glove.md).
"""

from collections.abc import Iterator

import numpy as np

_EXCHANGED = 0.7  # of the words, in each repetition
_BANDS_PER_OCTAVE = 2  # words are exchanged within a band of ranks
_BLOCK = 1 << 20  # ids at a time


def read(corpus_ids: np.ndarray, vocab_size: int, start: int, stop: int) -> Iterator[np.ndarray]:
  """Yields the ids from `start` to `stop` of the text, in arrays.

  Args:
    corpus_ids: int32, by frequency; -1 ends a document.
    vocab_size: number of words; ids are smaller.
    start, stop: positions in the text, which has no end.
  """
  while start < stop:
    repetition, first = divmod(start, len(corpus_ids))
    last = min(len(corpus_ids), first + stop - start)
    words = _exchange(repetition, vocab_size)
    for position in range(first, last, _BLOCK):
      yield words[corpus_ids[position : min(position + _BLOCK, last)]]
    start += last - first


def _exchange(repetition: int, vocab_size: int) -> np.ndarray:
  """Returns what stands for each id in a repetition, and -1 for -1. [V + 1] int32."""
  words = np.arange(vocab_size + 1, dtype=np.int32)
  words[-1] = -1
  if repetition:
    rng = np.random.default_rng(repetition)
    exchanged = np.flatnonzero(rng.random(vocab_size) < _EXCHANGED)
    bands = np.floor(_BANDS_PER_OCTAVE * np.log2(exchanged + 1))
    words[exchanged] = exchanged[np.lexsort([rng.random(len(exchanged)), bands])]
  return words
