"""The characters and words that subword tokens consist of."""

from typing import NamedTuple

import numpy as np
from tokenizers import decoders, models

from glove_jax.data.subwords.subword_tokenizers import Tokenizer, is_byte_level
from glove_jax.errors import InputError, quote

_METASPACE = "\N{LOWER ONE EIGHTH BLOCK}"  # XLM-R's space
_SPACES = b" \t\n\r\f\v"
_CHINESE = bytes(range(0xE4, 0xEA))  # the bytes that begin U+4000 to U+9FFF in UTF-8


class UnitCounts(NamedTuple):
  """What each token of a byte-level BPE adds to a text, for losses per word and per character.

  Words are separated by white space; each Chinese character (U+4000 to U+9FFF) is one too.
  """

  characters: np.ndarray  # [V] int32; a character of several tokens counts for its first
  words: np.ndarray       # [V] int32, words that begin inside the token whatever comes before
  opens: np.ndarray       # [V] bool, begins a word if white space comes before
  closes: np.ndarray      # [V] bool, ends with white space


def unit_counts(tokenizer: Tokenizer) -> UnitCounts:
  """Returns what each token of a byte-level BPE adds to a text; a special token is a newline.

  Raises:
    InputError: the tokenizer is no byte-level BPE.
  """
  if not is_byte_level(tokenizer):
    raise InputError(
      "this tokenizer does not keep all of a text, expected a byte-level BPE for losses per word "
      "and character.")
  tokens = _token_bytes(tokenizer)
  return UnitCounts(
    characters=np.array(list(map(_count_characters, tokens)), np.int32),
    words=np.array(list(map(_count_words, tokens)), np.int32),
    opens=np.array([_opens_word(token[:1]) for token in tokens]),
    closes=np.array([token[-1:].isspace() for token in tokens]),
  )


def token_words(tokenizer: Tokenizer) -> list[str | None]:
  """Returns the text of each token that begins a word, None for other tokens and special ones: [V].

  Args:
    tokenizer: a WordPiece, byte-level BPE or Unigram; where it splits all characters, they are the
      words.
  """
  tokens = _ordinary_tokens(tokenizer)
  if isinstance(tokenizer.decoder, decoders.Metaspace):
    return [_metaspace_word(token) for token in tokens]
  if not isinstance(tokenizer.model, models.BPE):
    return [_wordpiece_word(token) for token in tokens]
  pre_tokenizer = tokenizer.pre_tokenizer
  splits_characters = pre_tokenizer is not None and len(pre_tokenizer.pre_tokenize_str("ab")) == 2
  words = []
  for token_id, token in enumerate(tokens):
    text = "" if token is None else tokenizer.decode([token_id])
    if splits_characters:
      whole = text != "\N{REPLACEMENT CHARACTER}"
      word = text if whole else None
    else:
      word = text[1:] if text.startswith(" ") else None
    words.append(word or None)
  return words


def continues_word(tokenizer: Tokenizer) -> np.ndarray:
  """Returns whether each token continues the word before it; special ones do not: [V] bool."""
  tokens = _ordinary_tokens(tokenizer)
  if isinstance(tokenizer.decoder, decoders.WordPiece):
    return np.array([token is not None and token.startswith("##") for token in tokens])
  # A space is a letter of the token that begins a word.
  space = "\N{LATIN CAPITAL LETTER G WITH DOT ABOVE}" if is_byte_level(tokenizer) else _METASPACE
  return np.array([token is not None and not token.startswith(space) for token in tokens])


def _wordpiece_word(token: str | None) -> str | None:
  if token is None or token.startswith("##"):
    return None
  return token


def _metaspace_word(token: str | None) -> str | None:
  if token is None or not token.startswith(_METASPACE):
    return None
  return token[1:] or None


def _ordinary_tokens(tokenizer: Tokenizer) -> list[str | None]:
  """Returns each token as the vocabulary spells it; None for special ones."""
  tokens = list(map(tokenizer.id_to_token, range(tokenizer.get_vocab_size())))
  for token_id in tokenizer.get_added_tokens_decoder():
    if token_id < len(tokens):
      tokens[token_id] = None
  return tokens


def _token_bytes(tokenizer: Tokenizer) -> list[bytes]:
  """Returns the bytes of each token of a byte-level BPE; a newline for special ones."""
  values = _byte_values()
  tokens = []
  for token in _ordinary_tokens(tokenizer):
    if token is None:
      tokens.append(b"\n")
      continue
    if not values.keys() >= set(token):
      raise InputError(
        f"the tokenizer has a token {quote(token)}, expected the letters that stand for bytes.")
    tokens.append(bytes([values[letter] for letter in token]))
  return tokens


def _count_characters(token: bytes) -> int:
  return sum(byte & 0xC0 != 0x80 for byte in token)  # not the bytes that continue a character


def _count_words(token: bytes) -> int:
  """Returns how many words begin inside a token, whatever comes before it."""
  words = 0
  after_space = False
  for byte in token:
    if byte in _CHINESE or (after_space and byte not in _SPACES):
      words += 1
    after_space = byte in _SPACES
  return words


def _opens_word(first: bytes) -> bool:
  """Returns whether a token that begins with this byte, or none, begins a word after a space.

  A Chinese character counts as a word whatever comes before, and so does not.
  """
  return len(first) > 0 and first not in _SPACES and first not in _CHINESE


def _byte_values() -> dict[str, int]:
  """Returns the byte that each letter of a byte-level BPE stands for (Radford et al. 2019).

  Printable bytes stand for themselves; the others are the letters from U+0100 on, in order.
  """
  values = {}
  hidden = 0
  for byte in range(256):
    letter = chr(byte)
    if letter in "\N{NO-BREAK SPACE}\N{SOFT HYPHEN}" or not letter.isprintable() or letter == " ":
      letter = chr(256 + hidden)
      hidden += 1
    values[letter] = byte
  return values
