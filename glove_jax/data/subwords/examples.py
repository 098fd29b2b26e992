"""Texts, pairs of texts and tagged words as the pieces that a pretrained transformer reads.

Ids are the tokenizer's plus 1: 0 is padding, whatever piece a tokenizer pads with.
"""

from collections.abc import Sequence

import numpy as np

from glove_jax.data.labelled.padded_batches import Examples
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.data.subwords.subword_tokenizers import Tokenizer


def texts(
  tokenizer: Tokenizer, texts: Sequence[tuple[str, ...]], target: Sequence[int], *, longest: int,
) -> tuple[Examples, int]:
  """(texts or pairs of them with their classes, how many are cut off).

  Args:
    texts: each one text or two; `types` tell two apart, and are None where there are none.
    longest: pieces of a text or a pair at most, special ones too; the longer of two is cut first.
  """
  found = [subword_tokenizers.encode(tokenizer, *text, longest=longest) for text in texts]
  paired = any(len(text) > 1 for text in texts)
  types = [np.array(own.types, np.int32) for own in found] if paired else None
  return Examples(_ids(found), list(target), types=types), sum(own.cut for own in found)


def words(
  tokenizer: Tokenizer, sentences: Sequence[Sequence[str]], target: Sequence[Sequence[int]], *, longest: int,
) -> tuple[Examples, int]:
  """(sentences with a tag a word, which `first` finds among the pieces, how many words are cut off).

  A word without a piece, such as a control character, is read as the unknown one.

  Args:
    longest: pieces of a sentence at most, special ones too; words beyond are left out, and so are their tags.
  """
  unknown = subword_tokenizers.special(tokenizer).unknown
  stand_in = "?" if unknown is None else tokenizer.id_to_token(unknown)
  found, places, tags, cut = [], [], [], 0
  for sentence, own_tags in zip(sentences, target, strict=True):
    own, first = subword_tokenizers.encode_words(tokenizer, sentence)
    if -1 in first:
      sentence = [stand_in if place < 0 else word for word, place in zip(sentence, first, strict=True)]
      own, first = subword_tokenizers.encode_words(tokenizer, sentence)
    if len(own.ids) > longest:
      own, first = subword_tokenizers.encode_words(tokenizer, sentence, longest=longest)
    kept = [place for place in first if place >= 0]
    cut += len(first) - len(kept)
    found.append(own)
    places.append(np.array(kept, np.int32))
    tags.append(list(own_tags)[: len(kept)])
  return Examples(_ids(found), tags, first=places), cut


def _ids(found: Sequence[subword_tokenizers.Encoded]) -> list[np.ndarray]:
  return [np.array(own.ids, np.int32) + 1 for own in found]
