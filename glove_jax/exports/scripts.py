"""What a vocabulary shows of the text that it comes from: its script, its case, its punctuation."""

import re
from collections.abc import Sequence

from glove_jax.exports.vector_table import VectorTable

_FREQUENT = 10_000  # words that are looked at
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


def is_chinese(words: Sequence[str]) -> bool:
  """Returns whether most of the frequent words have Han characters."""
  frequent = words[:_FREQUENT]
  num_han = sum(map(bool, map(_HAN.search, frequent)))
  return 2 * num_han > len(frequent)


def is_lowercase(table: VectorTable) -> bool:
  """Returns whether texts are to be lower-cased before words are looked up."""
  if table.tokenization is not None:
    return table.tokenization.lowercase
  frequent = table.words[:_FREQUENT]
  return all(word == word.lower() for word in frequent)


def has_punctuation(words: Sequence[str]) -> bool:
  """Returns whether signs of punctuation are words."""
  return {".", ","} <= set(words)
