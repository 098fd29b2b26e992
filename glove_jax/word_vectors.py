"""Words with their vectors: look up, compare, find neighbours, solve analogies; `vector_files` reads them."""

import dataclasses
import difflib
import functools
from collections.abc import Iterable, Sequence

import numpy as np

from glove_jax.errors import InputError

# Most scores held at once, in bytes of float32: 2 M words make 32 queries a block.
SCORES_BYTES = 1 << 28

Query = str | np.ndarray
Neighbours = list[tuple[str, float]]


@dataclasses.dataclass(frozen=True, eq=False)
class WordVectors:
  """An immutable table of words and their vectors.

  Attributes:
    words: V different strings, most frequent first by custom: "the first N words" means the N commonest.
    vectors: [V, D] float32; row i belongs to `words[i]`.
    notes: what a reader has to say about the file, a line each, such as how many duplicates it dropped.
    index: word -> row.

  Raises:
    ValueError: if words and rows differ in number or a word occurs twice.
  """

  words: list[str]
  vectors: np.ndarray
  notes: tuple[str, ...] = ()
  index: dict[str, int] = dataclasses.field(init=False, repr=False)

  def __post_init__(self):
    matrix = np.asarray(self.vectors, np.float32)
    if matrix.ndim != 2 or len(matrix) != len(self.words):
      raise ValueError(f"{len(self.words)} words need [{len(self.words)}, D] vectors, got {matrix.shape}.")
    index = {word: row for row, word in enumerate(self.words)}
    if len(index) != len(self.words):
      twice = next(word for row, word in enumerate(self.words) if index[word] != row)
      raise ValueError(f"The word {twice!r} occurs more than once.")
    object.__setattr__(self, "vectors", matrix)
    object.__setattr__(self, "index", index)

  def __len__(self) -> int:
    return len(self.words)

  def __contains__(self, word: str) -> bool:
    return word in self.index

  def __getitem__(self, word: str | Sequence[str]) -> np.ndarray:
    """The vector [D] of a word, or the vectors [N, D] of N words.

    Raises:
      InputError: for an unknown word; the message suggests similar ones.
    """
    return self.vectors[self.row(word) if isinstance(word, str) else [self.row(w) for w in word]]

  def __repr__(self) -> str:
    return f"WordVectors({len(self):,} words x {self.dim})"

  @property
  def dim(self) -> int:
    return self.vectors.shape[1]

  def row(self, word: str) -> int:
    """The row of a word; InputError with similar words if it is unknown."""
    row = self.index.get(word)
    if row is None:
      close = self._similar_spelling(word)
      hint = f"; similar: {', '.join(close)}" if close else ""
      raise InputError(f"The word {word!r} is not among the {len(self):,} words{hint}.")
    return row

  @functools.cached_property
  def norms(self) -> np.ndarray:
    """[V] Euclidean lengths; 1 for an all-zero vector, so that dividing by them is safe."""
    squares = np.einsum("vd,vd->v", self.vectors, self.vectors)
    return np.sqrt(np.where(squares > 0, squares, 1))

  def normalised(self) -> "WordVectors":
    """A copy whose vectors have length 1 (all-zero vectors stay so)."""
    return WordVectors(self.words, self.vectors / self.norms[:, None], self.notes)

  def similarity(self, first: Query, second: Query) -> float:
    """The cosine between two words (or vectors [D]), in [-1, 1]."""
    one, two = self._unit([first, second])
    return float(one @ two)

  def nearest(self, queries: np.ndarray, topn: int = 10, *, exclude: Sequence[Iterable[int]] | None = None):
    """The words with the largest cosines to each of several queries, by matrix products in bounded blocks.

    Args:
      queries: [Q, D].
      topn: how many, at most.
      exclude: for each query the rows that may not be among them.

    Returns:
      Q lists of (word, cosine), best first; of equal cosines the first word of the vocabulary comes first.
    """
    queries = np.atleast_2d(queries).astype(np.float32)
    queries = queries / _safe(np.linalg.norm(queries, axis=1, keepdims=True))
    size = max(1, SCORES_BYTES // (4 * max(1, len(self))))
    found = []
    for start in range(0, len(queries), size):
      scores = queries[start : start + size] @ self.vectors.T  # [block, V]
      scores /= self.norms
      for offset, row in enumerate(scores):
        found.append(self._best(row, topn, exclude[start + offset] if exclude is not None else ()))
    return found

  def most_similar(self, positive: Query | Sequence[Query], negative: Query | Sequence[Query] = (),
                   *, topn: int = 10) -> Neighbours:
    """Nearest words to a sum of unit vectors minus others; the words asked with are never among the answers.

    "a is to b as c is to ?" is `most_similar([b, c], [a])`: 3CosAdd (Mikolov et al. 2013; Levy & Goldberg
    2014, eq. 3).

    Args:
      positive, negative: a word, a vector [D], or several of either.
      topn: how many neighbours.

    Returns:
      (word, cosine) pairs, best first.

    Raises:
      InputError: for an unknown word, or if nothing was asked.
    """
    positive, negative = _several(positive), _several(negative)
    units = self._unit([*positive, *negative])  # [N, D]
    signs = np.repeat(np.float32([1, -1]), [len(positive), len(negative)])
    return self.nearest(signs @ units, topn, exclude=[self._rows([*positive, *negative])])[0]

  def most_similar_cosmul(self, positive: Query | Sequence[Query], negative: Query | Sequence[Query] = (),
                          *, topn: int = 10, epsilon: float = 1e-3) -> Neighbours:
    """As `most_similar`, by 3CosMul: prod (1 + cos)/2 of positives / (that of negatives + epsilon).

    Levy & Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word Representations", eq. 4; their
    epsilon is 0.001.
    """
    positive, negative = _several(positive), _several(negative)
    cosines = self._unit([*positive, *negative]) @ self.vectors.T  # [N, V]
    shifted = (1 + cosines / self.norms) / 2
    plus, minus = shifted[: len(positive)], shifted[len(positive) :]
    return self._best(plus.prod(0) / (minus.prod(0) + epsilon if negative else 1), topn,
                      self._rows([*positive, *negative]))

  def doesnt_match(self, words: Sequence[str]) -> str:
    """The word that is farthest, by cosine, from the mean of all their unit vectors."""
    units = self._unit(words)
    return words[int(np.argmin(units @ units.mean(0)))]

  def _unit(self, queries: Sequence[Query]) -> np.ndarray:  # -> [N, D]
    if not len(queries):
      raise InputError("Neighbours of what? Give a word at least.")
    vectors = np.stack([self[q] if isinstance(q, str) else np.asarray(q, np.float32) for q in queries])
    return vectors / _safe(np.linalg.norm(vectors, axis=1, keepdims=True))

  def _rows(self, queries: Sequence[Query]) -> list[int]:
    return [self.row(query) for query in queries if isinstance(query, str)]

  def _best(self, scores: np.ndarray, topn: int, exclude: Iterable[int]) -> Neighbours:  # scores: [V]
    exclude = list(exclude)
    scores[exclude] = -np.inf
    topn = max(0, min(topn, len(scores) - len(set(exclude))))
    if not topn:
      return []
    # All rows that reach the last place, then a stable sort: of equals the earlier word wins.
    least = np.partition(scores, len(scores) - topn)[len(scores) - topn]
    rows = np.flatnonzero(scores >= least)
    rows = rows[np.argsort(-scores[rows], kind="stable")][:topn]
    return [(self.words[row], float(scores[row])) for row in rows]

  def _similar_spelling(self, word: str) -> list[str]:
    # Among common words of like length and start only: difflib is slow.
    first = word[:1].lower()
    likely = [w for w in self.words[:500_000] if abs(len(w) - len(word)) < 3 and w[:1].lower() == first]
    close = [w for w in (word.lower(), word.capitalize()) if w in self.index]
    return list(dict.fromkeys(close + difflib.get_close_matches(word, likely[:50_000], n=3)))[:3]


def _safe(norms):
  return np.where(norms > 0, norms, 1)


def _several(queries) -> list:
  """One query or several: a word or a vector alone is one, a matrix its rows."""
  if isinstance(queries, str) or (isinstance(queries, np.ndarray) and queries.ndim == 1):
    return [queries]
  return list(queries)
