"""The table behind `WordVectors`: words, their rows, and vectors of unseen words."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glove_jax.errors import InputError
from glove_jax.word_vectors import cosines as cosines_lib
from glove_jax.word_vectors import spelling

Query = str | np.ndarray  # a word or a vector [D]


@dataclasses.dataclass(frozen=True, eq=False)
class WordTable:
  """The fields of `WordVectors`, which describes them, and `index`: word -> row.

  Raises:
    ValueError: the numbers of words and rows differ, or a word occurs twice.
  """

  words: list[str]
  vectors: np.ndarray
  notes: tuple[str, ...] = ()
  tokenization: Any = dataclasses.field(default=None, repr=False)
  compose: Callable[[str], np.ndarray] | None = dataclasses.field(default=None, repr=False)
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
    """Returns whether a word has a row; a word whose vector would be composed has none."""
    return word in self.index

  def __getitem__(self, word: str | Sequence[str]) -> np.ndarray:
    """Returns the vector [D] of a word, or the vectors [N, D] of N words, as `get_vector`."""
    if isinstance(word, str):
      return self.get_vector(word)
    words = list(word)
    if all(each in self.index for each in words):
      return self.vectors[[self.index[each] for each in words]]
    return np.stack([self.get_vector(each) for each in words])

  def __repr__(self) -> str:
    return f"WordVectors({len(self):,} words x {self.dim})"

  @property
  def dim(self) -> int:
    """The dimension D of the vectors."""
    return self.vectors.shape[1]

  def row(self, word: str) -> int:
    """Returns the row of a word in `vectors`; UnknownWordError with similar words if it has none.
    """
    if word in self.index:
      return self.index[word]
    raise spelling.unknown_word(word, self.words, self.index)

  def get_vector(self, word: str, norm: bool = False) -> np.ndarray:
    """Returns the vector of a word: that of its row, or a composed one.

    Args:
      word: any word.
      norm: whether to divide the vector by its norm.

    Returns:
      [D] float32.

    Raises:
      UnknownWordError: the word has no row and cannot be composed; names similar words.
    """
    vector = self._composed(word) if word not in self.index else self.vectors[self.index[word]]
    if vector is None:
      raise spelling.unknown_word(word, self.words, self.index)
    return cosines_lib.normalize_rows(vector[None])[0] if norm else vector

  def has_vector(self, word: str) -> bool:
    """Returns whether `get_vector` returns a vector for a word."""
    return word in self.index or self._composed(word) is not None

  @functools.cached_property
  def norms(self) -> np.ndarray:
    """[V] Euclidean norms; 1 for an all-zero vector, so that dividing by them is safe."""
    return cosines_lib.row_norms(self.vectors)

  def get_normed_vectors(self) -> np.ndarray:
    """Returns the vectors [V, D] divided by their norms; all-zero vectors stay zero."""
    return self.vectors / self.norms[:, None]

  def _composed(self, word: str) -> np.ndarray | None:
    """Returns the composed vector [D] of a word, None if it has none."""
    if self.compose is None:
      return None
    vector = np.asarray(self.compose(word), np.float32)
    return vector if vector.any() else None

  def _query_vector(self, query: Query) -> np.ndarray:  # -> [D]
    if isinstance(query, str):
      return self.get_vector(query)
    vector = np.asarray(query, np.float32)
    if vector.shape != (self.dim,):
      raise InputError(f"Found a query of shape {vector.shape}, expected a word or [{self.dim}].")
    return vector

  def _unit_vectors(self, queries: Sequence[Query]) -> np.ndarray:  # -> [N, D]
    if not len(queries):
      raise InputError("There is no query. Give at least one word.")
    vectors = [self._query_vector(query) for query in queries]
    return cosines_lib.normalize_rows(np.stack(vectors))
