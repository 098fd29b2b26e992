"""Models of Facebook's fastText: reads `.bin` and `.ftz`, writes `.bin`, gives the program's vectors and predictions.

Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information"; Joulin et al. 2017, "Bag of Tricks for
Efficient Text Classification". Where they leave a choice, this does as the program does.
"""

import dataclasses
import functools
import heapq
import itertools
import math
import os
from collections.abc import Iterator

import numpy as np
import scipy.sparse
import scipy.special

from glove_jax.data import ngrams
from glove_jax.data.labelled import fasttext_bags
from glove_jax.data.windows import huffman
from glove_jax.errors import InputError
from glove_jax.interop import fasttext_format
from glove_jax.interop.fasttext_format import Args
from glove_jax.word_vectors import WordVectors

LABEL = fasttext_bags.LABEL_PREFIX  # A word that begins so and is unknown is skipped: files do not say what prefix they had.
GUARD = 1e-5  # added to every probability before the program takes its logarithm
_BLOCK = 1 << 20  # n-grams gathered at a time, about


@dataclasses.dataclass(frozen=True, eq=False)
class Model:
  """A fastText model. V words, L labels, D numbers, P n-grams that were kept.

  Attributes:
    args: how it was trained.
    words, counts: V strings and [V] int64, most frequent first.
    labels, label_counts: L strings and [L] int64; empty but in supervised models.
    tokens: how many words the training text had.
    prune: None, or [P, 2] int32: the n-grams' buckets that have a row, ascending, and that row after the words' rows.
    input: [V + args.bucket, D] float32, or [V + P, D]: rows of words, then of n-grams.
    output: [L, D] float32 of a supervised model, else [V, D].
    index: word or label -> its place among the words, then labels.

  Raises:
    ValueError: if these do not fit together.
  """

  args: Args
  words: list[str]
  counts: np.ndarray
  labels: list[str]
  label_counts: np.ndarray
  tokens: int
  prune: np.ndarray | None
  input: np.ndarray
  output: np.ndarray
  index: dict[str, int] = dataclasses.field(init=False)

  def __post_init__(self):
    for name in ("input", "output", "counts", "label_counts"):
      dtype = np.int64 if name.endswith("counts") else np.float32
      object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype))
    entries = [*self.words, *self.labels]
    object.__setattr__(self, "index", {word: place for place, word in enumerate(entries)})
    rows = len(self.words) + (self.args.bucket if self.prune is None else len(self.prune))
    outputs = len(self.labels if self.args.model == "supervised" else self.words)
    if self.input.shape != (rows, self.args.dim) or self.output.shape != (outputs, self.args.dim):
      raise ValueError(f"The input is {self.input.shape} and the output {self.output.shape}, expected "
                       f"{(rows, self.args.dim)} and {(outputs, self.args.dim)}.")
    if len(self.index) != len(entries) or len(self.counts) + len(self.label_counts) != len(entries):
      raise ValueError(f"{len(entries)} words and labels, {len(self.index)} of them different, with "
                       f"{len(self.counts) + len(self.label_counts)} counts, expected as many of each.")

  def __repr__(self) -> str:
    return f"Model({self.args.model}, {len(self.words):,} words x {self.args.dim}, {len(self.labels):,} labels)"

  @functools.cached_property
  def tree(self) -> list[tuple[int, int]]:
    """The Huffman tree of the labels; see `trees.huffman`."""
    return huffman.huffman(self.label_counts.tolist())


def load(path: str | os.PathLike) -> Model:
  """Reads a `.bin` or `.ftz` of any version; quantized ones as dense.

  Words that are not UTF-8 hold their bytes as surrogates (`errors="surrogateescape"`).

  Raises:
    InputError: naming the file, the byte, what was found and what was expected.
    OSError: for a file that is not there or not readable.
  """
  return Model(*fasttext_format.read(path))


def save(model: Model, path: str | os.PathLike):
  """Writes a `.bin` of version 12 that fastText and gensim load; the file is whole or absent.

  Raises:
    InputError: for a word that the format cannot hold, or a pruned model: only quantized files can say that.
  """
  fasttext_format.write(model, path)


def vector(model: Model, word: str) -> np.ndarray:
  """[D] float32: the mean of the word's row, if it has one, and its n-grams' rows; zeros if there is neither."""
  return _mean(model, _word_rows(model, word))


def word_vectors(model: Model, *, limit: int | None = None) -> WordVectors:
  """The vectors of all words, or of the first `limit`, each as `vector` gives it."""
  words = model.words[:limit]
  if not (model.args.maxn and model.args.bucket):
    return WordVectors(words, model.input[: len(words)])
  vectors = np.empty((len(words), model.args.dim), np.float32)
  for block in _blocks(words, model.args.maxn):
    indptr, buckets = ngrams.table(words[block], model.args.minn, model.args.maxn, model.args.bucket)
    rows, kept = _bucket_rows(model, buckets)
    indptr = np.concatenate([[0], np.cumsum(kept)])[indptr]
    pieces = scipy.sparse.csr_array((np.ones(len(rows), np.float32), rows, indptr), (len(indptr) - 1, len(model.input)))
    vectors[block] = (model.input[block] + pieces @ model.input) / (1 + np.diff(indptr))[:, None]
  return WordVectors(words, vectors)


def sentence_vector(model: Model, text: str) -> np.ndarray:
  """[D] float32 of a line: the mean of its words' unit vectors; of a supervised model what `predict` looks at.

  Raises:
    InputError: for more than one line.
  """
  if model.args.model == "supervised":
    return _mean(model, _line_rows(model, text))
  vectors = [vector(model, word) for word in _split(text)]
  norms = [np.linalg.norm(one) for one in vectors]
  units = [one / norm for one, norm in zip(vectors, norms, strict=True) if norm > 0]
  return np.mean(units, axis=0, dtype=np.float32) if units else np.zeros(model.args.dim, np.float32)


def predict(model: Model, text: str, k: int = 1) -> list[tuple[str, float]]:
  """The `k` most probable labels of a line, best first, with their probabilities.

  The numbers are the program's, quirks included: each is 1e-5 too large (up to 1.00001), the sigmoids of `ova` and `ns`
  come from a table in steps of 1/32, and `hs` leaves out labels below 1e-5. A line without any known word or n-gram has
  no labels; unknown words count through their n-grams.

  Raises:
    InputError: for a model that is not supervised, or more than one line.
    ValueError: for k below 1.
  """
  if model.args.model != "supervised":
    raise InputError(f"This model is {model.args.model}, expected a supervised one to predict labels.")
  if k < 1:
    raise ValueError(f"k is {k}, expected 1 or more.")
  rows = _line_rows(model, text)
  if not len(rows):
    return []
  hidden = _mean(model, rows)
  if model.args.loss == "hs":
    return [(model.labels[label], chance) for label, chance in _descend(model, hidden, k)]
  logits = model.output @ hidden
  chances = _PROBABILITIES[model.args.loss](logits)
  best = np.argsort(-logits, kind="stable")[:k]
  return [(model.labels[label], float(chances[label]) + GUARD) for label in best]


def _descend(model: Model, hidden: np.ndarray, k: int) -> list[tuple[int, float]]:
  """The k best leaves of the tree with their probabilities: the best node of all goes first, so few are looked at."""
  size, found = len(model.labels), []
  queue = [(0.0, 2 * size - 2)]  # (minus the logarithm of the probability, node)
  while queue and len(found) < k:
    cost, node = heapq.heappop(queue)
    if node < size:
      found.append((node, math.exp(-cost)))
      continue
    right = float(scipy.special.expit(model.output[node - size] @ hidden))
    for child, chance in zip(model.tree[node - size], (1 - right, right), strict=True):
      if (total := cost - math.log(chance + GUARD)) <= -math.log(GUARD):
        heapq.heappush(queue, (total, child))
  return found


def _sigmoid(logits: np.ndarray) -> np.ndarray:
  # The program looks it up in a table of 512 steps from -8 to 8, at the step below.
  steps = np.floor((logits + np.float32(8)) * 32) / 32 - 8
  return np.where(logits < -8, 0, np.where(logits > 8, 1, scipy.special.expit(steps)))


_PROBABILITIES = {"softmax": scipy.special.softmax, "ova": _sigmoid, "ns": _sigmoid}


def _mean(model: Model, rows: np.ndarray) -> np.ndarray:  # [N] -> [D]
  return model.input[rows].mean(0) if len(rows) else np.zeros(model.args.dim, np.float32)


def _bucket_rows(model: Model, buckets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """The rows [M] of those buckets [N] that were not pruned, and which these are, [N] bool."""
  if model.prune is None:
    return len(model.words) + buckets.astype(np.int64), np.ones(len(buckets), bool)
  keys, rows = model.prune.T
  place = np.searchsorted(keys, buckets)
  kept = place < np.searchsorted(keys, buckets, side="right")
  return len(model.words) + rows[place[kept]].astype(np.int64), kept


def _word_rows(model: Model, word: str) -> np.ndarray:  # -> [N]
  args = model.args
  place = model.index.get(word, len(model.words))
  own = [place] if place < len(model.words) else []  # A label has no row of its own.
  pieces, _ = _bucket_rows(model, ngrams.ids(word, args.minn, args.maxn, args.bucket))
  return np.concatenate([np.array(own, np.int64), pieces])


def _line_rows(model: Model, text: str) -> np.ndarray:  # -> [N]
  tokens = [*_split(text), ngrams.EOS]
  tokens = tokens[: tokens.index(ngrams.EOS) + 1]  # The program stops at a written </s>.
  words = [token for token in tokens if not _is_label(model, token)]
  hashes = [ngrams.fnv1a(ngrams.encode(word)) for word in words]
  runs, _ = _bucket_rows(model, ngrams.word_ngram_ids(hashes, model.args.word_ngrams, model.args.bucket))
  return np.concatenate([np.zeros(0, np.int64), *(_word_rows(model, word) for word in words), runs])


def _blocks(words: list[str], max_n: int) -> Iterator[slice]:
  """Runs of words with about `_BLOCK` n-grams at most, or one word: a hostile file's words are long."""
  number = np.cumsum([max_n * (len(word) + 2) for word in words]) // _BLOCK
  cuts = np.flatnonzero(np.diff(number, prepend=-1, append=-1))
  return (slice(start, stop) for start, stop in itertools.pairwise(cuts.tolist()))


def _is_label(model: Model, token: str) -> bool:
  place = model.index.get(token)
  return token.startswith(LABEL) if place is None else place >= len(model.words)


def _split(text: str) -> list[str]:
  if "\n" in text:
    raise InputError(f"Found a newline in {text[:40]!r}, expected one line.")
  return [token for token in fasttext_bags.SPACES.split(text) if token]
