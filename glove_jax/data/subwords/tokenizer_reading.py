"""Reads text and JSON files of tokenizers; damaged ones are errors of one line."""

import json
import pathlib
from typing import Any

from glove_jax.errors import InputError, quote

_LARGEST = 1 << 28  # bytes of a file


def read_object(path: pathlib.Path) -> dict[str, Any]:
  """Returns the object in a JSON file; {} without the file."""
  if not path.exists():
    return {}
  content = parse_json(path, read_text(path))
  if not isinstance(content, dict):
    raise InputError(f"{path}: found {quote(content)}, expected a JSON object.")
  return content


def parse_json(path: pathlib.Path, text: str) -> Any:
  """Returns the value that a text of JSON stands for. Raises InputError: it is no JSON."""
  try:
    return json.loads(text)
  except (ValueError, RecursionError) as error:
    raise InputError(f"{path}: not JSON ({error}).") from None


def read_text(path: pathlib.Path) -> str:
  """Returns a file of UTF-8, without its byte order mark; line ends stay as they are."""
  try:
    return read_bytes(path).decode("utf-8-sig")
  except UnicodeDecodeError as error:
    raise InputError(
      f"{path}: byte {error.start:,} is not UTF-8, expected a tokenizer's vocabulary.") from None


def read_bytes(path: pathlib.Path) -> bytes:
  """Returns a file of a tokenizer. Raises InputError: it is missing or too large."""
  try:
    size = path.stat().st_size
    if size > _LARGEST:
      raise InputError(f"{path}: {size:,} bytes, expected {_LARGEST:,} at most.")
    return path.read_bytes()
  except OSError as error:
    raise InputError(f"{path}: {error.strerror or error}.") from None
