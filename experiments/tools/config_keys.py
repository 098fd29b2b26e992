"""The keys of `--config.KEY=VALUE`: old spellings, suggestions for unknown keys, and their `--help`."""

import dataclasses
import pathlib
import re
import runpy
import sys
from collections.abc import Callable, Mapping

from absl import flags

from glove_jax import settings as settings_lib
from glove_jax.errors import InputError

_OVERRIDE = re.compile(r"(--?(?:no)?config\.)(\w+)(.*)", re.DOTALL)  # --config.KEY=VALUE or --noconfig.KEY
_HELP = ("--help", "-help", "-h")


def settings_class(argv: list[str], settings: Mapping[str, type]) -> type | None:
  """Returns the settings dataclass that belongs to the config file among the arguments."""
  if not settings:
    return None
  for position, argument in enumerate(argv):
    match = re.match(r"--?config(?:=(.*))?$", argument)
    if match:
      path = argv[position + 1] if match[1] is None and position + 1 < len(argv) else match[1]
      return settings.get(_method(path))
  return None


def translate(argv: list[str], cls: type, *, notify: Callable[[str], None]) -> list[str]:
  """Returns the arguments with old spellings of keys replaced by the current ones.

  Raises:
    InputError: `cls` has no such key; the nearest ones are named.
  """
  translated = []
  for argument in argv:
    match = _OVERRIDE.match(argument)
    if match:
      prefix, key, rest = match.groups()
      (key,) = settings_lib.translate(cls, {key: None}, notify=notify)
      if key not in settings_lib.field_names(cls):
        raise InputError(f"{argument}: {settings_lib.unknown_key(cls, key)}")
      argument = f"{prefix}{key}{rest}"
    translated.append(argument)
  return translated


def asks_for_help(argv: list[str]) -> bool:
  """Returns whether a flag asks for help."""
  return any(argument in _HELP for argument in argv)


def help_text(cls: type, settings: Mapping[str, type], folder: pathlib.Path) -> str:
  """Returns the help of a program: what it does, its flags, its configs, and the keys of one of them.

  Args:
    cls: the settings dataclass whose keys are described.
    settings: method -> settings dataclass, of all methods of the program.
    folder: of the config files.
  """
  paths = [path for path in sorted(folder.glob("*.py")) if _method(path) in settings]
  configs = "\n".join(f"  {path.relative_to(folder.parents[1])}" for path in paths)
  keys = "\n".join(_describe_key(field) for field in dataclasses.fields(cls))
  sections = (
    sys.modules["__main__"].__doc__.strip(),
    f"Flags:\n{flags.FLAGS.main_module_help()}",
    f"Configs, for --config=FILE:\n{configs}",
    f"Keys of this config with their defaults, for --config.KEY=VALUE:\n{keys}",
  )
  return "\n\n".join(sections)


def _describe_key(field: dataclasses.Field) -> str:
  limits = settings_lib.limits_of(field)
  if limits.choices:
    return f"  {field.name}={field.default}: {limits.text} One of {', '.join(limits.choices)}."
  return f"  {field.name}={field.default}: {limits.text}"


def _method(path: str | pathlib.Path | None) -> str | None:
  """Returns the method of a config file; None where it cannot be loaded, which absl reports.

  Not by ml_collections, which would apply, and refuse, the keys among the arguments at once.
  """
  file, _, argument = str(path).partition(":")
  arguments = [argument] if argument else []
  try:
    get_config = runpy.run_path(file)["get_config"]
    return get_config(*arguments).get("method")
  except Exception:
    return None
