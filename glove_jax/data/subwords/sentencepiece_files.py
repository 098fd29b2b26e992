"""XLM-R's `sentencepiece.bpe.model`, where a folder has no tokenizer.json.

A model of sentencepiece is a message of Protocol Buffers (`sentencepiece_model.proto`): pieces with
scores, settings of training, and the table of the normalization.
"""

import math
import pathlib
import struct
from collections.abc import Iterator
from typing import NamedTuple

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

from glove_jax.data.subwords import tokenizer_layouts
from glove_jax.data.subwords.library_errors import call_library
from glove_jax.data.subwords.tokenizer_reading import read_bytes
from glove_jax.data.subwords.tokenizer_settings import TokenizerSettings
from glove_jax.errors import InputError, quote

FILE = "sentencepiece.bpe.model"
OTHER_FILES = ("spiece.model", "tokenizer.model")  # of T5, ALBERT, Llama and others

_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_OWN_SPECIAL = 3  # <unk>, <s> and </s> are sentencepiece's first pieces
_UNIGRAM = 1
# Field numbers of the messages.
_PIECES, _TRAINING, _NORMALIZATION = 1, 2, 3
_PIECE_TEXT, _PIECE_SCORE = 1, 2
_MODEL_TYPE, _CHARACTER_MAP = 3, 2
# Wire types: how many bytes a value has.
_VARINT, _EIGHT_BYTES, _MESSAGE, _FOUR_BYTES = 0, 1, 2, 5


class _Model(NamedTuple):
  pieces: list[tuple[str, float]]
  model_type: int
  character_map: bytes


def read(path: pathlib.Path, settings: TokenizerSettings) -> Tokenizer:
  """Reads a model of sentencepiece as XLM-R numbers its pieces.

  Raises:
    InputError: the file is damaged, or the model is not XLM-R's.
  """
  if path.name != FILE or settings.family not in ("xlmroberta", ""):
    raise unsupported(path)
  model = _parse(path, read_bytes(path))
  if model.model_type != _UNIGRAM or len(model.pieces) <= _OWN_SPECIAL:
    raise unsupported(path)
  pieces = [(token, 0.0) for token in _SPECIAL]
  pieces += [*model.pieces[_OWN_SPECIAL:], ("<mask>", 0.0)]
  unknown = _SPECIAL.index("<unk>")
  tokenizer = Tokenizer(call_library(path, lambda: models.Unigram(pieces, unk_id=unknown)))
  if model.character_map:
    character_map = call_library(path, lambda: normalizers.Precompiled(model.character_map))
    tokenizer.normalizer = character_map
  words = [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
  tokenizer.pre_tokenizer = pre_tokenizers.Sequence(words)
  tokenizer.decoder = decoders.Metaspace()
  configured = {token.content for token in settings.tokens}
  for token in (*_SPECIAL, "<mask>"):
    if token not in configured:
      tokenizer.add_special_tokens([AddedToken(token, lstrip=False, normalized=False)])
  tokenizer_layouts.add_roberta_template(tokenizer, "<s>", "</s>")
  return tokenizer


def unsupported(path: pathlib.Path) -> InputError:
  """Returns the error for a model of sentencepiece that is not XLM-R's."""
  return InputError(
    f"{path}: a model of sentencepiece's that is not XLM-R's, expected a tokenizer.json beside it; "
    "transformers writes one: AutoTokenizer.from_pretrained(folder).save_pretrained(folder).")


def _parse(path: pathlib.Path, data: bytes) -> _Model:
  try:
    pieces = []
    model_type = _UNIGRAM
    character_map = b""
    for number, value in _fields(data):
      if number == _PIECES:
        pieces.append(_piece(value))
      elif number == _TRAINING:
        model_type = dict(_fields(value)).get(_MODEL_TYPE, _UNIGRAM)
      elif number == _NORMALIZATION:
        character_map = bytes(dict(_fields(value)).get(_CHARACTER_MAP, b""))
    return _Model(pieces, model_type, character_map)
  except (ValueError, TypeError, KeyError, struct.error) as error:
    raise InputError(
      f"{path}: damaged ({quote(str(error))}), expected a model of sentencepiece's.") from None


def _piece(message: bytes) -> tuple[str, float]:
  fields = dict(_fields(message))
  (score,) = struct.unpack("<f", fields.get(_PIECE_SCORE, bytes(4)))
  if not math.isfinite(score):
    raise ValueError(f"the score {score}")
  return bytes(fields[_PIECE_TEXT]).decode(), score


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
  """Yields the number and the value of each field of a message."""
  position = 0
  while position < len(data):
    tag, position = _varint(data, position)
    number, wire_type = tag >> 3, tag & 7
    if wire_type == _VARINT:
      value, position = _varint(data, position)
      yield number, value
      continue
    if wire_type == _MESSAGE:
      size, position = _varint(data, position)
    else:
      size = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(wire_type, len(data))
    if size > len(data) - position:
      raise ValueError(f"byte {position}: {size} bytes expected")
    yield number, data[position : position + size]
    position += size


def _varint(data: bytes, position: int) -> tuple[int, int]:
  """Returns an integer of seven bits a byte, and the position after it."""
  value = 0
  for shift in range(0, 70, 7):
    if position >= len(data):
      raise ValueError("the file ends within a number")
    byte = data[position]
    position += 1
    value |= (byte & 0x7F) << shift
    if byte < 0x80:
      return value, position
  raise ValueError(f"byte {position}: a number without an end")
