"""Vectors and predictions of Facebook's fastText models.

Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information"; Joulin et al. 2017, "Bag
of Tricks for Efficient Text Classification". Where the papers leave a choice, this module does as
the program does.
"""

import functools
import heapq
import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import scipy.sparse
import scipy.special

from glove_jax.data import ngrams
from glove_jax.data.labelled import fasttext_bags
from glove_jax.errors import InputError
from glove_jax.interop.fasttext_format import Args
from glove_jax.interop.fasttext_model import Model, load, save
from glove_jax.word_vectors import WordVectors

__all__ = [
  "Args", "Model", "load", "predict", "save", "sentence_vector", "vector", "word_vectors",
]

# Unknown words that begin so are skipped: a model file does not say what its label prefix was.
LABEL = fasttext_bags.LABEL_PREFIX
LOG_EPSILON = 1e-5  # fastText adds it to every probability before it takes the logarithm
_NGRAMS_PER_BLOCK = 1 << 20  # gathered at a time, about


def vector(model: Model, word: str) -> np.ndarray:
  """Returns the vector of any word.

  It is the mean of the word's row, if it has one, and the rows of its n-grams: [D] float32, zeros
  if there are neither.
  """
  return _mean(model, _word_rows(model, word))


def word_vectors(model: Model, *, limit: int | None = None) -> WordVectors:
  """Returns the vectors of all words, or of the first `limit`, each as `vector` gives it.

  Those of other words are composed of their n-grams, if the model has any.
  """
  args = model.args
  words = model.words[:limit]
  if not (args.maxn and args.bucket):
    return WordVectors(words, model.input[: len(words)], model.notes)
  vectors = np.empty((len(words), args.dim), np.float32)
  for block in _blocks(words, args.maxn):
    bounds, buckets = ngrams.table(words[block], args.minn, args.maxn, args.bucket)
    rows, is_kept = _bucket_rows(model, buckets)
    num_kept = np.cumsum(is_kept)
    kept_before = np.concatenate([[0], num_kept])
    bounds = kept_before[bounds]  # word i has the rows from bounds[i] to bounds[i + 1]
    ones = np.ones(len(rows), np.float32)
    ngram_counts = scipy.sparse.csr_array(
      (ones, rows, bounds),
      shape=(len(bounds) - 1, len(model.input)),
    )
    sums = model.input[block] + ngram_counts @ model.input
    num_rows = 1 + np.diff(bounds)
    vectors[block] = sums / num_rows[:, None]
  return WordVectors(words, vectors, model.notes, compose=functools.partial(vector, model))


def sentence_vector(model: Model, text: str) -> np.ndarray:
  """Returns the vector of a line: [D] float32.

  It is the mean of the unit vectors of its words; in a supervised model, the hidden vector that
  `predict` classifies.

  Raises:
    InputError: if the text has more than one line.
  """
  if model.args.model == "supervised":
    return _mean(model, _line_rows(model, text))
  units = []
  for word in _split(text):
    word_vector = vector(model, word)
    norm = np.linalg.norm(word_vector)
    if norm > 0:
      units.append(word_vector / norm)
  if not units:
    return np.zeros(model.args.dim, np.float32)
  return np.mean(units, axis=0, dtype=np.float32)


def predict(model: Model, text: str, k: int = 1) -> list[tuple[str, float]]:
  """Returns the `k` most probable labels of a line with their probabilities, best first.

  Probabilities equal fastText's: each is 1e-5 too large (up to 1.00001), the sigmoids of `ova`
  and `ns` come from a table in steps of 1/32, and `hs` leaves out labels below 1e-5. Unknown words
  count through their n-grams; a line without any word or n-gram of the model has no labels.

  Raises:
    InputError: if the model is not supervised, or the text has more than one line.
    ValueError: if k is below 1.
  """
  if model.args.model != "supervised":
    raise InputError(
      f"This model is {model.args.model}, expected a supervised one to predict labels."
    )
  if k < 1:
    raise ValueError(f"k is {k}, expected 1 or more.")
  rows = _line_rows(model, text)
  if not len(rows):
    return []
  hidden = _mean(model, rows)
  find_best = _best_leaves if model.args.loss == "hs" else _best_outputs
  best = find_best(model, hidden, k)
  return [(model.labels[label], probability) for label, probability in best]


def _best_outputs(model: Model, hidden: np.ndarray, k: int) -> list[tuple[int, float]]:
  """Returns the k labels with the largest logits and their probabilities."""
  logits = model.output @ hidden
  activation = scipy.special.softmax if model.args.loss == "softmax" else _sigmoid
  probabilities = activation(logits)
  best = np.argsort(-logits, kind="stable")[:k]
  predictions = []
  for label in best:
    probability = float(probabilities[label]) + LOG_EPSILON
    predictions.append((label, probability))
  return predictions


def _best_leaves(model: Model, hidden: np.ndarray, k: int) -> list[tuple[int, float]]:
  """Returns the k most probable leaves of the Huffman tree and their probabilities.

  Nodes are visited in the order of their probabilities, so only a few are.
  """
  num_labels = len(model.labels)
  root = 2 * num_labels - 2
  max_cost = -math.log(LOG_EPSILON)
  leaves = []
  queue = [(0.0, root)]  # (negative log probability, node)
  while queue and len(leaves) < k:
    cost, node = heapq.heappop(queue)
    if node < num_labels:
      leaves.append((node, math.exp(-cost)))
      continue
    inner = node - num_labels
    left_child, right_child = model.tree[inner]
    logit = model.output[inner] @ hidden
    right = float(scipy.special.expit(logit))
    for child, probability in ((left_child, 1 - right), (right_child, right)):
      child_cost = cost - math.log(probability + LOG_EPSILON)
      if child_cost <= max_cost:
        heapq.heappush(queue, (child_cost, child))
  return leaves


def _sigmoid(logits: np.ndarray) -> np.ndarray:
  # fastText looks it up in a table of 512 steps from -8 to 8, at the step below.
  offsets = logits + np.float32(8)
  steps = np.floor(offsets * 32) / 32 - 8
  sigmoid = scipy.special.expit(steps)
  sigmoid = np.where(logits > 8, 1, sigmoid)
  return np.where(logits < -8, 0, sigmoid)


def _mean(model: Model, rows: np.ndarray) -> np.ndarray:  # [N] -> [D]
  if not len(rows):
    return np.zeros(model.args.dim, np.float32)
  return model.input[rows].mean(0)


def _bucket_rows(model: Model, buckets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Returns the rows [M] of the buckets [N] that were not pruned, and which these are, [N] bool."""
  num_words = len(model.words)
  if model.prune is None:
    rows = num_words + buckets.astype(np.int64)
    return rows, np.ones(len(buckets), bool)
  kept_buckets, kept_rows = model.prune.T
  first = np.searchsorted(kept_buckets, buckets)
  is_kept = first < np.searchsorted(kept_buckets, buckets, side="right")
  rows = kept_rows[first[is_kept]]
  return num_words + rows.astype(np.int64), is_kept


def _word_rows(model: Model, word: str) -> np.ndarray:  # -> [N]
  args = model.args
  buckets = ngrams.ids(word, args.minn, args.maxn, args.bucket)
  ngram_rows, _ = _bucket_rows(model, buckets)
  row = model.index.get(word, len(model.words))
  if row >= len(model.words):  # unknown, or a label
    return ngram_rows
  word_row = np.array([row], np.int64)
  return np.concatenate([word_row, ngram_rows])


def _line_rows(model: Model, text: str) -> np.ndarray:  # -> [N]
  """Returns the rows of a line: of its words with their n-grams, then of its word n-grams."""
  tokens = [*_split(text), ngrams.EOS]
  end = tokens.index(ngrams.EOS)  # fastText stops at an `</s>` that the text contains
  rows = [np.zeros(0, np.int64)]
  hashes = []
  for token in tokens[: end + 1]:
    if not _is_label(model, token):
      rows.append(_word_rows(model, token))
      hashes.append(ngrams.fnv1a(ngrams.encode(token)))
  buckets = ngrams.word_ngram_ids(hashes, model.args.word_ngrams, model.args.bucket)
  word_ngram_rows, _ = _bucket_rows(model, buckets)
  return np.concatenate([*rows, word_ngram_rows])


def _blocks(words: Sequence[str], max_n: int) -> Iterator[slice]:
  """Yields runs of words with about `_NGRAMS_PER_BLOCK` n-grams at most, or of one long word."""
  max_ngrams = [max_n * (len(word) + 2) for word in words]
  block_of_word = np.cumsum(max_ngrams) // _NGRAMS_PER_BLOCK
  changes = np.diff(block_of_word, prepend=-1, append=-1)
  bounds = np.flatnonzero(changes)
  for start, stop in itertools.pairwise(bounds.tolist()):
    yield slice(start, stop)


def _is_label(model: Model, token: str) -> bool:
  position = model.index.get(token)
  if position is None:
    return token.startswith(LABEL)
  return position >= len(model.words)


def _split(text: str) -> list[str]:
  if "\n" in text:
    raise InputError(f"Found a newline in {text[:40]!r}, expected one line.")
  return [token for token in fasttext_bags.SPACES.split(text) if token]
