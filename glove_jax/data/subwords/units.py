"""What pieces stand for: characters and words of a byte-level BPE, for losses of each; and pieces that are words."""

import itertools
from typing import NamedTuple

import numpy as np
from tokenizers import decoders, models

from glove_jax.data.subwords.subword_tokenizers import Tokenizer
from glove_jax.errors import InputError


class Measures(NamedTuple):
  """What each piece of a byte-level BPE adds to a text, for losses per word and per character.

  Words are what stands between white space, and Chinese characters (U+4000 to U+9FFF) one each.
  """

  characters: np.ndarray  # [V] int32; of a character that is cut, the piece that begins it has it
  words: np.ndarray       # [V] int32, words that begin inside whatever comes before the piece
  opens: np.ndarray       # [V] bool, begins a word where white space comes before
  closes: np.ndarray      # [V] bool, ends with white space


def measures(tokenizer: Tokenizer) -> Measures:
  """What each piece of a byte-level BPE adds to a text; a special piece is a newline.

  Raises:
    InputError: the tokenizer is no byte-level BPE.
  """
  if not isinstance(tokenizer.model, models.BPE) or not isinstance(tokenizer.decoder, decoders.ByteLevel):
    raise InputError("only a byte-level BPE gives its text back; expected one for losses per word and character.")
  size, values = tokenizer.get_vocab_size(), _byte_values()
  added = tokenizer.get_added_tokens_decoder()
  names = [None if i in added else tokenizer.id_to_token(i) for i in range(size)]
  if strange := next((name for name in names if name and not values.keys() >= set(name)), None):
    raise InputError(f"the tokenizer has a piece {strange[:80]!r}; expected the letters that stand for bytes.")
  pieces = [b"\n" if name is None else bytes(map(values.__getitem__, name)) for name in names]
  spaces, chinese = b" \t\n\r\f\v", range(0xE4, 0xEA)  # the bytes that begin U+4000 to U+9FFF in UTF-8
  def opens(byte: int) -> bool:
    return byte not in spaces and byte not in chinese
  def begun(piece: bytes) -> int:
    return sum(byte in chinese for byte in piece) + sum(a in spaces and opens(b) for a, b in itertools.pairwise(piece))
  return Measures(
    np.array([sum(byte & 0xC0 != 0x80 for byte in piece) for piece in pieces], np.int32),
    np.array([begun(piece) for piece in pieces], np.int32),
    np.array([any(map(opens, piece[:1])) for piece in pieces]),
    np.array([piece[-1:].isspace() for piece in pieces]))


def words(tokenizer: Tokenizer) -> list[str | None]:
  """What each piece begins a word with, of WordPiece or byte-level BPE; None for others and special pieces: [V].

  Where a tokenizer cuts all characters apart, those are the words.
  """
  added = tokenizer.get_added_tokens_decoder()
  pieces = [None if i in added else tokenizer.id_to_token(i) for i in range(tokenizer.get_vocab_size())]
  if isinstance(tokenizer.model, models.BPE):
    characters = len(tokenizer.pre_tokenizer.pre_tokenize_str("ab")) == 2
    found = [None if piece is None else tokenizer.decode([i]) for i, piece in enumerate(pieces)]
    if characters:
      return [None if text in (None, "\N{REPLACEMENT CHARACTER}") else text for text in found]
    return [text[1:] or None if text and text[0] == " " else None for text in found]
  return [None if piece is None or piece.startswith("##") else piece for piece in pieces]


def _byte_values() -> dict[str, int]:
  """The byte that each letter of byte-level BPE stands for: itself where it can be seen, else 256 and on."""
  seen = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
  hidden = [byte for byte in range(256) if byte not in seen]
  return {chr(byte): byte for byte in seen} | {chr(256 + place): byte for place, byte in enumerate(hidden)}
