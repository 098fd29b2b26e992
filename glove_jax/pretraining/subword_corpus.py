"""The corpus of a language model: a tokenizer and token ids, kept in the folder of the run."""

import hashlib
import json
import pathlib
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from glove_jax.data.subwords import lm_batches, subword_tokenizers
from glove_jax.data.subwords.subword_tokenizers import Tokenizer
from glove_jax.data.text import corpus, fingerprints, piped
from glove_jax.data.windows import blocks
from glove_jax.errors import InputError
from glove_jax.file_progress import reading
from glove_jax.interop import huggingface
from glove_jax.models import bert, gpt2, transformer
from glove_jax.pretraining import initialization
from glove_jax.pretraining.language_model_settings import LanguageModelSettings
from glove_jax.pretraining.text_record import mark_as_read, was_read
from glove_jax.progress import log_stage, waiting
from glove_jax.run_folder import INPUTS
from glove_jax.word_vectors import WordVectors


class SubwordCorpus(NamedTuple):
  """A corpus as token ids, and what a language model of it starts from."""

  model: transformer.Config
  pretrained: huggingface.Pretrained | None  # of `init`
  vectors: WordVectors | None  # of `vectors`
  tokenizer: Tokenizer
  special: subword_tokenizers.SpecialTokens
  token_ids: np.ndarray  # [N] int32, memory-mapped, a BREAK after each text
  dev_token_ids: np.ndarray | None  # of `dev`


@piped.named_in_errors()
def open_corpus(settings: LanguageModelSettings, folder: pathlib.Path) -> SubwordCorpus:
  """Returns the corpus of a run; the tokenizer and the ids are made unless the folder has them.

  What the model starts from is read first: wrong sizes are reported before any text is read.

  Raises:
    InputError: the corpus cannot be read, has no text or has changed since the run began, or
      `init`, `vectors` or the tokenizer do not fit.
  """
  kind = bert.CONFIG if settings.method == "bert" else gpt2.CONFIG
  pretrained = initialization.load_language_model(settings, kind)
  vectors = None
  if settings.vectors:
    vectors = initialization.load_vectors(settings.vectors, settings.dim)
  model = _model_config(settings, pretrained.config if pretrained else kind)
  paths = corpus.find_files(settings.corpus, pipes=folder / INPUTS)
  fingerprint = fingerprints.of_files(paths)
  tokenizer = _open_tokenizer(settings, paths, fingerprint, folder)
  token_ids = _open_token_ids(settings, paths, fingerprint, tokenizer, folder / "ids")
  dev_token_ids = None
  if settings.dev:
    dev = corpus.find_files(settings.dev, pipes=folder / INPUTS)
    dev_fingerprint = fingerprints.of_files(dev)
    dev_token_ids = _open_token_ids(
      settings, dev, dev_fingerprint, tokenizer, folder / "dev_ids"
    )
  return SubwordCorpus(
    model=_with_vocabulary(settings, model, tokenizer),
    pretrained=pretrained,
    vectors=vectors,
    tokenizer=tokenizer,
    special=_special_tokens(settings, tokenizer),
    token_ids=token_ids,
    dev_token_ids=dev_token_ids,
  )


def _model_config(
  settings: LanguageModelSettings, base: transformer.Config
) -> transformer.Config:
  """Returns the configuration of the model: sizes of the settings, the rest of `base`."""
  model = base._replace(
    dim=settings.dim,
    layers=settings.layers,
    heads=settings.heads,
    feedforward_dim=initialization.feedforward_dim(settings),
    positions=settings.context_length,
    dropout=settings.dropout,
    dtype=settings.dtype,
    remat=settings.remat,
  )
  transformer.check_config(model)
  return model


def _with_vocabulary(
  settings: LanguageModelSettings, model: transformer.Config, tokenizer: Tokenizer
) -> transformer.Config:
  """Returns the model with an embedding for each token; a pretrained one may have more."""
  vocab_size = tokenizer.get_vocab_size()
  if not settings.init:
    return model._replace(vocab_size=vocab_size)
  if vocab_size > model.vocab_size:
    raise InputError(
      f"{settings.init}: has embeddings of {model.vocab_size:,} tokens,"
      f" expected {vocab_size:,} at least."
    )
  return model


def _special_tokens(
  settings: LanguageModelSettings, tokenizer: Tokenizer
) -> subword_tokenizers.SpecialTokens:
  """Returns the special tokens. Raises InputError where one that the method needs is missing."""
  special = subword_tokenizers.special_tokens(tokenizer)
  if settings.method == "bert" and special.mask is None:
    raise InputError(
      f"tokenizer={settings.tokenizer!r} has no [MASK], expected wordpiece, or a vocabulary of"
      " BERT's."
    )
  if special.start is None:
    raise InputError(
      f"tokenizer={settings.tokenizer!r} has no token that begins a text, expected [CLS] or"
      f" {subword_tokenizers.END_OF_TEXT}."
    )
  return special


def _open_tokenizer(
  settings: LanguageModelSettings,
  paths: list[pathlib.Path],
  fingerprint: str,
  folder: pathlib.Path,
) -> Tokenizer:
  """Returns the tokenizer of a run: that in its folder, else a trained or pretrained one."""
  start = time.monotonic()
  path = folder / "tokenizer.json"
  is_trained = settings.tokenizer in subword_tokenizers.KINDS
  source = settings.init if settings.init and is_trained else settings.tokenizer
  made = [path.name]
  if source not in subword_tokenizers.KINDS:
    made.append("tokenizer_config.json")
  if was_read(folder, paths, fingerprint, made=made):
    tokenizer = subword_tokenizers.load(path)
    subword_tokenizers.check_ids(tokenizer, source)
  else:
    with waiting("tokenizer"):
      tokenizer = _new_tokenizer(settings, paths)
    subword_tokenizers.check_ids(tokenizer, source)
    if source in subword_tokenizers.KINDS:
      subword_tokenizers.save(tokenizer, path)
    else:  # with the special tokens that its files name
      subword_tokenizers.save_beside_model(tokenizer, folder)
    mark_as_read(folder, paths, fingerprint, made=made)
  if source in subword_tokenizers.KINDS:
    subword_tokenizers.as_plain_text(tokenizer)
  log_stage("tokenizer", f"{tokenizer.get_vocab_size():,} tokens of {source}", start)
  return tokenizer


def _new_tokenizer(settings: LanguageModelSettings, paths: list[pathlib.Path]) -> Tokenizer:
  """Returns the tokenizer of the pretrained model, one that is trained now, or that of a file."""
  if settings.init:
    return _pretrained_tokenizer(settings)
  if settings.tokenizer not in subword_tokenizers.KINDS:
    return subword_tokenizers.load(settings.tokenizer, lowercase=settings.lowercase)
  return subword_tokenizers.train(
    settings.tokenizer,
    lambda: _documents(settings, paths),
    vocab_size=settings.max_vocab,
    lowercase=settings.lowercase,
    min_count=settings.min_pair_count,
  )


def _pretrained_tokenizer(settings: LanguageModelSettings) -> Tokenizer:
  """Returns the tokenizer of the model in `init`, whose embeddings are those of its tokens.

  Raises:
    InputError: another tokenizer is named in the settings.
  """
  folder = huggingface.model_folder(settings.init)
  if settings.tokenizer in subword_tokenizers.KINDS:
    return subword_tokenizers.load(folder, lowercase=settings.lowercase)
  tokenizer = subword_tokenizers.load(settings.tokenizer, lowercase=settings.lowercase)
  if subword_tokenizers.has_files(folder):
    pretrained = subword_tokenizers.load(folder, lowercase=settings.lowercase)
    if tokenizer.get_vocab() != pretrained.get_vocab():
      raise InputError(
        f"tokenizer={settings.tokenizer}: has other tokens than init={settings.init};"
        " expected the same."
      )
  return tokenizer


def _open_token_ids(
  settings: LanguageModelSettings,
  paths: list[pathlib.Path],
  fingerprint: str,
  tokenizer: Tokenizer,
  folder: pathlib.Path,
) -> np.ndarray:
  """Returns a text as ids on disk: those in the folder, else written now."""
  start = time.monotonic()
  parts = [
    fingerprint,
    tokenizer.to_str(),
    settings.documents,
    settings.encoding,
    settings.errors,
  ]
  key = hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
  token_ids = blocks.open_ids(folder, key=key)
  if token_ids is None:
    special = subword_tokenizers.special_tokens(tokenizer)
    end = special.end if special.end != special.start else None
    encoded = lm_batches.encode(_documents(settings, paths), tokenizer, end=end)
    token_ids = blocks.write_ids(encoded, folder, key=key)
  if not len(token_ids):
    raise InputError(f"{corpus.describe(paths)}: has no text.")
  log_stage("numbered", f"{len(token_ids):,} tokens of {corpus.describe(paths)}", start)
  return token_ids


def _documents(settings: LanguageModelSettings, paths: list[pathlib.Path]) -> Iterator[str]:
  """Returns the texts of a corpus, one by one."""
  for path in paths:
    with reading(path):
      lines = corpus.read_bounded_lines(
        [path], encoding=settings.encoding, errors=settings.errors)
      yield from lm_batches.documents(lines, by=settings.documents)
