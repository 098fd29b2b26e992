"""Aligns the vectors of two languages, or of two corpora, and translates words between them.

    alignment = align(english, french, pairs)
    translate(alignment, ["cat"])
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.word_vectors import Neighbours, WordVectors, nearest_rows

METHODS = ("csls", "nn")
NUM_NEIGHBOURS = 10  # K of CSLS: Conneau et al. 2018, sec. 2.3
RESTRICT_VOCAB = 200_000  # words of each side that are searched: Conneau et al. 2018, sec. 3.1
_BLOCK_SCORES = 1 << 24  # scores in memory at once

Pair = tuple[str, str]  # a source word and its translation


class Alignment(NamedTuple):
  """Two tables of unit vectors in one space."""

  source: WordVectors   # rotated
  target: WordVectors
  rotation: np.ndarray  # [D, D]; source rows are multiplied by it from the right
  num_pairs: int        # of the dictionary, with a vector for both words


def identical_words(source: WordVectors, target: WordVectors) -> list[Pair]:
  """Returns the words that both tables have, as a dictionary; in the order of the source."""
  return [(word, word) for word in source.words if word in target]


def orthogonal_map(source: np.ndarray, target: np.ndarray) -> np.ndarray:
  """Returns the orthogonal matrix that maps rows nearest to others: orthogonal Procrustes.

  Schönemann 1966; for word vectors Xing et al. 2015.

  Args:
    source, target: [N, D].

  Returns:
    [D, D], of all orthogonal matrices W the one with the least |source W - target|.
  """
  u, _, v = np.linalg.svd(source.T.astype(np.float64) @ target.astype(np.float64))
  return (u @ v).astype(np.float32)


def align(
  source: WordVectors, target: WordVectors, pairs: Iterable[Pair], *, center: bool = True
) -> Alignment:
  """Rotates the space of the source so that its words lie near their translations.

  Vectors are divided by their norms, centred, and divided by their norms again (Artetxe et al.
  2018, "A Robust Self-learning Method…", sec. 3.1).

  Args:
    source, target: vectors of the same dimension.
    pairs: words and their translations; those without a vector do not count.
    center: whether to subtract the mean of each space.

  Raises:
    InputError: the dimensions differ, or no pair has two vectors.
  """
  if source.dim != target.dim:
    raise InputError(f"Found vectors of {source.dim} and {target.dim} dimensions, expected one.")
  source_rows = []
  target_rows = []
  for source_word, target_word in pairs:
    if source_word in source and target_word in target:
      source_rows.append(source.row(source_word))
      target_rows.append(target.row(target_word))
  if not source_rows:
    raise InputError("Found no pair whose words both have vectors, expected a dictionary.")
  source = source.normalized()
  target = target.normalized()
  if center:
    source = source.centered().normalized()
    target = target.centered().normalized()
  rotation = orthogonal_map(source.vectors[source_rows], target.vectors[target_rows])
  rotated = WordVectors(source.words, source.vectors @ rotation, source.notes)
  return Alignment(rotated, target, rotation, len(source_rows))


def translate(
  alignment: Alignment,
  words: Sequence[str],
  *,
  topn: int = 10,
  method: str = "csls",
  restrict_vocab: int | None = RESTRICT_VOCAB,
) -> list[Neighbours]:
  """Returns the best translations of source words.

  Args:
    alignment: of `align`.
    words: N source words.
    topn: translations of each, at most.
    method: "nn", by cosine; or "csls", cross-domain similarity local scaling, 2 cos(x, y) - r(x) -
      r(y), where r is the mean cosine of a word with its 10 nearest words of the other language: it
      takes from words that are near to many, hubs. Conneau et al. 2018, "Word Translation Without
      Parallel Data", eq. 3.
    restrict_vocab: only the first so many words of each side are searched; None: all.

  Returns:
    N lists of (target word, score), best first.

  Raises:
    UnknownWordError: a word has no vector.
  """
  if method not in METHODS:
    raise InputError(f"The method is {quote(method)}, expected {' or '.join(METHODS)}.")
  queries = alignment.source[list(words)]
  if method == "nn":
    return alignment.target.nearest(queries, topn, restrict_vocab=restrict_vocab)
  return _csls(alignment, queries, topn, restrict_vocab)


def _csls(
  alignment: Alignment, queries: np.ndarray, topn: int, restrict_vocab: int | None
) -> list[Neighbours]:
  """Returns the best translations of queries [N, D] by CSLS; see `translate`."""
  source = alignment.source.vectors[:restrict_vocab]
  target = alignment.target.vectors[:restrict_vocab]
  query_scales = _local_scales(queries, target)
  target_scales = _local_scales(target, source)
  translations = []
  step = max(1, _BLOCK_SCORES // len(target))
  for start in range(0, len(queries), step):
    block = slice(start, start + step)
    scores = 2 * queries[block] @ target.T
    scores -= target_scales
    scores -= query_scales[block, None]
    for row_scores in scores:
      rows = nearest_rows.largest(row_scores, topn)
      pairs = zip(rows.tolist(), row_scores[rows].tolist(), strict=True)
      translations.append([(alignment.target.words[row], score) for row, score in pairs])
  return translations


def _local_scales(queries: np.ndarray, vectors: np.ndarray) -> np.ndarray:
  """Returns the mean cosines [Q] of unit vectors [Q, D] and their nearest of others [N, D]."""
  norms = np.ones(len(vectors), np.float32)
  nearest = nearest_rows.find(queries, vectors, norms, NUM_NEIGHBOURS)
  return np.array([each.scores.mean() for each in nearest], np.float32)
