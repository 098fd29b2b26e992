"""How programs here start and stop: the user's mistakes give one line and status 2, bugs a traceback."""

import difflib
import logging as python_logging
import os
import pathlib
import re
import sys
import traceback
from collections.abc import Callable

from absl import app, flags, logging
from ml_collections import config_flags

from glove_jax.errors import InputError

PROJECT = pathlib.Path(__file__).resolve().parents[1]
OURS = tuple(f"{PROJECT / folder}{os.sep}" for folder in ("glove_jax", "experiments"))  # not .venv


def run(main: Callable[[], None], *, config: str | None = None):
  """Parses the flags, calls `main()` and exits: 0; 2 for bad input or flags; 130 for Ctrl-C; 1 for a bug.

  Bad input is an `InputError`, an `OSError` such as a missing file or a full disk, a flag or a `--config.key`
  that is unknown or has a bad value, and an argument that is no flag. Messages go to stderr.

  Args:
    main: called without arguments once `flags.FLAGS` is filled in.
    config: for a program that takes `--config=file` and `--config.key=value`: the file where none is given.
      (Not the default of `DEFINE_config_file`, which refuses unknown keys before this function starts.)
  """
  argv = list(sys.argv)
  if config is not None:
    config_flags.DEFINE_config_file("config")
    if not any(re.match("--?config(=|$)", argument) for argument in argv[1:]):
      argv.insert(1, f"--config={config}")
  app.run(lambda _: _guard(main), argv=argv, flags_parser=_parse)


def _guard(main):
  logging.get_absl_handler().addFilter(_ours)
  try:
    main()
    sys.stdout.flush()
  except BrokenPipeError:  # Who reads, such as `head`, has had enough. Python flushes once more at its exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
  except (InputError, OSError, app.UsageError) as error:
    _fail(_describe(error))
  except KeyboardInterrupt:
    _fail("interrupted", status=130)


def _parse(argv):
  try:
    rest = flags.FLAGS(argv)
  except (flags.Error, OSError) as error:
    _fail(_describe(error))
  except (AttributeError, KeyError, TypeError, ValueError) as error:
    if not _is_override(error):
      raise
    _fail(_describe_override(str(error), argv))
  if len(rest) > 1:
    close = difflib.get_close_matches(rest[1], list(flags.FLAGS), n=1)
    _fail(f"unexpected argument {rest[1]!r}, expected flags only" + (f"; --{close[0]}=…?" if close else ""))
  return rest


def _fail(message: str, status: int = 2):
  sys.stdout.flush()
  print(f"error: {message}", file=sys.stderr)
  sys.exit(status)


def _describe(error: Exception) -> str:
  if isinstance(error, OSError) and error.filename is not None and error.strerror:
    return f"{error.filename}: {error.strerror}"
  # ml_collections wraps what went wrong with a config file in several lines; the last one says it.
  lines = str(error).strip().splitlines() or [type(error).__name__]
  if required := re.search(r"Flag (--\w+) must have a value other than None", lines[0]):
    return f"{required[1]}=… is required"
  if "InputError: " in lines[-1]:
    return lines[-1].partition("InputError: ")[2]
  missing = re.search(r"\[Errno \d+\] (.*): '(.*)'$", lines[-1])
  if missing:
    return f"{missing[2]}: {missing[1]}"
  return " ".join(line.strip() for line in lines)


def _is_override(error: Exception) -> bool:
  """Whether ml_collections refused a --config.key=value, rather than the config file's own code failing."""
  frames = traceback.extract_tb(error.__traceback__)[1:]
  return all("ml_collections" in frame.filename or "absl" in frame.filename for frame in frames)


def _describe_override(message: str, argv: list[str]) -> str:
  close = re.search(r'Did you mean "(.*?)" instead of "(.*?)"', message)
  key = close[2] if close else re.sub(r"[^\w.]", "", message.split("\\n")[0])
  for argument in argv[1:]:
    path = argument.lstrip("-").split("=")[0]
    if "." in path and key in path.split("."):
      return f"{argument}: there is no {key!r}" + (f", did you mean {close[1]!r}?" if close else "")
  overrides = [argument for argument in argv[1:] if re.match(r"--?\w+\.", argument)]
  return f"{' '.join(overrides)}: {' '.join(message.split())}"


def _ours(record: python_logging.LogRecord) -> bool:
  """Lets our own messages through, and others' (orbax's are many) only from warnings on."""
  return record.levelno >= python_logging.WARNING or record.pathname.startswith(OURS)
