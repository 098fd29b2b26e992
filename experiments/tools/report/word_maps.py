"""Neighbours of words in several runs, how far words moved between runs, and a plane to draw them.

Vectors of two runs have different axes. They are compared after the rotation that brings the words
of both closest to each other: orthogonal Procrustes, as Hamilton et al. 2016, "Diachronic Word
Embeddings Reveal Statistical Laws of Semantic Change", sec. 3.2, compare vectors of two times.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.alignment import orthogonal_map
from glove_jax.errors import InputError
from glove_jax.word_vectors import WordVectors, nearest_rows, normalize_rows

NO_WORD = 0xFFFF  # stands for a missing neighbour, where there are hardly any words
MAX_WORDS = NO_WORD


class RunMap(NamedTuple):
  """The words of a run, as numbers of the words of all runs.

  Fields:
    words: [V] uint16, the most frequent first.
    neighbours: [V, K] uint16, the nearest first.
    cosines: [V, K] float32, of the neighbours.
    points: [V, 2] float32, in a plane that all runs share.
  """

  words: np.ndarray
  neighbours: np.ndarray
  cosines: np.ndarray
  points: np.ndarray


class Movement(NamedTuple):
  """How far the words of two runs moved.

  Fields:
    first, second: numbers of the runs.
    words: [N] uint16, numbers of the words that both have; those that moved most first.
    distances: [N] float32, 1 - cosine after the rotation.
  """

  first: int
  second: int
  words: np.ndarray
  distances: np.ndarray


class WordMap(NamedTuple):
  """The words of several runs.

  Fields:
    words: of all runs, each once.
    runs: a map for each run.
    movements: of each pair of runs with words in common.
    variance: the part of the variance of the first run's unit vectors that its plane shows.
  """

  words: list[str]
  runs: list[RunMap]
  movements: list[Movement]
  variance: float


def make(vectors: Sequence[WordVectors], *, topn: int = 10) -> WordMap:
  """Returns the map of the words of one or more runs.

  Args:
    vectors: of each run; words beyond these are no neighbours. At most 65,535 different words.
    topn: K, the number of neighbours.

  Raises:
    InputError: there are more words.
  """
  words = list(dict.fromkeys(itertools.chain.from_iterable(each.words for each in vectors)))
  if len(words) > MAX_WORDS:
    raise InputError(
      f"The runs have {len(words):,} different words, expected at most {MAX_WORDS:,}; use fewer of"
      " each (--words)."
    )
  index = {word: number for number, word in enumerate(words)}
  plane = _Plane.of(vectors[0])
  runs = []
  for each in vectors:
    numbers = np.array([index[word] for word in each.words], np.uint16)
    rows, cosines = neighbours_of(each, topn)
    neighbours = np.where(rows < 0, NO_WORD, numbers[rows]).astype(np.uint16)
    points = plane.project(vectors[0], each)
    runs.append(RunMap(numbers, neighbours, cosines, points))
  movements = []
  for first, second in itertools.combinations(range(len(vectors)), 2):
    shared, distances = moved(vectors[first], vectors[second])
    if shared:
      numbers = np.array([index[word] for word in shared], np.uint16)
      movements.append(Movement(first, second, numbers, distances))
  return WordMap(words, runs, movements, plane.variance)


def neighbours_of(vectors: WordVectors, topn: int) -> tuple[np.ndarray, np.ndarray]:
  """Returns the rows of the nearest words of each word, and their cosines.

  Args:
    vectors: of V words.
    topn: K.

  Returns:
    [V, K] int32 and [V, K] float32; -1 and 0 where there are fewer words.
  """
  rows = np.full((len(vectors), topn), -1, np.int32)
  cosines = np.zeros((len(vectors), topn), np.float32)
  itself = [[row] for row in range(len(vectors))]
  nearest = nearest_rows.find(vectors.vectors, vectors.vectors, vectors.norms, topn, exclude=itself)
  for row, best in enumerate(nearest):
    count = len(best.rows)
    rows[row, :count] = best.rows
    cosines[row, :count] = best.scores
  return rows, cosines


def moved(first: WordVectors, second: WordVectors) -> tuple[list[str], np.ndarray]:
  """Returns the words of two runs, those that moved most first, and how far they moved.

  Returns:
    N words that both have, and [N] float32: 1 - cosine of the word's vectors after the rotation.
  """
  words = [word for word in first.words if word in second]
  if not words:
    return [], np.zeros(0, np.float32)
  source, target = _same_width(second[words], first[words])
  rotated = source @ orthogonal_map(source, target)
  distances = 1 - np.einsum("nd,nd->n", rotated, target)
  order = np.argsort(-distances, kind="stable")
  return [words[row] for row in order], distances[order].astype(np.float32)


def _same_width(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Returns unit rows, with zeros at the end of the narrower ones."""
  width = max(first.shape[1], second.shape[1])
  padded = []
  for matrix in (first, second):
    units = normalize_rows(np.asarray(matrix, np.float64))
    padded.append(np.pad(units, [(0, 0), (0, width - matrix.shape[1])]))
  return padded[0], padded[1]


class _Plane(NamedTuple):
  """The first two principal components of the unit vectors of a run."""

  mean: np.ndarray  # [D]
  axes: np.ndarray  # [D, 2]
  variance: float

  @classmethod
  def of(cls, vectors: WordVectors) -> "_Plane":
    units = normalize_rows(vectors.vectors.astype(np.float64))
    mean = units.mean(0)
    centred = units - mean
    values, components = np.linalg.eigh(centred.T @ centred)  # ascending
    axes = components[:, ::-1][:, :2]
    axes = np.pad(axes, [(0, 0), (0, 2 - axes.shape[1])])  # of vectors of one number
    total = values.sum()
    variance = float(values[::-1][:2].sum() / total) if total > 0 else 0.0
    return cls(mean, axes, variance)

  def project(self, reference: WordVectors, vectors: WordVectors) -> np.ndarray:
    """Returns the points [V, 2] of a run, rotated to the run that the plane is of."""
    shared = [word for word in reference.words if word in vectors]
    units, _ = _same_width(vectors.vectors, reference.vectors)
    if vectors is not reference and shared:
      source, target = _same_width(vectors[shared], reference[shared])
      units = units @ orthogonal_map(source, target)
    units = units[:, : len(self.mean)]
    return ((units - self.mean) @ self.axes).astype(np.float32)
