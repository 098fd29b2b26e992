"""The baseline of a network that classifies texts: logistic regression on mean token vectors.

It takes a second, and on few labels it is often the better model. A network's scores are shown
beside it.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from glove_jax.finetuning import scoring
from glove_jax.finetuning.scoring import Scores
from glove_jax.progress import log_stage
from glove_jax.tasks import logistic_regression

MAX_TRAIN_TEXTS = 20_000  # more than the baseline needs to learn a matrix of D x classes


class Baseline(NamedTuple):
  """What the baseline is fitted to and scored on.

  Fields:
    ids: token ids of each text of each part.
    vectors: [V, D] of the tokens; rows of zeros do not count. None: tf-idf of the tokens.
    targets: class of each training text, as an index.
    labels: classes.
  """

  ids: Mapping[str, Sequence[np.ndarray]]
  vectors: np.ndarray | None
  targets: Sequence[int]
  labels: Sequence[str]

  def scores(self, data: Mapping[str, Any]) -> dict[str, Scores]:
    """Returns the baseline's scores on each part of the data but `train`."""
    start = time.monotonic()
    kept = _spread(len(self.targets), MAX_TRAIN_TEXTS)
    num_tokens = self._num_tokens()
    train_counts = count_matrix([self.ids["train"][i] for i in kept], num_tokens)
    weights = None if self.vectors is not None else idf(train_counts)
    regression = logistic_regression.fit(
      self._features(train_counts, weights), np.array(self.targets)[kept], len(self.labels)
    )
    results = {}
    for name, part in data.items():
      if name != "train":
        features = self._features(count_matrix(self.ids[name], num_tokens), weights)
        rows = logistic_regression.log_probabilities(regression, features)
        results[name] = scoring.score_labels(scoring.decode_labels(self.labels, rows), part)
    log_stage("baseline", f"logistic regression on {self._describe()}", start)
    return results

  def _num_tokens(self) -> int:
    if self.vectors is not None:
      return len(self.vectors)
    return 1 + max(int(ids.max(initial=0)) for part in self.ids.values() for ids in part)

  def _features(self, counts: scipy.sparse.csr_array, weights: np.ndarray | None):
    """Returns the features of texts, [N, D] or, sparse, [N, V]."""
    if self.vectors is not None:
      return mean_vectors(counts, self.vectors)
    return tf_idf(counts, weights)

  def _describe(self) -> str:
    return "tf-idf" if self.vectors is None else "mean vectors"


def count_matrix(texts: Sequence[np.ndarray], num_tokens: int) -> scipy.sparse.csr_array:
  """Returns how often each token occurs in each text, [N, V]."""
  sizes = [len(ids) for ids in texts]
  ends = np.concatenate([[0], np.cumsum(sizes)])
  columns = np.concatenate([*texts, np.zeros(0, np.int32)])
  ones = np.ones(len(columns))
  counts = scipy.sparse.csr_array((ones, columns, ends), shape=(len(texts), num_tokens))
  counts.sum_duplicates()
  return counts


def mean_vectors(counts: scipy.sparse.csr_array, vectors: np.ndarray) -> np.ndarray:
  """Returns the mean vector of each text's tokens that have one, [N, D]; else zeros."""
  has_vector = vectors.any(1).astype(np.float64)
  totals = np.maximum(counts @ has_vector, 1)
  return (counts @ vectors.astype(np.float64)) / totals[:, None]


def idf(counts: scipy.sparse.csr_array) -> np.ndarray:
  """Returns the smoothed inverse document frequency of each token, [V] (Sparck Jones 1972)."""
  document_frequency = (counts > 0).sum(0)
  return np.log((1 + counts.shape[0]) / (1 + document_frequency)) + 1


def tf_idf(counts: scipy.sparse.csr_array, weights: np.ndarray) -> scipy.sparse.csr_array:
  """Returns counts times the idf of each token, with rows of length 1."""
  weighted = scipy.sparse.csr_array(counts * weights[None])
  norms = np.sqrt((weighted * weighted).sum(1))
  return scipy.sparse.csr_array(weighted / np.maximum(norms, 1e-12)[:, None])


def with_baseline(scores: Scores, baseline: Scores) -> Scores:
  """Returns scores that hold those of the baseline, as in metrics.json."""
  return scores._replace(values={**scores.values, "baseline": baseline.overall})


def _spread(size: int, limit: int) -> np.ndarray:
  """Returns at most `limit` of the indices below `size`, evenly spread."""
  if size <= limit:
    return np.arange(size)
  return np.linspace(0, size - 1, limit).astype(int)
