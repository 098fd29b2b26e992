"""Texts to label in JSON Lines: a record a line, with tokens or a text."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from glove_jax.data.labelled.rereading import Reread
from glove_jax.errors import InputError, quote

NewText = str | list[str]  # of a tagger also a sentence of tokens


def records(lines: Sequence[str]) -> Collection[tuple[int, Any]] | None:
  """Returns (line number, record) of JSON Lines; None if a line is no object."""
  parsed = Reread(lambda: _parse_json(lines))
  try:
    is_json = all(isinstance(record, dict) for _, record in parsed)
  except (ValueError, RecursionError):
    return None
  return parsed if is_json and parsed else None


def _parse_json(lines: Sequence[str]) -> Iterator[tuple[int, Any]]:
  for number, line in enumerate(lines, 1):
    if line.strip():
      yield number, json.loads(line)


def tokens_or_text(path: str, number: int, record: dict) -> NewText:
  """Returns the tokens, else the text, of a JSON record."""
  tokens = record.get("tokens")
  if isinstance(tokens, list) and all(isinstance(token, str) for token in tokens):
    return tokens
  if isinstance(record.get("text"), str):
    return record["text"]
  raise InputError(
    f"{path}:{number}: found the keys {quote(list(record))}, expected tokens, a list of strings, "
    "or text."
  )
