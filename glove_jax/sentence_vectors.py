"""Vectors of sentences, or of words, from an encoder: the mean of what its tokens become (Reimers & Gurevych 2019)."""

import functools
import itertools
import os
import re
from collections.abc import Callable, Sequence

import jax
import numpy as np

from glove_jax.data.subwords import subword_tokenizers, units
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.models import transformer
from glove_jax.models.transformer import Config, Tokens
from glove_jax.train import Params
from glove_jax.word_vectors import WordVectors

_STEP = 16  # lengths are multiples of it, so that few are compiled


def load(source: str | os.PathLike) -> Callable[..., WordVectors]:
  """`sentence_vectors` of a BERT: a folder of transformers', a run that has left one, or `minilm`.

  Raises:
    InputError: the folder is damaged, lacks its tokenizer, or is a GPT's.
  """
  folder = huggingface.find(source)
  found = huggingface.load(folder)
  if found.config.causal:
    raise InputError(f"{folder}: a GPT, whose tokens see nothing of what follows; expected a BERT for vectors.")
  return functools.partial(sentence_vectors, found.params, config=found.config, tokenizer=subword_tokenizers.load(folder))


def words(source: str | os.PathLike, *, limit: int | None = None) -> WordVectors:
  """The words that a BERT has a piece for, the first `limit` of them, each as a text of its own."""
  encode = load(source)
  found = (word for word in units.token_words(encode.keywords["tokenizer"]) if word and not _UNUSED.fullmatch(word))
  return encode(list(itertools.islice(found, limit)))


_UNUSED = re.compile(r"\[unused\d+\]")  # rows that BERT's vocabularies keep free


def sentence_vectors(
  params: Params, texts: Sequence[str], *, config: Config, tokenizer: subword_tokenizers.Tokenizer, batch_size: int = 32
) -> WordVectors:
  """Each different text with its vector, in the order of their first coming; `WordVectors` finds its neighbours.

  Texts of more pieces than the model has positions are cut off. Of texts of one length 32 are encoded at a time, the
  longest first.
  """
  texts = list(dict.fromkeys(texts))
  encoded = [subword_tokenizers.encode(tokenizer, text, longest=config.positions).ids for text in texts]
  order = sorted(range(len(texts)), key=lambda i: -len(encoded[i]))
  vectors = np.zeros((len(texts), config.dim), np.float32)
  for start in range(0, len(texts), batch_size):
    chosen = order[start : start + batch_size]
    longest = -(-max(1, len(encoded[chosen[0]])) // _STEP) * _STEP
    ids, documents = np.zeros((2, batch_size, min(longest, config.positions)), np.int32)
    for row, i in enumerate(chosen):
      ids[row, : len(encoded[i])], documents[row, : len(encoded[i])] = encoded[i], 1
    vectors[chosen] = _encode(params, Tokens(ids, documents), config=config)[: len(chosen)]
  return WordVectors(texts, vectors)


@functools.partial(jax.jit, static_argnames="config")
def _encode(params: Params, tokens: Tokens, *, config: Config) -> jax.Array:
  return transformer.mean_pool(transformer.encode(params, tokens, config=config), tokens.documents)
