"""The keys of `--config.KEY=VALUE`: old spellings, suggestions for unknown keys, and `--help`."""

import dataclasses
import pathlib
import re
import runpy
import sys
from collections.abc import Callable, Mapping

from absl import flags

from glove_jax import settings as settings_lib
from glove_jax.errors import InputError

_CONFIG = re.compile(r"--?config(?:=(.*))?$")  # --config=FILE, or --config before FILE
_OVERRIDE = re.compile(r"(--?(?:no)?config\.)(\w+)(.*)", re.DOTALL)  # --config.KEY, --noconfig.KEY
_HELP = {"--help", "-help", "-h"}


def names_config(argv: list[str]) -> bool:
  """Returns whether the arguments name a config file."""
  return any(map(_CONFIG.match, argv[1:]))


def settings_class(argv: list[str], settings: Mapping[str, type]) -> type | None:
  """Returns the settings dataclass that belongs to the config file among the arguments.

  Args:
    argv: of the program, with its name first.
    settings: method -> settings dataclass.
  """
  for argument, following in zip(argv, [*argv[1:], ""], strict=True):
    match = _CONFIG.match(argument)
    if match:
      path = following if match[1] is None else match[1]
      return settings.get(_method(path))
  return None


def translate(
  argv: list[str], cls: type, *, notify: Callable[[str], None] = lambda line: None
) -> list[str]:
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
  return not _HELP.isdisjoint(argv)


def help_text(cls: type, settings: Mapping[str, type], folder: pathlib.Path) -> str:
  """Returns the help of a program: what it does, its flags and configs, and the keys of a config.

  Args:
    cls: the settings dataclass whose keys are described.
    settings: method -> settings dataclass, of all methods of the program.
    folder: of the config files.
  """
  configs = []
  for path in sorted(folder.glob("*.py")):
    if _method(path) in settings:
      configs.append(f"  {path.relative_to(folder.parents[1])}")
  keys = map(_describe_key, dataclasses.fields(cls))
  sections = (
    sys.modules["__main__"].__doc__.strip(),
    f"Flags:\n{flags.FLAGS.main_module_help()}",
    "\n".join(["Configs, for --config=FILE:", *configs]),
    "\n".join(["Keys of this config and their defaults, for --config.KEY=VALUE:", *keys]),
  )
  return "\n\n".join(sections)


def _describe_key(field: dataclasses.Field) -> str:
  """Returns a line about a key: its default, its text, and its choices if they are few."""
  limits = settings_lib.limits_of(field)
  line = f"  {field.name}={field.default}: {limits.text}"
  if limits.choices:
    line += f" One of {', '.join(limits.choices)}."
  return line


def _method(path: str | pathlib.Path) -> str | None:
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
