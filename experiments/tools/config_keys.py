"""Recipes of `--config=NAME`, and the keys of `--config.KEY=VALUE`: old spellings, unknown keys,
and `--help`.
"""

import ast
import dataclasses
import difflib
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


def resolve_recipes(argv: list[str], folder: pathlib.Path) -> list[str]:
  """Returns the arguments with the name of a recipe replaced by its file: glove_als, word2vec:cbow.

  Args:
    argv: of the program, with its name first.
    folder: of the config files.
  """
  resolved = list(argv)
  for position, argument in enumerate(argv):
    match = _CONFIG.match(argument)
    if match is None:
      continue
    if match[1] is not None:
      prefix = argument[: match.start(1)]
      resolved[position] = prefix + recipe_file(match[1], folder)
    elif position + 1 < len(argv):
      resolved[position + 1] = recipe_file(argv[position + 1], folder)
  return resolved


def recipe_file(name: str, folder: pathlib.Path) -> str:
  """Returns the config file of a recipe, as NAME, NAME.py or NAME:VARIANT; a path stays as it is.

  Raises:
    InputError: there is no such recipe.
  """
  stem, colon, variant = name.partition(":")
  if not stem or pathlib.Path(stem).is_file() or pathlib.Path(stem).name != stem:
    return name
  path = folder / f"{stem.removesuffix('.py')}.py"
  if path.is_file():
    return f"{path}{colon}{variant}"
  recipes = sorted(path.stem for path in folder.glob("*.py"))
  near = difflib.get_close_matches(stem.removesuffix(".py"), recipes, n=1)
  if stem.endswith(".py") and not near:
    return name  # rather a file; absl says that it is not there
  hint = f"did you mean {near[0]}?" if near else f"the recipes are {', '.join(recipes)}."
  raise InputError(f"--config={name}: there is no such file or recipe; {hint}")


def settings_class(argv: list[str], settings: Mapping[str, type]) -> type | None:
  """Returns the settings dataclass that belongs to the config file among the arguments.

  Args:
    argv: of the program, with its name first.
    settings: method -> settings dataclass.

  Raises:
    InputError: the config is of a method that another program runs.
  """
  for argument, following in zip(argv, [*argv[1:], ""], strict=True):
    match = _CONFIG.match(argument)
    if match:
      path = following if match[1] is None else match[1]
      method = _method(path)
      if settings and method is not None and method not in settings:
        raise InputError(
          f"--config={path}: a recipe of method={method!r}, expected one of"
          f" {', '.join(settings)} for this program."
        )
      return settings.get(method)
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
        if key in flags.FLAGS:
          raise InputError(f"{argument}: {key} is no key but a flag: --{key}{rest}")
        raise InputError(f"{argument}: {settings_lib.unknown_key(cls, key)}")
      argument = f"{prefix}{key}{rest}"
    translated.append(argument)
  return translated


def describe_unknown_flag(name: str, cls: type) -> str:
  """Returns a line about a flag that a program does not have: often it is a key of the config."""
  name = name.removeprefix("no")
  keys = [name] if name in settings_lib.field_names(cls) else settings_lib.near_keys(cls, name)
  candidates = [f"--config.{key}" for key in keys]
  candidates += [f"--{flag}" for flag in difflib.get_close_matches(name, list(flags.FLAGS), n=1)]
  distinct = list(dict.fromkeys(candidates))
  hint = f"did you mean {' or '.join(distinct)}?" if distinct else "--help lists all."
  return f"--{name}: there is no such flag; {hint}"


def asks_for_help(argv: list[str]) -> bool:
  """Returns whether a flag asks for help."""
  return not _HELP.isdisjoint(argv)


def help_text(cls: type | None, settings: Mapping[str, type], folder: pathlib.Path) -> str:
  """Returns the help of a program: what it does, its flags and configs, and the keys of a config.

  Args:
    cls: the settings dataclass whose keys are described; None: the program takes no config.
    settings: method -> settings dataclass, of all methods of the program.
    folder: of the config files.
  """
  about = sys.modules["__main__"].__doc__ or ""
  sections = [about.strip(), f"Flags:\n{flags.FLAGS.main_module_help()}"]
  if cls is None:
    return "\n\n".join(sections)
  configs = ["Recipes, for --config=FILE or --config=NAME, the name without folder and .py:"]
  for path in sorted(folder.glob("*.py")):
    if _method(path) in settings:
      summary = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
      configs.append(f"  {path.relative_to(folder.parents[1])}: {summary.partition(chr(10))[0]}")
  keys = map(_describe_key, dataclasses.fields(cls))
  sections.append("\n".join(configs))
  sections.append("\n".join(["Keys of this config, with defaults, for --config.KEY=VALUE:", *keys]))
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
