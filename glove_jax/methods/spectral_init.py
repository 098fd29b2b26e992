"""Initial params of GloVe from the spectrum of the counts among the most frequent words.

The counts among the m most frequent words are a dense matrix X. Biases are fitted to its logarithms
by weighted least squares, and the weighted residuals

    sqrt(f(X)) * (log X - b - d')

are factorised by a randomised singular value decomposition (Halko, Martinsson & Tropp 2011,
algorithm 4.4). The context vectors of these words are the right singular vectors, scaled by the
roots of the singular values. Word vectors start at zero: least squares (`glove_als`) solves them
first. f is the weight of `methods.glove`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from glove_jax.data.counts import dense_rows
from glove_jax.data.counts.cooccurrence import Store
from glove_jax.progress import ignore

_BIAS_SWEEPS = 20
_POWER_ITERATIONS = 8
NUM_PRODUCTS = 2 * _POWER_ITERATIONS + 2  # of the matrix and all directions
_OVERSAMPLING = 20  # random directions beyond the rank
_RARE_WORDS = 200   # of the m words: rarer words start with the mean of their context biases


class Biases(NamedTuple):
  """The biases that fit log X without vectors."""

  word: np.ndarray     # [m] float32
  context: np.ndarray  # [m] float32


def init_params(
  store: Store,
  dim: int,
  *,
  x_max: float = 100.0,
  alpha: float = 0.75,
  num_words: int = 2048,
  seed: int = 0,
  held_out: float = 0.0,
  advance: Callable[[int], None] = ignore,
) -> dict[str, np.ndarray]:
  """Returns params of `glove.glove`: `word`, zeros, and `context`, [V, D + 1] float32 each.

  Args:
    store: the co-occurrence counts.
    dim: D.
    x_max, alpha: as for `glove.glove`.
    num_words: m, the number of words whose counts are factorised.
    seed: of the random projection and of the held-out pairs.
    held_out: the fraction of pairs kept out of training (`record_batches.is_held_out`), which
      count as zero.
    advance: called with the number of products of matrices since the last call, of NUM_PRODUCTS.
  """
  counts = dense_rows.dense_counts(
    store, min(num_words, store.vocab_size), seed=seed, held_out=held_out, dtype=np.float64
  )
  size = len(counts)
  weight = np.minimum(1, (counts / x_max) ** alpha)
  weight = np.where(counts > 0, weight, 0).astype(np.float32)
  log = np.log(np.where(counts > 0, counts, 1))
  log = log.astype(np.float32)
  biases = _fit_biases(log, weight)
  residuals = log - biases.word[:, None] - biases.context
  rank = min(dim, size)
  values, vectors = _truncated_svd(np.sqrt(weight) * residuals, rank, seed, advance)
  shape = (store.vocab_size, dim + 1)
  context = np.zeros(shape, np.float32)
  context[:size, :rank] = vectors * np.sqrt(values)
  context[:size, -1] = biases.context
  rare = biases.context[-_RARE_WORDS:]
  context[size:, -1] = rare.mean()
  return {"word": np.zeros(shape, np.float32), "context": context}


def _fit_biases(log: np.ndarray, weight: np.ndarray) -> Biases:
  """Returns the biases b, d of least sum weight (log - b - d')^2, by alternating least squares."""
  size = len(log)
  word = np.zeros(size, np.float32)
  context = np.zeros(size, np.float32)
  word_mass = np.maximum(weight.sum(1), 1e-9)
  context_mass = np.maximum(weight.sum(0), 1e-9)
  for _ in range(_BIAS_SWEEPS):
    errors = weight * (log - context)
    word[:] = errors.sum(1) / word_mass
    errors = weight * (log - word[:, None])
    context[:] = errors.sum(0) / context_mass
  return Biases(word=word, context=context)


def _truncated_svd(
  matrix: np.ndarray, rank: int, seed: int, advance: Callable[[int], None]
) -> tuple[np.ndarray, np.ndarray]:
  """Returns the largest singular values, [rank], and right singular vectors, [m, rank]."""
  size = len(matrix)
  directions = min(size, rank + _OVERSAMPLING)
  rng = np.random.default_rng(seed)
  basis = rng.normal(size=(size, directions)).astype(np.float32)
  for _ in range(_POWER_ITERATIONS):
    image = matrix.T @ (matrix @ basis)
    basis, _ = np.linalg.qr(image)
    advance(2)
  left_basis, _ = np.linalg.qr(matrix @ basis)
  projected = left_basis.T @ matrix
  advance(2)
  _, values, right = np.linalg.svd(projected, full_matrices=False)
  return values[:rank], right[:rank].T
