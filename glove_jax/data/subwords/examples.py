"""Examples for pretrained transformers: texts, pairs of texts and tagged words as subword ids.

Ids are the tokenizer's plus 1: 0 is padding, whatever token a tokenizer pads with.
"""

from collections.abc import Sequence

import numpy as np

from glove_jax.data.labelled.padded_batches import Examples
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.data.subwords.subword_tokenizers import Encoded, Tokenizer


def encode_texts(
  tokenizer: Tokenizer,
  texts: Sequence[tuple[str, ...]],
  target: Sequence[int],
  *,
  longest: int,
) -> tuple[Examples, int]:
  """Returns (texts or pairs of texts with their classes, how many of them were truncated).

  Args:
    tokenizer: of the transformer.
    texts: tuples of one text or two. Where no tuple has two, `types` of the examples is None.
    target: the class of each.
    longest: subwords of a text or a pair at most, special ones included; the longer of two texts is
      truncated first.
  """
  encoded = []
  for text in texts:
    encoded.append(subword_tokenizers.encode(tokenizer, *text, longest=longest))
  types = None
  if max(map(len, texts), default=0) > 1:
    types = [np.array(text.types, np.int32) for text in encoded]
  truncated = sum(text.truncated for text in encoded)
  return Examples(_shifted_ids(encoded), list(target), types=types), truncated


def encode_tagged_words(
  tokenizer: Tokenizer,
  sentences: Sequence[Sequence[str]],
  target: Sequence[Sequence[int]],
  *,
  longest: int,
) -> tuple[Examples, int]:
  """Returns (sentences with a tag for each word, how many words were truncated).

  `first` of the examples has the position of each word's first subword. A word without subwords,
  such as a control character, is read as the unknown token.

  Args:
    tokenizer: of the transformer.
    sentences: the words of each.
    target: the tag of each word.
    longest: subwords of a sentence at most, special ones included; words that do not fit are left
      out, and so are their tags.
  """
  stand_in = _stand_in(tokenizer)
  encoded = []
  firsts = []
  tags = []
  truncated = 0
  for words, word_tags in zip(sentences, target, strict=True):
    sentence, first = _encode_words(tokenizer, words, stand_in, longest)
    kept = [position for position in first if position >= 0]
    truncated += len(first) - len(kept)
    encoded.append(sentence)
    firsts.append(np.array(kept, np.int32))
    tags.append(list(word_tags)[: len(kept)])
  return Examples(_shifted_ids(encoded), tags, first=firsts), truncated


def _encode_words(
  tokenizer: Tokenizer, words: Sequence[str], stand_in: str, longest: int
) -> tuple[Encoded, list[int]]:
  """Returns what `subword_tokenizers.encode_words` does, words without subwords replaced."""
  encoded, first = subword_tokenizers.encode_words(tokenizer, words)
  if -1 in first:
    words = list(words)
    for i, position in enumerate(first):
      if position < 0:
        words[i] = stand_in
    encoded, first = subword_tokenizers.encode_words(tokenizer, words)
  if len(encoded.ids) > longest:
    encoded, first = subword_tokenizers.encode_words(tokenizer, words, longest=longest)
  return encoded, first


def _stand_in(tokenizer: Tokenizer) -> str:
  """Returns the replacement of a word that has no subwords."""
  unknown = subword_tokenizers.special_tokens(tokenizer).unknown
  if unknown is None:
    return "?"
  return tokenizer.id_to_token(unknown)


def _shifted_ids(encoded: Sequence[Encoded]) -> list[np.ndarray]:
  return [np.array(text.ids, np.int32) + 1 for text in encoded]
