"""The words in the `tokenizer.json` of a static model: tokens that are words, by their rows."""

import pathlib
from collections.abc import Iterator
from typing import Any

from glove_jax.errors import InputError, quote
from glove_jax.interop import safetensors_io

FILE = "tokenizer.json"
_MAX_BYTES = 1 << 28  # a million words of a multilingual model have 40 MB
_METASPACE = "\N{LOWER ONE EIGHTH BLOCK}"  # a space before a word, of SentencePiece and of exports
_CONTINUATION = "##"  # of WordPiece: the token goes on with a word


def read(path: pathlib.Path, num_rows: int) -> tuple[list[str], list[int]]:
  """Returns the words of a vocabulary and their rows, in the order of the rows.

  Special tokens are left out, and those that go on with a word: `##ing`, or without the mark of a
  space where the tokenizer has one.

  Args:
    path: of tokenizer.json.
    num_rows: of the embeddings.

  Raises:
    InputError: the file is damaged, or has a token without a row.
  """
  values = safetensors_io.read_json(path, max_bytes=_MAX_BYTES)
  model = values.get("model")
  if not isinstance(model, dict):
    raise InputError(f"{path}: found no model, expected a tokenizer of the library tokenizers.")
  tokens = dict(_vocabulary(path, model))
  special = {_unknown_id(model)}
  for entry in values.get("added_tokens") or ():
    if not isinstance(entry, dict) or not _is_token(entry.get("content"), entry.get("id")):
      raise InputError(f"{path}: found the added token {quote(entry)}, expected content and id.")
    tokens.setdefault(entry["id"], entry["content"])
    if entry.get("special"):
      special.add(entry["id"])
  has_spaces = _has_metaspace(values.get("pre_tokenizer"))
  words = []
  rows = []
  for row in sorted(tokens):
    if row >= num_rows:
      raise InputError(
        f"{path}: the token {quote(tokens[row])} is number {row:,}, and there are {num_rows:,} "
        "vectors."
      )
    word = _word(tokens[row], has_spaces=has_spaces)
    if word and row not in special:
      words.append(word)
      rows.append(row)
  return words, rows


def _vocabulary(path: pathlib.Path, model: dict[str, Any]) -> Iterator[tuple[int, str]]:
  """Yields (id, token)."""
  pairs: list[tuple[Any, Any]]
  vocab = model.get("vocab")
  if isinstance(vocab, dict):
    pairs = [(row, token) for token, row in vocab.items()]
  elif isinstance(vocab, list):  # of a Unigram model: (token, log probability)
    tokens = [entry[0] if isinstance(entry, list) and entry else None for entry in vocab]
    pairs = list(enumerate(tokens))
  else:
    raise InputError(f"{path}: found no vocab, expected the tokens of a tokenizer.")
  for row, token in pairs:
    if not _is_token(token, row):
      found = f"{quote(token)}: {quote(row)}"
      raise InputError(f"{path}: found the token {found}, expected its number.")
    yield row, token


def _is_token(token: Any, row: Any) -> bool:
  return isinstance(token, str) and type(row) is int and row >= 0


def _unknown_id(model: dict[str, Any]) -> Any:
  """Returns the id of the token for unknown words, None if there is none."""
  if isinstance(model.get("unk_id"), int):
    return model["unk_id"]
  vocab = model["vocab"]
  unknown = model.get("unk_token")
  return vocab.get(unknown) if isinstance(vocab, dict) and isinstance(unknown, str) else None


def _has_metaspace(pre_tokenizer: Any) -> bool:
  """Returns whether words begin with the mark of a space."""
  if not isinstance(pre_tokenizer, dict):
    return False
  steps = pre_tokenizer.get("pretokenizers")
  if isinstance(steps, list):
    return any(isinstance(step, dict) and step.get("type") == "Metaspace" for step in steps)
  return pre_tokenizer.get("type") == "Metaspace"


def _word(token: str, *, has_spaces: bool) -> str:
  """Returns the word that a token is, "" for a part of words."""
  if has_spaces:
    return token[1:] if token.startswith(_METASPACE) else ""
  if token.startswith(_CONTINUATION) and len(token) > len(_CONTINUATION):
    return ""
  return token.replace(_METASPACE, "")
