"""Pretrained word vectors of a task: lookup, vocabulary, initial table, and later words."""

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import numpy as np

from glove_jax import vector_files
from glove_jax.data.labelled import lexicon as lexicon_lib
from glove_jax.data.labelled import padded_batches, word_parts
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.errors import InputError
from glove_jax.finetuning.preprocessing import uses_word_parts
from glove_jax.finetuning.setting_groups import WordEncoder
from glove_jax.finetuning.settings import ClassifySettings, TagSettings
from glove_jax.progress import log_stage
from glove_jax.train import Params
from glove_jax.word_vectors import WordVectors

Words = Sequence[Sequence[str]]  # of each text


class Pretrained(NamedTuple):
  """Pretrained vectors, and their lookup, which may compose vectors of subwords or parts."""

  vectors: WordVectors
  find: Callable[[str], np.ndarray | None]  # word -> [D], None if it has no vector


def read_pretrained(settings: WordEncoder) -> Pretrained | None:
  """Returns the vectors that `init` names; None if it is empty."""
  if not settings.init:
    return None
  vectors = vector_files.load(settings.init)
  compose = vector_files.composer(settings.init)
  find = _lookup
  if uses_word_parts(settings):
    find = _lookup_with_parts
  # Words are selected, counted and looked up: composing a vector once is enough.
  return Pretrained(vectors, functools.cache(functools.partial(find, vectors, compose)))


def require_pretrained(settings: ClassifySettings) -> Pretrained:
  """Returns the vectors that `init` names. Raises InputError if it is empty."""
  pretrained = read_pretrained(settings)
  if pretrained is None:
    expected = "--config.init=FILE, or a pretraining workdir, or pretrained."
    raise InputError(f"method={settings.method!r} needs vectors: {expected}")
  return pretrained


def _table_row(vectors: WordVectors, word: str) -> np.ndarray | None:
  """Returns the vector of a word, or of the word in lower case."""
  row = vectors.index.get(word, vectors.index.get(word.lower()))
  return None if row is None else vectors.vectors[row]


def _lookup(vectors: WordVectors, compose: Callable | None, word: str) -> np.ndarray | None:
  """Returns the vector of a word, else one that its subwords make."""
  vector = _table_row(vectors, word)
  if vector is None and compose is not None:
    composed = compose(word)
    return composed if composed.any() else None
  return vector


def _lookup_with_parts(
  vectors: WordVectors, compose: Callable | None, word: str
) -> np.ndarray | None:
  """Returns the vector of a word, else one of its subwords, else the mean of its parts."""
  vector = _lookup(vectors, compose, word_parts.unmark(word))
  if vector is None:
    return word_parts.compose(word, functools.partial(_table_row, vectors))
  return vector


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
    log_stage("coverage", f"{count:,} of {total:,} words from {settings.init}: {', '.join(shares)}")
    if not count:
      message = f"has none of the {total:,} words, expected vectors of the same language."
      raise InputError(f"{settings.init}: {message}")
  return table


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
  """Returns params whose table of word vectors ends with more rows [N, D]."""

  def append(path, leaf):
    is_table = getattr(path[-1], "key", None) == "words" and np.ndim(leaf) == 2
    return np.concatenate([leaf, vectors]) if is_table else leaf

  return jax.tree_util.tree_map_with_path(append, params)
