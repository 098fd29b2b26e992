"""Word vectors as a value: look up, compare, find neighbours, solve analogies.

`vector_files` loads and saves them. Names follow gensim's `KeyedVectors`.
"""

import dataclasses
import difflib
import functools
import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from glove_jax import vector_writer
from glove_jax.errors import InputError, printable, quote

# Bytes of float32 scores in memory at once: with 2 M words, 32 queries a block.
MAX_SCORES_BYTES = 1 << 28

Query = str | np.ndarray  # a word or a vector [D]
Queries = Query | Sequence[Query]
Neighbours = list[tuple[str, float]]


@dataclasses.dataclass(frozen=True, eq=False)
class WordVectors:
  """An immutable table of V words and their vectors of dimension D.

  Attributes:
    words: V different strings, by convention the most frequent first.
    vectors: [V, D] float32; row i belongs to `words[i]`.
    notes: remarks about the file that was read, such as how many duplicates were dropped.
    tokenization: how the text of a pretraining run became words (`data.text.tokenization`), so that
      fine-tuning splits its texts alike; None if that is not known.
    index: word -> row.

  ValueError if the numbers of words and rows differ, or a word occurs twice.
  """

  words: list[str]
  vectors: np.ndarray
  notes: tuple[str, ...] = ()
  tokenization: Any = dataclasses.field(default=None, repr=False)
  index: dict[str, int] = dataclasses.field(init=False, repr=False)

  def __post_init__(self):
    matrix = np.asarray(self.vectors, np.float32)
    num_words = len(self.words)
    if matrix.ndim != 2 or len(matrix) != num_words:
      raise ValueError(f"{num_words} words need [{num_words}, D] vectors, got {matrix.shape}.")
    index = {word: row for row, word in enumerate(self.words)}
    if len(index) != num_words:
      duplicate = next(word for row, word in enumerate(self.words) if index[word] != row)
      raise ValueError(f"The word {duplicate!r} occurs more than once.")
    object.__setattr__(self, "vectors", matrix)
    object.__setattr__(self, "index", index)

  def __len__(self) -> int:
    return len(self.words)

  def __contains__(self, word: str) -> bool:
    return word in self.index

  def __getitem__(self, word: str | Sequence[str]) -> np.ndarray:
    """Returns the vector [D] of a word, or the vectors [N, D] of N words; InputError as `row`."""
    if isinstance(word, str):
      return self.vectors[self.row(word)]
    rows = [self.row(each) for each in word]
    return self.vectors[rows]

  def __repr__(self) -> str:
    return f"WordVectors({len(self):,} words x {self.dim})"

  @property
  def dim(self) -> int:
    """The dimension D of the vectors."""
    return self.vectors.shape[1]

  def row(self, word: str) -> int:
    """Returns the row of a word in `vectors`; InputError with similar words if it is unknown."""
    if word in self.index:
      return self.index[word]
    message = f"The word {quote(word)} is not among the {len(self):,} words"
    similar = self._similar_spellings(word)
    if similar:
      shown = [printable(each, 80) for each in similar]
      message += f"; similar: {', '.join(shown)}"
    raise InputError(f"{message}.")

  @functools.cached_property
  def norms(self) -> np.ndarray:
    """[V] Euclidean norms; 1 for an all-zero vector, so that dividing by them is safe."""
    squares = np.einsum("vd,vd->v", self.vectors, self.vectors)
    return np.sqrt(np.where(squares > 0, squares, 1))

  def normalized(self) -> "WordVectors":
    """Returns a copy whose vectors have norm 1; all-zero vectors stay zero."""
    units = self.vectors / self.norms[:, None]
    return WordVectors(self.words, units, self.notes)

  def similarity(self, first: Query, second: Query) -> float:
    """Returns the cosine of two words, or vectors [D], in [-1, 1]; 0 for an all-zero vector."""
    first_unit, second_unit = self._unit_vectors([first, second])
    return float(first_unit @ second_unit)

  def distance(self, first: Query, second: Query) -> float:
    """Returns the cosine distance of two words, or vectors [D]: 1 - cosine, in [0, 2]."""
    return 1 - self.similarity(first, second)

  def nearest(
    self,
    queries: np.ndarray,
    topn: int = 10,
    *,
    exclude: Sequence[Iterable[int]] | None = None,
  ) -> list[Neighbours]:
    """Returns the words with the largest cosines to each of several vectors.

    Args:
      queries: [Q, D].
      topn: how many neighbours of each query, at most.
      exclude: for each query the rows that must not be among its neighbours.

    Returns:
      Q lists of (word, cosine), best first; of equal cosines the word with the lower row is first.
    """
    units = normalize_rows(np.atleast_2d(queries).astype(np.float32))
    bytes_per_query = 4 * max(1, len(self))
    block_size = max(1, MAX_SCORES_BYTES // bytes_per_query)
    neighbours = []
    for start in range(0, len(units), block_size):
      block = units[start : start + block_size]
      cosines = block @ self.vectors.T  # [block, V]
      cosines /= self.norms
      for query, scores in enumerate(cosines, start):
        excluded = exclude[query] if exclude is not None else ()
        neighbours.append(self._best(scores, topn, excluded))
    return neighbours

  def most_similar(
    self, positive: Queries, negative: Queries = (), *, topn: int = 10
  ) -> Neighbours:
    """Returns the words nearest to a sum of unit vectors minus others.

    They are (word, cosine) pairs, best first, without the words of the query. "a is to b as c is to
    ?" is `most_similar([b, c], [a])`: 3CosAdd (Mikolov et al. 2013; Levy & Goldberg 2014, eq. 3).

    Args:
      positive, negative: a word, a vector [D], or several of either. InputError as `row`.
      topn: number of neighbours, at most.
    """
    positive = _as_list(positive)
    negative = _as_list(negative)
    queries = [*positive, *negative]
    units = self._unit_vectors(queries)  # [N, D]
    signs = np.ones(len(queries), np.float32)
    signs[len(positive) :] = -1
    excluded = self._word_rows(queries)
    neighbours, = self.nearest(signs @ units, topn, exclude=[excluded])
    return neighbours

  def most_similar_cosmul(
    self, positive: Queries, negative: Queries = (), *, topn: int = 10, epsilon: float = 1e-3
  ) -> Neighbours:
    """Returns the best words by 3CosMul; otherwise like `most_similar`.

    The score is the product of (1 + cos) / 2 over positive queries, divided by that over negative
    ones + epsilon. Levy & Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word
    Representations", eq. 4; their epsilon is 0.001.
    """
    positive = _as_list(positive)
    negative = _as_list(negative)
    queries = [*positive, *negative]
    cosines = self._unit_vectors(queries) @ self.vectors.T  # [N, V]
    cosines /= self.norms
    shifted = (1 + cosines) / 2
    scores = shifted[: len(positive)].prod(0)
    if negative:
      divisor = shifted[len(positive) :].prod(0)
      scores = scores / (divisor + epsilon)
    return self._best(scores, topn, self._word_rows(queries))

  def rank(self, first: Query, second: str) -> int:
    """Returns the rank of a word among the neighbours of another, from 1 for the nearest."""
    unit, = self._unit_vectors([first])
    cosines = self.vectors @ unit  # [V]
    cosines /= self.norms
    is_closer = cosines > cosines[self.row(second)]
    is_closer[self._word_rows([first])] = False
    return int(is_closer.sum()) + 1

  def doesnt_match(self, words: Sequence[str]) -> str:
    """Returns the word with the smallest cosine to the mean of the unit vectors of all words."""
    units = self._unit_vectors(words)  # [N, D]
    cosines = units @ units.mean(0)
    return words[int(cosines.argmin())]

  def _unit_vectors(self, queries: Sequence[Query]) -> np.ndarray:  # -> [N, D]
    if not len(queries):
      raise InputError("There is no query. Give at least one word.")
    vectors = []
    for query in queries:
      vector = self[query] if isinstance(query, str) else query
      vectors.append(np.asarray(vector, np.float32))
    return normalize_rows(np.stack(vectors))

  def _word_rows(self, queries: Sequence[Query]) -> list[int]:  # without those of vectors
    return [self.row(query) for query in queries if isinstance(query, str)]

  def _best(self, scores: np.ndarray, topn: int, exclude: Iterable[int]) -> Neighbours:
    """Returns the words with the largest scores [V]; overwrites the scores of excluded rows."""
    excluded = list(set(exclude))
    scores[excluded] = -np.inf
    num_candidates = len(scores) - len(excluded)
    count = min(topn, num_candidates)
    if count < 1:
      return []
    # All rows with at least the last score, then a stable sort: of equals the earlier word wins.
    last = len(scores) - count
    threshold = np.partition(scores, last)[last]
    rows = np.flatnonzero(scores >= threshold)
    order = np.argsort(-scores[rows], kind="stable")
    best = []
    for row in rows[order][:count]:
      score = float(scores[row])
      best.append((self.words[row], score))
    return best

  def save(self, path: str | os.PathLike, format: str = "glove") -> None:
    """Writes a file that `vector_files.load` reads back bit for bit; it is whole or absent.

    Args:
      path: of the file; for "npy" the words are written beside it, to NAME.words.txt.
      format: "glove" (text), "word2vec" (text with a header), "word2vec-binary" or "npy".

    Raises:
      InputError: for a word that the format cannot hold.
    """
    vector_writer.write(self.words, self.vectors, path, format)

  def _similar_spellings(self, word: str) -> list[str]:
    """Returns up to three words of the vocabulary that the user may have meant."""
    # difflib is slow: only common words of about the same length and with the same first letter.
    first_letter = word[:1].lower()
    candidates = []
    for candidate in self.words[:500_000]:
      length_difference = abs(len(candidate) - len(word))
      if length_difference <= 2 and candidate[:1].lower() == first_letter:
        candidates.append(candidate)
    close = difflib.get_close_matches(word, candidates[:50_000], n=3)
    forms = dict.fromkeys([word.lower(), word.capitalize(), *close])
    similar = [form for form in forms if form in self.index]
    return similar[:3]


def normalize_rows(matrix: np.ndarray) -> np.ndarray:
  """Divides the rows of a matrix [N, D] by their norms; all-zero rows stay zero."""
  norms = np.linalg.norm(matrix, axis=1, keepdims=True)
  return matrix / np.where(norms > 0, norms, 1)


def _as_list(queries: Queries) -> list[Query]:  # a single word or vector: a list of one
  if isinstance(queries, str):
    return [queries]
  if isinstance(queries, np.ndarray) and queries.ndim == 1:
    return [queries]
  return list(queries)
