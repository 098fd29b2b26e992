"""Typed settings: frozen dataclasses whose fields carry a default, bounds, choices and one sentence
each.

Settings are translated once, at the door: a `ConfigDict` of a program, keyword arguments from
  Python, or the `config.json` of an earlier run become a dataclass by `make`. Nothing below takes a
  `config`.
"""

import dataclasses
import difflib
import math
import types
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

from ml_collections import ConfigDict, config_dict

from glove_jax.errors import InputError

# Common names of other libraries, for suggestions when a key is unknown.
SYNONYMS = {
  "lr": "learning_rate",
  "dimension": "dim",
  "vector_size": "dim",
  "hidden_size": "dim",
  "size": "dim",
  "embedding_dim": "dim",
  "num_epochs": "epochs",
  "iter": "epochs",
  "window_size": "window",
  "negative": "negatives",
  "neg": "negatives",
  "num_layers": "layers",
  "num_heads": "heads",
  "vocab_size": "max_vocab",
}


@dataclasses.dataclass(frozen=True)
class Limits:
  """The values that a key may have, and how it is described."""

  text: str
  minimum: float | None = None
  maximum: float | None = None
  above: float | None = None
  below: float | None = None
  choices: tuple[str, ...] = ()
  former: tuple[str, ...] = ()
  resumable: bool = False


def setting(default: Any, text: str, **limits: Any) -> Any:
  """Declares a key of a settings dataclass.

  Args:
    default: the value that both the programs and the Python API use.
    text: one sentence that says what the key does.
    **limits: fields of `Limits`: `minimum` and `maximum` (inclusive), `above` and `below`
      (exclusive), `choices`, `former` (old spellings that are still accepted), `resumable` (may
      change when a run is resumed).
  """
  return dataclasses.field(default=default, metadata={"limits": Limits(text, **limits)})


def limits_of(field: dataclasses.Field) -> Limits:
  """Returns the limits that `setting` attached to a field."""
  return field.metadata["limits"]


def make(
  cls: type, values: Mapping[str, Any], *, notify: Callable[[str], None] = lambda line: None
) -> Any:
  """Makes a settings dataclass of a mapping; keys that are missing have their defaults.

  Args:
    cls: a dataclass whose fields are made by `setting`.
    values: key -> value; old spellings are accepted.
    notify: called with one line for each key in its old spelling.

  Raises:
    InputError: a key is unknown, or its value has the wrong type or is out of bounds.
  """
  current = translate(cls, values, notify=notify)
  unknown = set(current) - field_names(cls)
  if unknown:
    raise InputError(unknown_key(cls, min(unknown)))
  hints = get_type_hints(cls)
  checked = {}
  for field in dataclasses.fields(cls):
    if field.name in current:
      checked[field.name] = _convert(field.name, current[field.name], hints[field.name])
      _check_bounds(field.name, checked[field.name], limits_of(field))
  return cls(**checked)


def translate(
  cls: type, values: Mapping[str, Any], *, notify: Callable[[str], None] = lambda line: None
) -> dict:
  """Returns the mapping with old spellings of the keys of `cls` replaced by the current ones."""
  former = {old: field.name for field in dataclasses.fields(cls) for old in limits_of(field).former}
  names = field_names(cls)
  current = {}
  for key, value in values.items():
    if key in former and key not in names:
      notify(f"the key {key!r} is now called {former[key]!r}")
      key = former[key]
    current[key] = value
  return current


def field_names(cls: type) -> set[str]:
  """Returns the keys of a settings dataclass."""
  return {field.name for field in dataclasses.fields(cls)}


def resumable_keys(cls: type) -> set[str]:
  """Returns the keys whose values may change when a run is resumed: no result depends on them."""
  return {field.name for field in dataclasses.fields(cls) if limits_of(field).resumable}


def unknown_key(cls: type, key: str) -> str:
  """Returns the message for a key that `cls` does not have, with the nearest keys that it has."""
  names = sorted(field_names(cls))
  near = difflib.get_close_matches(key, names, n=3)
  synonym = SYNONYMS.get(key)
  if synonym in names and synonym not in near:
    near.insert(0, synonym)
  hint = f"; did you mean {' or '.join(near)}?" if near else f"; the keys are {', '.join(names)}."
  return f"there is no key {key!r}{hint}"


def config(cls: type, **changes: Any) -> ConfigDict:
  """Returns the defaults of a settings dataclass as a `ConfigDict`, for a program's `--config`."""
  result = ConfigDict()
  hints = get_type_hints(cls)
  for field in dataclasses.fields(cls):
    default = changes.get(field.name, field.default)
    if default is None:
      default = config_dict.placeholder(_without_none(hints[field.name]))
    result[field.name] = default
  return result


def _without_none(hint: Any) -> type:
  """Returns X of `X | None`."""
  if isinstance(hint, types.UnionType):
    return next(option for option in get_args(hint) if option is not type(None))
  return hint


def _convert(key: str, value: Any, hint: Any) -> Any:
  """Returns a value as the type of its key; whole numbers may stand for floats."""
  kind = _without_none(hint)
  if value is None and kind is not hint:
    return None
  if kind is float and isinstance(value, int) and not isinstance(value, bool):
    return float(value)
  if kind is str and hasattr(value, "__fspath__"):
    return str(value)
  if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
    raise InputError(f"{key}={value!r}, expected {_NOUNS[kind]}.")
  return value


_NOUNS = {bool: "True or False", int: "a whole number", float: "a number", str: "a string"}


def _check_bounds(key: str, value: Any, limits: Limits) -> None:
  if limits.choices and value not in limits.choices:
    raise InputError(f"{key}={value!r}, expected one of {', '.join(limits.choices)}.")
  if not isinstance(value, (int, float)) or isinstance(value, bool):
    return
  inside = (
    math.isfinite(value)
    and (limits.minimum is None or value >= limits.minimum)
    and (limits.maximum is None or value <= limits.maximum)
    and (limits.above is None or value > limits.above)
    and (limits.below is None or value < limits.below)
  )
  if not inside:
    raise InputError(f"{key}={value}, expected {describe_bounds(limits)}.")


def describe_bounds(limits: Limits) -> str:
  """Returns the bounds of a key in words, such as "at least 0 and below 1"."""
  parts = []
  for bound, words in (
    (limits.minimum, "at least"),
    (limits.above, "more than"),
    (limits.maximum, "at most"),
    (limits.below, "less than"),
  ):
    if bound is not None:
      parts.append(f"{words} {bound:g}")
  return " and ".join(parts) or "a finite number"
