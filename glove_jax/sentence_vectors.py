"""Sentence vectors from a BERT: the mean of a text's last hidden states (Reimers & Gurevych 2019).

Every text is a row, in order: texts that repeat have their vector as often.
"""

import functools
import os
import re
from collections.abc import Callable, Sequence

import jax
import numpy as np

from glove_jax import jax_environment
from glove_jax.data.subwords import subword_tokenizers, units
from glove_jax.errors import InputError, quote
from glove_jax.interop import huggingface
from glove_jax.models import transformer
from glove_jax.models.transformer import Config, Tokens
from glove_jax.progress import count_bar, track
from glove_jax.train import Params
from glove_jax.word_vectors import WordVectors

_LENGTH_MULTIPLE = 16  # batches are padded to a multiple of it, so that few lengths are compiled
_LONG = 512  # tokens; texts with more are encoded in smaller batches
_UNUSED = re.compile(r"\[unused\d+\]")  # entries that BERT's vocabularies leave free


def load(source: str | os.PathLike) -> Callable[..., np.ndarray]:
  """Returns `encode` with the model and tokenizer of a BERT filled in.

  Args:
    source: a folder as saved by transformers, a run of `bert`, or `minilm`.

  Raises:
    InputError: the folder is damaged, has no tokenizer, or contains a GPT.
  """
  folder = huggingface.model_folder(source)
  model = huggingface.load(folder, heads=False)
  if model.config.causal:
    raise InputError(
      f"{folder}: a GPT, whose tokens see nothing of what follows, expected a BERT for vectors."
    )
  tokenizer = subword_tokenizers.load(folder)
  return functools.partial(encode, model.params, config=model.config, tokenizer=tokenizer)


def encode_vocabulary(source: str | os.PathLike, *, limit: int | None = None) -> WordVectors:
  """Encodes the words that are single tokens of a BERT, each as a separate text.

  Args:
    source: as of `load`.
    limit: number of words, the first in the vocabulary; None: all.
  """
  encode = load(source)
  words = {}  # each once
  for word in units.token_words(encode.keywords["tokenizer"]):
    if word and not _UNUSED.fullmatch(word):
      words[word] = None
  words = list(words)[:limit]
  return WordVectors(words, encode(words))


@jax_environment.standard()
def encode(
  params: Params,
  texts: Sequence[str],
  *,
  config: Config,
  tokenizer: subword_tokenizers.Tokenizer,
  batch_size: int = 32,
) -> np.ndarray:
  """Returns the mean vector of each text, in order.

  Args:
    params: of a BERT.
    texts: N texts, truncated where they have more tokens than the model has positions.
    config: of the model.
    tokenizer: of the model.
    batch_size: texts encoded at a time, fewer where they have more than 512 tokens; texts of about
      the same length share a batch.

  Returns:
    [N, D] float32.
  """
  token_ids = []
  for text in track(texts, "tokenizing", unit="text"):
    encoded = subword_tokenizers.encode(tokenizer, text, longest=config.positions)
    token_ids.append(encoded.ids)
    if max(encoded.ids, default=0) >= config.vocab_size:
      token = tokenizer.id_to_token(max(encoded.ids))
      raise InputError(
        f"the text {quote(text)} has the token {quote(token)} with the id {max(encoded.ids):,}, "
        f"expected less than {config.vocab_size:,}, the embeddings of the model.")
  longest_first = sorted(range(len(texts)), key=lambda i: -len(token_ids[i]))
  vectors = np.zeros((len(texts), config.dim), np.float32)
  lengths = [len(token_ids[i]) for i in longest_first]
  with count_bar("encoding", sum(lengths), unit="token") as advance:
    for start, size in _batches(lengths, batch_size):
      rows = longest_first[start : start + size]
      batch = _pad([token_ids[i] for i in rows], size, config.positions)
      vectors[rows] = _mean_vectors(params, batch, config=config)[: len(rows)]
      advance(sum(lengths[start : start + size]))
  return vectors


def _batches(lengths: Sequence[int], batch_size: int) -> list[tuple[int, int]]:
  """Returns the first text and the size of each batch; the memory of attention is bounded.

  It grows with the square of the length, and some models read 8,192 tokens.
  """
  batches = []
  start = 0
  while start < len(lengths):
    size = batch_size
    if lengths[start] > _LONG:
      size = max(1, batch_size * _LONG**2 // lengths[start] ** 2)
    batches.append((start, size))
    start += size
  return batches


def _pad(texts: Sequence[Sequence[int]], batch_size: int, max_length: int) -> Tokens:
  """Pads token ids on the right, and with empty texts, to [batch_size, T]; the longest is first."""
  longest = max(1, len(texts[0]))
  length = -(-longest // _LENGTH_MULTIPLE) * _LENGTH_MULTIPLE
  shape = (batch_size, min(length, max_length))
  ids = np.zeros(shape, np.int32)
  documents = np.zeros(shape, np.int32)
  for row, token_ids in enumerate(texts):
    ids[row, : len(token_ids)] = token_ids
    documents[row, : len(token_ids)] = 1
  return Tokens(ids, documents)


@functools.partial(jax.jit, static_argnames="config")
def _mean_vectors(params: Params, tokens: Tokens, *, config: Config) -> jax.Array:  # -> [B, D]
  h = transformer.encode(params, tokens, config=config)
  return transformer.mean_pool(h, tokens.documents)
