"""Folders of tokenizers: vocabularies, merges, tokenizer.json and the files beside them."""

import json
import pathlib

import tokenizer_folders

from fuzz import mutators
from fuzz.trials import Files, Reader
from glove_jax.data.subwords import subword_tokenizers, tokenizer_files, units

_TEXTS = ["Anna's river", "the <mask> [SEP] <|user|>x", "中国 naïve\n", ""]
_TOKENS = [
  b"[UNK]", b"[CLS]", b"[MASK]", b"##a", b"\n\n", b"<s>", b"</s>", b"<mask>", b"vocab", b"merges",
  b"type", b"BPE", b"WordPiece", b"Unigram", b"WordLevel", b"content", b"special", b"lstrip",
  b"unk_token", b"model", b"normalizer", b"Lowercase", b"Sequence", b"pre_tokenizer", b"a b\n",
  b"pattern", b"Regex", b"(a+)+$", b"Replace", b"added_tokens", b"id", b"post_processor",
  b"additional_special_tokens", b"added_tokens_decoder", b"tokenizer_class", b"do_lower_case",
]  # fmt: skip


def readers() -> list[Reader]:
  """Returns the readers of tokenizers."""
  vocabularies = []
  libraries = []
  pieces = []
  for files in tokenizer_folders.folders().values():
    content = {name: _bytes(value) for name, value in files.items()}
    if "tokenizer.json" in content:
      libraries.append(content)
    elif "sentencepiece.bpe.model" in content:
      pieces.append(content)
    else:
      vocabularies.append(content)
  is_json = [mutators.change_json]
  return [
    Reader("tokenizer_vocabularies", vocabularies, _read, _check, _TOKENS, is_json),
    Reader("tokenizer_json", libraries, _read, _check, _TOKENS, is_json * 3),
    Reader("tokenizer_sentencepiece", pieces, _read, _check, _TOKENS,
           [mutators.change_json, mutators.change_integers]),
  ]  # fmt: skip


def _bytes(value) -> bytes:
  if isinstance(value, (dict, list)):
    value = json.dumps(value)
  return value.encode() if isinstance(value, str) else value


def _read(folder: pathlib.Path):
  tokenizer = tokenizer_files.load(folder)
  encoded = [subword_tokenizers.encode(tokenizer, text).ids for text in _TEXTS]
  decoded = [tokenizer.decode(ids) for ids in encoded]
  subword_tokenizers.encode(tokenizer, *_TEXTS[:2], longest=6)
  subword_tokenizers.check_ids(tokenizer, str(folder))
  units.token_words(tokenizer)
  return tokenizer, encoded, decoded


def _check(value, files: Files) -> None:
  tokenizer, encoded, _ = value
  tokens = tokenizer.get_vocab(with_added_tokens=True)
  numbers = set(tokens.values())
  for ids in encoded:
    assert set(ids) <= numbers
  special = subword_tokenizers.special_tokens(tokenizer)
  for token_id in special:
    assert token_id is None or token_id in numbers
