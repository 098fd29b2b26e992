"""Subword tokenizers: WordPiece, byte-level BPE and Unigram, by the `tokenizers` library.

WordPiece (Schuster & Nakajima 2012) writes `##` before a token that continues a word. Byte-level
BPE (Radford et al. 2019, sec. 2.2) encodes any text and decodes it exactly; a token may be part of
a character. A character tokenizer is a byte-level BPE that never merges two characters: a frequent
character is one token, a rare one is its bytes. Unigram (Kudo 2018) is XLM-R's.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

from glove_jax.data.subwords import library_errors
from glove_jax.data.subwords.special_tokens import (
  BERT_SPECIAL,
  END_OF_TEXT,
  SpecialTokens,
  special_tokens,
)
from glove_jax.data.subwords.tokenizer_files import (
  has_files,
  load,
  save,
  save_beside_model,
  save_for_task,
)
from glove_jax.data.subwords.tokenizer_layouts import (
  Tokenizer,
  as_plain_text,
  is_byte_level,
  without_limits,
)
from glove_jax.data.subwords.tokenizer_training import KINDS, train
from glove_jax.errors import InputError

__all__ = (
  "BERT_SPECIAL", "END_OF_TEXT", "KINDS", "Encoded", "SpecialTokens", "Tokenizer", "as_plain_text",
  "check_ids", "encode", "encode_words", "has_files", "is_byte_level", "load", "save",
  "save_beside_model", "save_for_task", "special_tokens", "train",
)


class Encoded(NamedTuple):
  """A text, or a pair of texts, as subword tokens."""

  ids: list[int]
  types: list[int]                # 0, and 1 for the second text
  offsets: list[tuple[int, int]]  # characters of the text that a token spans; (0, 0) if special
  words: list[int | None]         # index of the word that a token belongs to; None if special
  truncated: bool


def encode(
  tokenizer: Tokenizer,
  text: str,
  pair: str | None = None,
  *,
  longest: int = 0,
  special: bool = True,
) -> Encoded:
  """Returns a text, or a pair, in the template of the tokenizer: [CLS] text [SEP] pair [SEP].

  Args:
    tokenizer: BERT's has that template, RoBERTa's <s> text </s></s> pair </s>, GPT-2's none.
    text: the text.
    pair: a second text.
    longest: tokens at most, truncated at the end of the longer text; 0: no limit.
    special: whether the template's special tokens are added.

  Raises:
    InputError: a text has a lone surrogate, which no Unicode text has.
  """
  return _encode(tokenizer, text, pair, longest, special)


def encode_words(
  tokenizer: Tokenizer, words: Sequence[str], *, longest: int = 0
) -> tuple[Encoded, list[int]]:
  """Returns (words as subword tokens, the position of each word's first token).

  The position is -1 for a word without tokens (a control character, say) and for one that is
  truncated.

  Args:
    tokenizer: byte-level BPE gets a space before each word but the first, as in running text.
    words: of one text.
    longest: tokens at most; 0: no limit.
  """
  words = list(words)
  if is_byte_level(tokenizer):
    words[1:] = [" " + word for word in words[1:]]
  encoded = _encode(tokenizer, words, None, longest, True)
  first = [-1] * len(words)
  for position, word in enumerate(encoded.words):
    if word is not None and first[word] < 0:
      first[word] = position
  return encoded, first


def check_ids(tokenizer: Tokenizer, source: str) -> None:
  """Checks that ids go from 0 to the vocabulary's size: a language model has a row for each.

  Raises:
    InputError: an id is missing; the message names `source`.
  """
  size = tokenizer.get_vocab_size()
  ids = set(tokenizer.get_vocab().values())
  if ids != set(range(size)):
    missing = min(set(range(size)) - ids)
    raise InputError(
      f"{source}: {size:,} tokens, none of them with the id {missing}, expected 0 to {size - 1:,}.")


def _encode(
  tokenizer: Tokenizer, text: str | list[str], pair: str | None, longest: int, special: bool
) -> Encoded:
  options = {"is_pretokenized": isinstance(text, list), "add_special_tokens": special}
  with library_errors.encoding(text if pair is None else (text, pair)):
    encoding = tokenizer.encode(text, pair, **options)
  truncated = 0 < longest < len(encoding.ids)
  if truncated:
    truncating = _truncating_tokenizer(tokenizer, longest)
    encoding = truncating.encode(text, pair, **options)
  return Encoded(
    ids=encoding.ids,
    types=encoding.type_ids,
    offsets=encoding.offsets,
    words=encoding.word_ids,
    truncated=truncated,
  )


@functools.lru_cache(maxsize=4)  # making a copy takes as long as encoding thousands of words
def _truncating_tokenizer(tokenizer: Tokenizer, longest: int) -> Tokenizer:
  copy = without_limits(Tokenizer.from_str(tokenizer.to_str()))
  copy.enable_truncation(longest)
  copy.encode_special_tokens = tokenizer.encode_special_tokens
  return copy
