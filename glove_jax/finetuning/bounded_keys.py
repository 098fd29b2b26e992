"""Declares keys of fine-tuning with the bounds that many of them have."""

import dataclasses
from typing import Any

from glove_jax.settings import setting


def fraction(default: float, text: str, **limits: Any) -> Any:
  """Declares a key that is at least 0 and below 1."""
  return setting(default, text, minimum=0, below=1, **limits)


def positive(default: int, text: str, **limits: Any) -> Any:
  """Declares a key that is at least 1."""
  return setting(default, text, minimum=1, **limits)


def amount(default: float | None, text: str, **limits: Any) -> Any:
  """Declares a key that is at least 0."""
  return setting(default, text, minimum=0, **limits)


def default(value: Any, group: type, key: str) -> Any:
  """Declares a key of a group once more, with another default."""
  field = group.__dataclass_fields__[key]
  return dataclasses.field(default=value, metadata=field.metadata)
