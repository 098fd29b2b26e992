"""The corpus of a word-vector method: its vocabulary and phrases, kept in the folder of the run."""

import collections
import hashlib
import json
import pathlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.data.text import (
  corpus,
  fingerprints,
  phrases,
  piped,
  script_check,
  token_store,
  tokenization,
  vocab,
  word_tokenizers,
)
from glove_jax.errors import InputError
from glove_jax.pretraining import text_record
from glove_jax.pretraining.setting_groups import WordTextSettings
from glove_jax.progress import byte_bar, log_stage
from glove_jax.run_folder import INPUTS


class Corpus(NamedTuple):
  """A corpus with its vocabulary."""

  folder: pathlib.Path  # keeps what is made of the corpus
  paths: list[pathlib.Path]
  fingerprint: str  # hash of the files' bytes
  tokenizer: word_tokenizers.Tokenizer
  encoding: str
  errors: str
  vocabulary: vocab.Vocabulary
  phrases: phrases.Phrases | None  # pairs of words that are joined
  tokens: token_store.TokenStore | None  # the text, where it was read for the vocabulary

  def __str__(self) -> str:
    return corpus.describe(self.paths)


class _Words(NamedTuple):
  vocabulary: vocab.Vocabulary
  phrases: phrases.Phrases | None
  tokens: token_store.TokenStore | None


@piped.named_in_errors()
def open_corpus(settings: WordTextSettings, folder: pathlib.Path) -> Corpus:
  """Returns the corpus of a run; its vocabulary is counted unless the folder has it.

  Raises:
    InputError: the corpus cannot be read, has no word for the vocabulary, or has changed since
      the run began.
  """
  paths = corpus.find_files(settings.corpus, pipes=folder / INPUTS)
  tokenizer = word_tokenizers.make(settings.tokenizer, settings.lowercase)
  start = time.monotonic()
  fingerprint = fingerprints.of_files(paths)
  made = made_files(settings)
  if text_record.was_read(folder, paths, fingerprint, made=made):
    words = _load_words(settings, folder)
  else:
    check_tokenizer(settings, paths)
    words = _read_words(settings, paths, tokenizer, folder)
    vocab.save(words.vocabulary, folder / "vocab.txt")
    text_record.mark_as_read(folder, paths, fingerprint, made=made)
  log_vocabulary(words.vocabulary, f" of {settings.corpus}", start)
  return _make_corpus(settings, folder, paths, fingerprint, tokenizer, words)


def open_prepared(settings: WordTextSettings, folder: pathlib.Path) -> Corpus:
  """Returns the corpus that a run has read before, or another process of it, from its folder."""
  paths, fingerprint = text_record.read(folder)
  tokenizer = word_tokenizers.make(settings.tokenizer, settings.lowercase)
  words = _load_words(settings, folder)
  return _make_corpus(settings, folder, paths, fingerprint, tokenizer, words)


def _make_corpus(
  settings: WordTextSettings,
  folder: pathlib.Path,
  paths: list[pathlib.Path],
  fingerprint: str,
  tokenizer: word_tokenizers.Tokenizer,
  words: _Words,
) -> Corpus:
  return Corpus(
    folder=folder,
    paths=paths,
    fingerprint=fingerprint,
    tokenizer=tokenizer,
    encoding=settings.encoding,
    errors=settings.errors,
    vocabulary=words.vocabulary,
    phrases=words.phrases,
    tokens=words.tokens,
  )


def made_files(settings: WordTextSettings) -> tuple[str, ...]:
  """Returns the names of the files that a run makes of its text."""
  return ("vocab.txt", "phrases.txt") if settings.phrases != 0 else ("vocab.txt",)


def log_vocabulary(vocabulary: vocab.Vocabulary, source: str, start: float) -> None:
  """Reports the size of a vocabulary, where it is from, and the time since `start`."""
  total = vocabulary.counts.sum()
  log_stage("vocabulary", f"{len(vocabulary):,} words, {total:,} tokens{source}", start)


def check_tokenizer(settings: WordTextSettings, paths: list[pathlib.Path]) -> None:
  """Reports if the tokenizer does not find the words of such a text."""
  sample = script_check.sample_of_files(
    paths, encoding=settings.encoding, errors=settings.errors
  )
  log_tokenizer_advice(sample, settings.tokenizer)


def log_tokenizer_advice(sample: str, tokenizer: str) -> None:
  """Reports if a tokenizer does not find the words of a text like the sample."""
  for line in script_check.advice(sample, tokenizer):
    log_stage("tokenizer", line)


def _load_words(settings: WordTextSettings, folder: pathlib.Path) -> _Words:
  """Returns the vocabulary and phrases that an earlier start of the run has saved."""
  vocabulary = vocab.load(folder / "vocab.txt")
  uses_phrases = settings.phrases != 0  # None: those of `init`
  pairs = phrases.load(folder / "phrases.txt") if uses_phrases else None
  return _Words(vocabulary, pairs, tokens=None)


def _read_words(
  settings: WordTextSettings,
  paths: list[pathlib.Path],
  tokenizer: word_tokenizers.Tokenizer,
  folder: pathlib.Path,
) -> _Words:
  """Reads the text, unless a vocabulary is given and there are no phrases to find."""
  tokens = pairs = None
  if settings.phrases != 0 or not settings.vocab:
    with byte_bar("reading") as progress:
      tokens = token_store.read(
        paths,
        tokenizer,
        folder,
        encoding=settings.encoding,
        errors=settings.errors,
        progress=progress,
      )
  if settings.phrases is None:
    pairs, tokens = _join_initial_phrases(settings, tokens, folder)
  elif settings.phrases:
    pairs, tokens = _join_phrases(settings, tokens, folder)
  return _Words(_make_vocabulary(settings, tokens), pairs, tokens)


def _make_vocabulary(
  settings: WordTextSettings, tokens: token_store.TokenStore | None
) -> vocab.Vocabulary:
  """Returns the vocabulary of a file, else that of the text; with `grow`, and an earlier run's."""
  if settings.vocab:
    return vocab.load(settings.vocab)
  counter = collections.Counter(token_store.word_counts(tokens))
  if getattr(settings, "grow", False):
    counter.update(_earlier_counts(settings.init))
  return vocab.build(counter, min_count=settings.min_count, max_vocab=settings.max_vocab)


def _join_phrases(
  settings: WordTextSettings, tokens: token_store.TokenStore, folder: pathlib.Path
) -> tuple[phrases.Phrases, token_store.TokenStore]:
  """Finds phrases and saves them to phrases.txt; returns them and the text with them joined."""
  start = time.monotonic()
  pairs, joined = phrases.learn(
    tokens,
    folder,
    passes=settings.phrases,
    scoring=phrases.Scoring(
      score=settings.phrase_score,
      threshold=settings.phrase_threshold,
      min_count=settings.phrase_min_count,
    ),
  )
  phrases.save(pairs, folder / "phrases.txt")
  if joined is not tokens:
    tokens.file.close()
  log_stage("phrases", _describe_phrases(pairs), start)
  return pairs, joined


def _join_initial_phrases(
  settings: WordTextSettings, tokens: token_store.TokenStore, folder: pathlib.Path
) -> tuple[phrases.Phrases, token_store.TokenStore]:
  """Joins the phrases of the run in `init`, and saves them to phrases.txt as well."""
  start = time.monotonic()
  pairs = phrases.load(tokenization.of_source(settings.init).phrases_file)
  joined = phrases.apply(pairs, tokens, folder)
  phrases.save(pairs, folder / "phrases.txt")
  if joined is not tokens:
    tokens.file.close()
  log_stage("phrases", f"{_describe_phrases(pairs)} of {settings.init}", start)
  return pairs, joined


def _describe_phrases(pairs: phrases.Phrases) -> str:
  if not pairs.passes:
    return "none"
  examples = ["_".join(pair) for pair in list(pairs.passes[0])[:3]]
  return f"{sum(map(len, pairs.passes)):,} ({', '.join(examples)}, …)"


def _earlier_counts(init: str) -> dict[str, int]:
  """Returns how often each word of the run in `init` occurred."""
  path = pathlib.Path(init) / "vocab.txt"
  if not path.is_file():
    raise InputError(f"grow needs the run in init={init!r}, expected a folder with vocab.txt.")
  vocabulary = vocab.load(path)
  return dict(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True))


def token_ids(text: Corpus, progress: Callable[[int, int], None]) -> Iterator[np.ndarray]:
  """Returns the ids of a text's words, as `data.text.corpus.encode` does; phrases are joined.

  The files are read again only where the whole text is not at hand.

  Args:
    text: of `open_corpus`.
    progress: called with the bytes done and the bytes in all.
  """
  index = text.vocabulary.index
  options = {"encoding": text.encoding, "errors": text.errors}
  tokens = text.tokens
  if text.phrases and not tokens:
    tokens = token_store.read(text.paths, text.tokenizer, text.folder, **options)
    tokens = phrases.apply(text.phrases, tokens, text.folder)
  if tokens:
    return token_store.encode(tokens, index, progress=progress)
  return corpus.encode(text.paths, index, text.tokenizer, **options, progress=progress)


def release_tokens(text: Corpus) -> None:
  """Deletes the text that was kept in the folder, once its ids are no longer needed."""
  if text.tokens:
    text.tokens.file.close()  # its file has no name: closing deletes it


def cache_key(settings: WordTextSettings, text: Corpus, *keys: str) -> str:
  """Returns a hash of the text, its vocabulary and some settings, for files made of them.

  Args:
    settings: how the text was read.
    text: of `open_corpus`.
    *keys: further settings on which the files depend.
  """
  return content_key(settings, text.fingerprint, text.vocabulary.words, *keys)


def content_key(
  settings: WordTextSettings, fingerprint: str, words: Sequence[str], *keys: str
) -> str:
  """Returns the `cache_key` of a text with this fingerprint and vocabulary."""
  keys = ("tokenizer", "lowercase", "encoding", "errors", *keys)
  values = [getattr(settings, key) for key in keys]
  parts = [fingerprint, words, values]
  return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
