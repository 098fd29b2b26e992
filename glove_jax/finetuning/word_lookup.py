"""Pretrained word vectors of a task: lookup, vocabulary, initial table, and later words."""

import collections
from collections.abc import Callable, Mapping, Sequence

import jax
import numpy as np

from glove_jax import temporary_folders, vector_files
from glove_jax.data.labelled import lexicon as lexicon_lib
from glove_jax.data.labelled import padded_batches, word_parts
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.errors import InputError, quote
from glove_jax.file_progress import reading
from glove_jax.finetuning.encoder_settings import WordEncoder
from glove_jax.finetuning.preprocessing import uses_word_parts
from glove_jax.finetuning.settings import ClassifySettings, TagSettings
from glove_jax.progress import log_stage
from glove_jax.train import Params
from glove_jax.word_vectors import WordVectors

_LEAST_ROWS_BITS = 8  # that a table grows by: 256 rows

Words = Sequence[Sequence[str]]  # of each text


class Pretrained:
  """Pretrained vectors, and their lookup, which may compose vectors of subwords or parts.

  It remembers what it has composed, so that a run can keep the vectors of its words.

  Attributes:
    vectors: the table.
    compose: word -> [D], zeros if it cannot; None if no word is composed of subwords.
    composed: words that are not in the table as they are written, and their vectors.
    used: words of the table that were looked up.
  """

  def __init__(
    self,
    vectors: WordVectors,
    compose: Callable | None = None,
    *,
    uses_parts: bool = False,
    composed: Mapping[str, np.ndarray] | None = None,
  ):
    self.vectors = vectors
    self.compose = compose
    self.uses_parts = uses_parts
    self.composed = dict(composed or {})
    self.used: set[str] = set()
    self._results: dict[str, np.ndarray | None] = {}

  def find(self, word: str) -> np.ndarray | None:
    """Returns the vector [D] of a word; None if it has none.

    It is that of the word, or of the word in lower case; else the one that its subwords make; else
    the mean of its parts.
    """
    # Words are selected, counted and looked up: composing a vector once is enough.
    if word not in self._results:
      self._results[word] = self._look_up(word)
    return self._results[word]

  def unmark(self, word: str) -> str:
    """Returns a word as the table may have it."""
    return word_parts.unmark(word) if self.uses_parts else word

  def report(self) -> None:
    """Reports words that could not be looked up; here there are none."""

  def _look_up(self, word: str) -> np.ndarray | None:
    if word in self.composed:
      return self.composed[word]
    plain = self.unmark(word)
    vector = self._table_row(plain)
    if vector is None and self.compose is not None:
      vector = self._compose(plain)
    if vector is None and self.uses_parts:
      vector = word_parts.compose(word, self._table_row)
    if vector is not None and plain not in self.vectors:
      self.composed[word] = vector
    return vector

  def _table_row(self, word: str) -> np.ndarray | None:
    """Returns the vector of a word, or of the word in lower case."""
    for spelling in (word, word.lower()):
      if spelling in self.vectors:
        self.used.add(spelling)
        return self.vectors.vectors[self.vectors.index[spelling]]
    return None

  def _compose(self, word: str) -> np.ndarray | None:
    composed = self.compose(word)
    return composed if composed.any() else None


def read_pretrained(settings: WordEncoder, init: str | None = None) -> Pretrained | None:
  """Returns the vectors that `init` names, by default that of the settings; None if it is empty."""
  init = init or settings.init
  if not init:
    return None
  with reading(init):
    vectors = vector_files.load(init)
  return Pretrained(
    vectors,
    vector_files.composer(init),
    uses_parts=uses_word_parts(settings),
  )


def require_pretrained(settings: ClassifySettings) -> Pretrained:
  """Returns the vectors that `init` names. Raises InputError if it is empty."""
  pretrained = read_pretrained(settings)
  if pretrained is None:
    expected = "--config.init=FILE, or a pretraining workdir, or pretrained."
    raise InputError(f"method={settings.method!r} needs vectors: {expected}")
  return pretrained


def make_lexicon(
  settings: ClassifySettings | TagSettings,
  words: dict[str, Words],
  labels: Sequence[str],
  pretrained: Pretrained | None,
  *,
  characters: Words = (),
) -> Lexicon:
  """Returns the vocabulary: words of training texts, and others that have a vector.

  Args:
    settings: of the run.
    words: of the texts of each part, as they are looked up.
    labels: classes or tags.
    pretrained: vectors.
    characters: the training texts as they are written, whose characters are kept.
  """
  others = []
  for name, texts in words.items():
    if name != "train":
      others += texts
  chosen = lexicon_lib.choose_words(
    words["train"],
    others,
    pretrained and pretrained.find,
    min_count=settings.min_count,
  )
  if not chosen:
    message = f"min_count={settings.min_count} leaves no word, expected a smaller one."
    raise InputError(f"{settings.train}: {message}")
  return Lexicon(
    words=chosen,
    characters=tuple(padded_batches.character_vocabulary(characters)),
    labels=tuple(labels),
    lengths=(),
    dim=pretrained.vectors.dim if pretrained else settings.dim,
  )


def initial_table(
  settings: ClassifySettings | TagSettings,
  lexicon: Lexicon,
  pretrained: Pretrained | None,
  words: dict[str, Words],
) -> np.ndarray:
  """Returns the initial vectors [V + 2, D], and reports how many of them are pretrained."""
  find = pretrained and pretrained.find
  table, count = lexicon_lib.embedding_table(lexicon.words, find, lexicon.dim, seed=settings.seed)
  if pretrained:
    covered = {word for word in lexicon.words if find(word) is not None}
    shares = [f"{_coverage(texts, covered):.1%} of {name}" for name, texts in words.items()]
    total = len(lexicon.words)
    source = temporary_folders.display(settings.init, "init")
    log_stage("coverage", f"{count:,} of {total:,} words from {source}: {', '.join(shares)}")
    _check_coverage(settings, words["train"], covered, total)
  return table


def _check_coverage(
  settings: ClassifySettings | TagSettings, texts: Words, covered: set[str], total: int
) -> None:
  """Raises InputError where so few words have vectors that the vectors must be others."""
  coverage = _coverage(texts, covered)
  if covered and coverage >= settings.min_coverage:
    return
  missing = collections.Counter(word for text in texts for word in text if word not in covered)
  examples = ", ".join(quote(word, 20) for word, _ in missing.most_common(5))
  split = f"tokenizer={settings.tokenizer}, lowercase={settings.lowercase}"
  source = temporary_folders.display(settings.init, "init")
  if not covered:
    raise InputError(
      f"{source}: has none of the {total:,} words, expected vectors of the same language"
      f" and tokenizer; here {split} makes {examples}."
    )
  raise InputError(
    f"{source}: has vectors of {coverage:.1%} of the tokens ({split}), but none of"
    f" {examples}; expected {settings.min_coverage:.0%}. Try the tokenizer that the vectors were"
    " made with, or min_coverage=0 to go on."
  )


def _coverage(texts: Words, covered: set[str]) -> float:
  """Returns the share of tokens that are among some words."""
  hits = []
  for text in texts:
    hits += [word in covered for word in text]
  return float(np.mean(hits or [0]))


def new_words(lexicon: Lexicon, words: Words, pretrained: Pretrained | None) -> list[str]:
  """Returns the words of texts that have a pretrained vector and are not in the lexicon, sorted."""
  if pretrained is None:
    return []
  unknown = set().union(*words) - set(lexicon.words)
  return [word for word in sorted(unknown) if pretrained.find(word) is not None]


def append_vectors(params: Params, vectors: np.ndarray) -> Params:
  """Returns params whose table of word vectors ends with more rows [N, D].

  Rows of zeros follow, so that tables of few sizes are compiled.
  """
  size = 1 << max(_LEAST_ROWS_BITS, (len(vectors) - 1).bit_length())
  rows = np.zeros((size, vectors.shape[1]), vectors.dtype)
  rows[: len(vectors)] = vectors

  def append(path, leaf):
    is_table = getattr(path[-1], "key", None) == "words" and np.ndim(leaf) == 2
    return np.concatenate([leaf, rows]) if is_table else leaf

  return jax.tree_util.tree_map_with_path(append, params)
