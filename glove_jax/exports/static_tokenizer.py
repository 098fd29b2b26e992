"""The `tokenizer.json` of a static model: splits a text into the words of a vocabulary.

Two models of the library `tokenizers` do it. Where white space and signs part words, a BPE without
merges: a whole word of the vocabulary is a token, and all else is dropped. A `WordLevel` model
would need a token for unknown words, and sentence-transformers would count it in the mean of a
text. Chinese is segmented by a unigram model: of all ways to split a text into words of the
vocabulary it takes the most probable, as jieba does with the words of its dictionary.
"""

import json
import re
from typing import Any

import numpy as np

from glove_jax.data.text import word_tokenizers
from glove_jax.exports import scripts, word_patterns
from glove_jax.exports.vector_table import VectorTable
from glove_jax.exports.word_patterns import WordPattern

# Stands before each word, and in the unigram model around each run of Latin letters, so that an
# unknown word is not split into letters that are words.
MARK = "▁"
UNKNOWN = "[UNK]"  # of the unigram model, with a vector of zeros
_SEGMENTED = "jieba"
_LATIN = "[a-zA-Z0-9]"
# Before and after Latin letters and digits: "14.04" and "50%" are one word, as with jieba.
_LATIN_ENDS = re.compile(
  f"(?<!{_LATIN})(?<!{_LATIN}[.])(?={_LATIN})|(?<=[.])(?=[a-zA-Z])"
  f"|(?<={_LATIN})(?!{_LATIN}|%|[.][0-9])|(?<={_LATIN}%)"
)
_LOWERCASE = (
  # Python lower-cases a last capital sigma to ς, and the library does not.
  {"type": "Replace", "pattern": {"Regex": "(?<=\\p{L})Σ(?!\\p{L})"}, "content": "ς"},
  {"type": "Lowercase"},
)


def tokenizer_name(table: VectorTable) -> str:
  """Returns the tokenizer of the run, or else the one whose words the vocabulary looks like."""
  if table.tokenization is not None and table.tokenization.tokenizer in word_tokenizers.TOKENIZERS:
    return table.tokenization.tokenizer
  if scripts.is_chinese(table.words):
    return _SEGMENTED
  return "punctuation" if scripts.has_punctuation(table.words) else "words"


def has_unknown_token(table: VectorTable) -> bool:
  """Returns whether the model has a token for what is in no word, after all words."""
  return tokenizer_name(table) == _SEGMENTED


def to_json(table: VectorTable) -> str:
  """Returns the text of `tokenizer.json`; the id of a word is its row."""
  name = tokenizer_name(table)
  if name == _SEGMENTED:
    splitting, model = _segmenting(), _unigram(table)
  else:
    pattern = word_patterns.PATTERNS[name]
    splitting, model = _splitting(pattern), _whole_words(table)
  if scripts.is_lowercase(table):
    splitting["normalizer"]["normalizers"][:0] = _LOWERCASE
  values = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    **splitting,
    "post_processor": None,
    "decoder": None,
    "model": model,
  }
  return json.dumps(values, ensure_ascii=False)


def _splitting(pattern: WordPattern) -> dict[str, Any]:
  """Returns the steps from a text to words, each after the mark."""
  steps = [_replace(expression, text) for expression, text in pattern.replacements]
  if pattern.normal_form:
    steps.insert(0, {"type": pattern.normal_form})
  mark = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "always", "split": False}
  return {
    "normalizer": {"type": "Sequence", "normalizers": steps},
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [_keep(pattern.word), mark]},
  }


def _segmenting() -> dict[str, Any]:
  """Returns the steps from a text to runs of letters and digits, Latin ones between marks."""
  run = f"(?:[{MARK}{word_patterns.LETTER}]|(?<={_LATIN})[.](?=[0-9])|(?<={_LATIN})%)+"
  return {
    "normalizer": {"type": "Sequence", "normalizers": [_replace(_LATIN_ENDS.pattern, MARK)]},
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [_keep(run)]},
  }


def _replace(expression: str, text: str) -> dict[str, Any]:
  return {"type": "Replace", "pattern": {"Regex": expression}, "content": text}


def _keep(expression: str) -> dict[str, Any]:
  """Returns the step that keeps what matches, and drops the rest."""
  return {
    "type": "Split",
    "pattern": {"Regex": expression},
    "behavior": "Removed",
    "invert": True,
  }


def _whole_words(table: VectorTable) -> dict[str, Any]:
  return {
    "type": "BPE",
    "dropout": None,
    "unk_token": None,
    "continuing_subword_prefix": None,
    "end_of_word_suffix": None,
    "fuse_unk": False,
    "byte_fallback": False,
    "ignore_merges": True,
    "vocab": {f"{MARK}{word}": row for row, word in enumerate(table.words)},
    "merges": [],
  }


def _unigram(table: VectorTable) -> dict[str, Any]:
  tokens = [_LATIN_ENDS.sub(MARK, word) for word in table.words]
  vocab = [list(pair) for pair in zip(tokens, _log_probabilities(table).tolist(), strict=True)]
  vocab.append([UNKNOWN, 0.0])
  return {"type": "Unigram", "unk_id": len(table.words), "vocab": vocab, "byte_fallback": False}


def _log_probabilities(table: VectorTable) -> np.ndarray:  # -> [V]
  """Returns the logarithms of the words' frequencies; without counts, of Zipf's law."""
  if table.counts is None:
    weights = 1 / np.arange(1, len(table.words) + 1)
  else:
    weights = np.maximum(table.counts, 0.5)
  return np.log(weights / weights.sum())
