"""Where each word of a text stands, in the order of the words' ids."""

import functools
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from glove_jax.data import external_sort


class WordPositions(NamedTuple):
  """A text with gaps between its documents, and the positions of its words.

  Attributes:
    positions: [T] int32, the positions in `text` of each word's occurrences, word by word.
    indptr: [V + 1], where the positions of each word begin.
    text: [P] int32; V in the gaps, which are as wide as the window or wider.
    window: the width of a gap, at least.
  """

  positions: np.ndarray
  indptr: np.ndarray
  text: np.ndarray
  window: int

  @property
  def vocab_size(self) -> int:
    return len(self.indptr) - 1

  @property
  def first(self) -> int:
    """The position of the first word."""
    return self.window + 1


def find(ids: np.ndarray, vocab_size: int, window: int, threads: int = 1) -> WordPositions:
  """Returns the positions of words.

  Args:
    ids: [T] int32; -1 ends a document.
    vocab_size: V.
    window: as many words before and after a word are its contexts.
    threads: number of threads.
  """
  pieces = np.array_split(ids, threads)
  find_in_piece = functools.partial(_find_in_piece, vocab_size, window)
  texts, found = zip(*external_sort.ordered_map(find_in_piece, pieces, threads), strict=True)
  gap = np.full(window + 1, vocab_size, np.int32)
  joined = scipy.sparse.hstack(found, format="csr")
  positions = joined.indices
  positions += len(gap)
  return WordPositions(
    positions=positions,
    indptr=joined.indptr[:-1],  # without the ends of documents
    text=np.concatenate([gap, *texts, gap]),
    window=window,
  )


def _find_in_piece(vocab_size: int, window: int, ids: np.ndarray) -> tuple[np.ndarray, Any]:
  """Returns a piece of text with gaps between documents, and where each word stands in it.

  The words are a `scipy.sparse.csr_matrix` [V + 1, P], which is filled by a counting sort; its last
  row has the ends of documents.
  """
  is_end = ids < 0
  positions = np.cumsum(is_end, dtype=np.int32)
  positions *= window - 1
  positions += np.arange(len(positions), dtype=np.int32)
  size = int(positions[-1]) + 1 if len(positions) else 0
  words = np.where(is_end, np.int32(vocab_size), ids)
  text = np.full(size, vocab_size, np.int32)
  text[positions] = words
  ones = np.ones(len(words), np.int8)
  shape = (vocab_size + 1, size)
  return text, scipy.sparse.coo_matrix((ones, (words, positions)), shape).tocsr()
