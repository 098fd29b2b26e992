"""Values of a config.json, checked one after another; all that are wrong are listed together."""

from collections.abc import Callable
from typing import Any

from glove_jax.errors import quote
from glove_jax.models.transformer import ACTIVATIONS

MAX_INT32 = 2**31 - 1
# config.json's name of an activation -> ours, and back.
ACTIVATION_FIELDS = {
  "gelu": "gelu",
  "gelu_python": "gelu",
  "gelu_new": "gelu_tanh",
  "gelu_fast": "gelu_tanh",
  "gelu_pytorch_tanh": "gelu_tanh",
  "relu": "relu",
}
ACTIVATION_NAMES = {"gelu": "gelu", "gelu_tanh": "gelu_new", "relu": "relu"}
assert ACTIVATION_NAMES.keys() == ACTIVATIONS.keys()


class CheckedValues:
  """Looks up values of a config.json and collects a line for each that is not valid."""

  def __init__(self, values: dict[str, Any]):
    self.values = values
    self.problems: list[str] = []

  def get(self, key: str, default, is_valid: Callable[[Any], bool], expected: str):
    """Returns the value of a key, or the default where it is missing, null or not valid."""
    value = self.values.get(key)
    if value is None:
      value = default
    if is_valid(value):
      return value
    self.problems.append(f"{key} is {quote(value)}, expected {expected}")
    return default

  def get_size(self, key: str, default: int) -> int:
    return self.get(key, default, is_size, f"an integer from 1 to {MAX_INT32:,}")

  def get_flag(self, key: str, default: bool) -> bool:
    return self.get(key, default, _is_flag, "true or false")

  def get_activation(self, key: str, default: str) -> str:
    """Returns our name of an activation."""
    expected = f"one of {', '.join(ACTIVATION_FIELDS)}"
    return ACTIVATION_FIELDS[self.get(key, default, _is_activation, expected)]


def is_size(value) -> bool:
  """Returns whether a value can be a size: a positive integer."""
  return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_INT32


def is_number(value) -> bool:
  """Returns whether a value is a number that is not too large."""
  is_numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
  return is_numeric and -MAX_INT32 < value < MAX_INT32


def _is_flag(value) -> bool:
  return isinstance(value, bool)


def _is_activation(value) -> bool:
  return isinstance(value, str) and value in ACTIVATION_FIELDS


def is_token_id(value) -> bool:
  """Returns whether a value can be the id of a token: zero or a positive integer."""
  return value == 0 or is_size(value)
