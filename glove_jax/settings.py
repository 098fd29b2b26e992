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

from glove_jax import key_synonyms, trackers
from glove_jax.errors import InputError, quote

_WHERE = "--help and docs/settings.md list the keys"
_LONGEST_LIST = 150  # characters of keys in a message


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
  names_files: str = ""


def setting(default: Any, text: str, **limits: Any) -> Any:
  """Declares a key of a settings dataclass.

  Args:
    default: the value that both the programs and the Python API use.
    text: one sentence that says what the key does.
    **limits: fields of `Limits`: `minimum` and `maximum` (inclusive), `above` and `below`
      (exclusive), `choices`, `former` (old spellings that are still accepted), `resumable` (may
      change when a run is resumed), `names_files` (a resumed run compares their contents, not their
      names: "source", or "fingerprinted" where the reader of the files does it).
  """
  return dataclasses.field(default=default, metadata={"limits": Limits(text, **limits)})


def compilation_cache() -> Any:
  """Declares the key `compilation_cache`."""
  text = (
    "Folder in which JAX keeps compiled programs for later runs; auto: in the user's cache folder; "
    "empty: none. JAX_COMPILATION_CACHE_DIR wins."
  )
  return setting("auto", text, resumable=True)


def track() -> Any:
  """Declares the key `track`."""
  text = (
    "Where metrics and settings are sent too: tensorboard (the folder tensorboard/ of the run, by "
    "tensorboardX), trackio, wandb (Weights & Biases); empty: nowhere."
  )
  return setting("", text, choices=trackers.CHOICES, resumable=True)


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


def path_keys(cls: type, *, fingerprinted: bool = True) -> list[str]:
  """Returns the keys that name files, with or without those that are fingerprinted when read."""
  keys = []
  for field in dataclasses.fields(cls):
    kind = limits_of(field).names_files
    if kind == "source" or (fingerprinted and kind == "fingerprinted"):
      keys.append(field.name)
  return keys


def unknown_key(cls: type, key: str) -> str:
  """Returns the message for a key that `cls` does not have, with the nearest keys that it has."""
  near = near_keys(cls, key)
  elsewhere = key_synonyms.keys_called(key)
  names = ", ".join(sorted(field_names(cls)))
  if near:
    hint = f"did you mean {' or '.join(near)}?"
  elif elsewhere:
    hint = f"only other methods have one, {elsewhere[0]}: {_WHERE}."
  elif len(names) > _LONGEST_LIST:
    hint = f"{_WHERE}."
  else:
    hint = f"the keys are {names}."
  return f"there is no key {quote(key)}; {hint}"


def near_keys(cls: type, key: str) -> list[str]:
  """Returns the keys of `cls` that another library or a slip of the pen calls `key`."""
  names = sorted(field_names(cls))
  near = [name for name in key_synonyms.keys_called(key) if name in names]
  if near:
    return near
  spellings = dict(zip(names, names, strict=True))
  for field in dataclasses.fields(cls):
    for former in limits_of(field).former:
      spellings.setdefault(former, field.name)
  matches = difflib.get_close_matches(key, spellings, n=3)
  return list(dict.fromkeys(spellings[match] for match in matches))


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
  is_integer = isinstance(value, int) and not isinstance(value, bool)
  if is_integer and kind in (int, float) and abs(value) > _LARGEST:  # may have no float, no text
    raise InputError(f"{key} is beyond 64 bits, expected {_NOUNS[kind]} within them.")
  if is_integer and kind is float:
    return float(value)
  if kind is str and hasattr(value, "__fspath__"):
    return str(value)
  if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
    raise InputError(f"{key}={value!r}, expected {_NOUNS[kind]}.")
  return value


_LARGEST = 2**63 - 1
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
