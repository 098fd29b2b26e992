"""Finds the nearest words to words, sums of words and vectors."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.word_vectors import cosines as cosines_lib
from glove_jax.word_vectors import nearest_rows
from glove_jax.word_vectors.comparisons import WordComparisons
from glove_jax.word_vectors.table import Query

Term = Query | tuple[Query, float]  # a word or a vector, and its weight
Terms = Term | Sequence[Term] | None
Neighbours = list[tuple[str, float]]


class _Query(NamedTuple):
  """A weighted sum of words and vectors."""

  terms: list[Query]
  weights: list[float]
  num_positive: int


class WordSearch(WordComparisons):
  """A table of words whose neighbours can be found."""

  def nearest(
    self,
    queries: np.ndarray,
    topn: int = 10,
    *,
    exclude: Sequence[Iterable[int]] | None = None,
    restrict_vocab: int | None = None,
    backend: str = "auto",
  ) -> list[Neighbours]:
    """Returns the words with the largest cosines to each of several vectors.

    Args:
      queries: [Q, D].
      topn: how many neighbours of each query, at most.
      exclude: for each query the rows that must not be among its neighbours.
      restrict_vocab: only the first so many words may be neighbours; None: all.
      backend: "numpy"; "jax": on its device; "auto": "jax" if this process uses it with an
        accelerator, and there are enough queries.

    Returns:
      Q lists of (word, cosine), best first; of equal cosines the word with the lower row is first.
    """
    if backend not in nearest_rows.BACKENDS:
      expected = ", ".join(nearest_rows.BACKENDS)
      raise InputError(f"The backend is {quote(backend)}, expected one of {expected}.")
    found = nearest_rows.find(
      np.atleast_2d(queries),
      self.vectors[:restrict_vocab],
      self.norms[:restrict_vocab],
      topn,
      exclude=exclude,
      backend=backend,
    )
    return [self._neighbours(each.rows, each.scores) for each in found]

  def most_similar(
    self,
    positive: Terms = None,
    negative: Terms = None,
    *,
    topn: int | None = 10,
    clip_start: int = 0,
    clip_end: int | None = None,
    restrict_vocab: int | None = None,
  ) -> Neighbours | np.ndarray:
    """Returns the words nearest to a sum of words minus others.

    They are (word, cosine) pairs, best first, without the words of the query. "a is to b as c is to
    ?" is `most_similar([b, c], [a])`: 3CosAdd (Mikolov et al. 2013; Levy & Goldberg 2014, eq. 3).

    Args:
      positive, negative: a word, a vector [D], or several of either, each of which may be a pair
        with its weight, by default 1 and -1. Words count by their unit vectors, vectors as they
        are.
      topn: number of neighbours, at most; None: the cosines of all words, [V].
      clip_start, clip_end: the first row of a neighbour, and that after the last.
      restrict_vocab: only the first so many words may be neighbours.

    Raises:
      UnknownWordError: a word of the query has no vector.
    """
    start, stop = clip_start, clip_end or len(self)
    if restrict_vocab:
      start, stop = 0, restrict_vocab
    query = _parse(positive, negative)
    sums = self._sums([query])
    vectors = self.vectors[start:stop]
    norms = self.norms[start:stop]
    if topn is None:
      return cosines_lib.cosines(vectors, norms, cosines_lib.normalize_rows(sums))[:, 0]
    excluded = [row - start for row in self._rows(query)]
    found, = nearest_rows.find(sums, vectors, norms, topn, exclude=[excluded])
    return self._neighbours(found.rows + start, found.scores)

  def most_similar_batch(
    self,
    positive: Sequence[Terms],
    negative: Sequence[Terms] | None = None,
    *,
    topn: int = 10,
    restrict_vocab: int | None = None,
    backend: str = "auto",
  ) -> list[Neighbours]:
    """Returns what `most_similar` does for each of many queries, many times faster.

    Args:
      positive: for each query what `most_similar` takes.
      negative: likewise; None: nothing.
      topn, restrict_vocab, backend: as for `nearest`.
    """
    if isinstance(positive, str):
      raise InputError(f"Found the string {quote(positive)}, expected a list of queries.")
    negative = [None] * len(positive) if negative is None else negative
    queries = [_parse(*terms) for terms in zip(positive, negative, strict=True)]
    if not queries:
      return []
    return self.nearest(
      self._sums(queries),
      topn,
      exclude=[self._rows(query) for query in queries],
      restrict_vocab=restrict_vocab,
      backend=backend,
    )

  def most_similar_cosmul(
    self,
    positive: Terms = None,
    negative: Terms = None,
    *,
    topn: int | None = 10,
    restrict_vocab: int | None = None,
    epsilon: float = 1e-6,
  ) -> Neighbours | np.ndarray:
    """Returns the best words by 3CosMul; otherwise like `most_similar`, without weights.

    The score is the product of (1 + cos) / 2 over positive queries, divided by that over negative
    ones + epsilon. Levy & Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word
    Representations", eq. 4; their epsilon is 0.001, gensim's 0.000001.
    """
    query = _parse(positive, negative)
    if not query.num_positive:
      raise InputError("There is no positive query. Give at least one word.")
    units = self._unit_vectors(query.terms)
    cosines = cosines_lib.cosines(self.vectors, self.norms, units)  # [V, N]
    shifted = (1 + cosines.T) / 2
    scores = shifted[: query.num_positive].prod(0)
    scores /= shifted[query.num_positive :].prod(0) + epsilon
    if topn is None:
      return scores
    scores[self._rows(query)] = -np.inf
    scores = scores[:restrict_vocab]
    rows = nearest_rows.largest(scores, topn)
    rows = rows[scores[rows] > -np.inf]
    return self._neighbours(rows, scores[rows])

  def similar_by_word(
    self, word: str, topn: int | None = 10, *, restrict_vocab: int | None = None
  ) -> Neighbours | np.ndarray:
    """Returns the nearest words to a word; see `most_similar`."""
    return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

  similar_by_key = similar_by_word

  def similar_by_vector(
    self, vector: np.ndarray, topn: int | None = 10, *, restrict_vocab: int | None = None
  ) -> Neighbours | np.ndarray:
    """Returns the nearest words to a vector [D]; see `most_similar`."""
    return self.most_similar([np.asarray(vector)], topn=topn, restrict_vocab=restrict_vocab)

  def relative_cosine_similarity(self, first: str, second: str, topn: int = 10) -> float:
    """Returns the cosine of two words over the sum of those of the first's nearest words.

    Leeuwenberg et al. 2016, "A Minimally Supervised Approach for Synonym Extraction with Word
    Embeddings", eq. 1: above 1 / topn, the two are more similar than most such neighbours.
    """
    total = sum(cosine for _, cosine in self.similar_by_word(first, topn))
    if not total:
      raise InputError(f"{quote(first)} has no neighbours among the first {topn}.")
    return self.similarity(first, second) / total

  def _sums(self, queries: Sequence[_Query]) -> np.ndarray:
    """Returns the weighted sums [Q, D] of the unit vectors of words, and of vectors as they are."""
    sizes = [len(query.terms) for query in queries]
    if not all(sizes):
      raise InputError("There is no query. Give at least one word.")
    terms = list(itertools.chain.from_iterable(query.terms for query in queries))
    words = [term for term in terms if isinstance(term, str)]
    units = iter(cosines_lib.normalize_rows(self[words]))
    vectors = [next(units) if isinstance(term, str) else self._query_vector(term) for term in terms]
    weights = list(itertools.chain.from_iterable(query.weights for query in queries))
    weighted = np.stack(vectors) * np.array(weights, np.float32)[:, None]
    return np.add.reduceat(weighted, np.cumsum([0, *sizes[:-1]]))

  def _rows(self, query: _Query) -> list[int]:
    """Returns the rows of the words of a query; vectors and composed words have none."""
    words = [term for term in query.terms if isinstance(term, str)]
    return [self.index[word] for word in words if word in self.index]

  def _neighbours(self, rows: np.ndarray, scores: np.ndarray) -> Neighbours:
    pairs = zip(rows.tolist(), scores.tolist(), strict=True)
    return [(self.words[row], score) for row, score in pairs]


def _parse(positive: Terms, negative: Terms) -> _Query:
  terms = []
  weights = []
  positive = _as_list(positive)
  for default, part in ((1.0, positive), (-1.0, _as_list(negative))):
    for term in part:
      query, weight = term if isinstance(term, tuple) else (term, default)
      terms.append(query)
      weights.append(weight)
  return _Query(terms, weights, len(positive))


def _as_list(terms: Any) -> list[Term]:  # a single word or vector: a list of one
  if terms is None:
    return []
  if isinstance(terms, str):
    return [terms]
  if isinstance(terms, np.ndarray) and terms.ndim == 1:
    return [terms]
  return list(terms)
