"""How programs start and stop: flags, exit statuses, the memory and devices of a process."""

import contextlib
import difflib
import functools
import gc
import logging as python_logging
import os
import pathlib
import re
import sys
import traceback
from collections.abc import Callable, Mapping

from absl import app, flags, logging
from ml_collections import config_flags

from glove_jax import interrupts, jax_environment, processes
from glove_jax.errors import EngineError, InputError, NonFiniteLoss, printable, quote
from glove_jax.progress import note
from tools import config_keys, several_processes, streams

PROJECT = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = PROJECT / "experiments" / "configs"
# Not .venv, where libraries lie.
_SOURCES = (f"{PROJECT / 'glove_jax'}{os.sep}", f"{PROJECT / 'experiments'}{os.sep}")

_BACKEND_OPTIONS = "--xla_backend_extra_options"
_OLDER_EMITTERS = "xla_cpu_disable_new_fusion_emitters"

# How absl reports a value of another type. Keys of the config are shown as elsewhere, without flag.
_KINDS = {
  "invalid literal for int()": "a whole number",
  "Exceeds the limit": "a whole number",  # of digits
  "could not convert string to float": "a number",
  "('Non-boolean argument": "True or False",
}
_FLAG_VALUE = re.compile(
  rf"flag (?:--config\.)?(.*?)=(.*): ({'|'.join(map(re.escape, _KINDS))})", re.DOTALL
)


def run(
  main: Callable[[], None],
  *,
  config: str | os.PathLike | None = None,
  settings: Mapping[str, type] | None = None,
) -> None:
  """Parses the flags, calls `main()` and exits.

  The status is 0 for success, 2 for bad input or flags, 130 for Ctrl-C, 143 for SIGTERM, and 1 for
  a loss that is not finite, a failure of Spark, another process that is lost, and a bug; only bugs
  have a traceback. Bad input is an `InputError`, an `OSError` such as a missing file or a full
  disk, an unknown flag or `--config.KEY`, a bad value, and an argument that is no flag. Messages go
  to stderr. What stdout cannot print does not stop the work: see `streams`.

  Args:
    main: called without arguments once `flags.FLAGS` is filled in.
    config: the default of `--config`, for a program that takes `--config=FILE` and
      `--config.KEY=VALUE`.
    settings: method -> settings dataclass; with it `--config.KEY` may have its old spelling,
      unknown keys get suggestions, and `--help` lists the keys.
  """
  several_processes.open_streams()
  streams.prepare()
  argv = list(sys.argv)
  if config is not None:
    # Not the default of the flag: absl would parse it, and its errors, before `_parse` is called.
    config_flags.DEFINE_config_file("config")
    if not config_keys.names_config(argv):
      argv.insert(1, f"--config={config}")
  parse = functools.partial(_parse, settings=settings or {})
  app.run(lambda _: _run_guarded(main), argv=argv, flags_parser=parse)


def use_huge_pages() -> None:
  """Starts this program anew with its memory in huge pages, unless GLIBC_TUNABLES is set.

  GNU's C library asks Linux for them only if the environment says so at the start. An update of a
  transformer takes hundreds of megabytes and gives them back; in pages of 4 kB that is an eighth
  of its time.
  """
  if sys.platform != "linux" or "GLIBC_TUNABLES" in os.environ:
    return
  sys.stdout.flush()
  environment = {**os.environ, "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
  arguments = sys.argv[1:]  # with the present spellings of keys
  interpreter = sys.orig_argv[: len(sys.orig_argv) - len(arguments)]
  os.execve(sys.executable, [*interpreter, *arguments], environment)


def use_device_per_core() -> None:
  """Makes a JAX device of each CPU core, unless JAX_NUM_CPU_DEVICES is set.

  Accelerators are used as they are.
  """
  import jax  # imported late: programs that do not train start without it
  if "JAX_NUM_CPU_DEVICES" not in os.environ and hasattr(os, "sched_getaffinity"):
    jax.config.update("jax_num_cpu_devices", len(os.sched_getaffinity(0)))


def use_older_emitters() -> None:
  """Makes XLA write the code of CPU loops by its older emitters, which compile sooner.

  An update of supervised fastText compiles in half the time, runs no slower, and has the same
  numbers. XLA reads this option once, from XLA_FLAGS, so call this before anything is compiled;
  `jax.jit` has no such option. Flags of the user's with other backend options, or in a file, stay.
  """
  flags = os.environ.get("XLA_FLAGS", "").strip()
  is_file = bool(flags) and not flags.startswith("--")
  if not is_file and _BACKEND_OPTIONS not in flags:
    os.environ["XLA_FLAGS"] = f"{flags} {_BACKEND_OPTIONS}={_OLDER_EMITTERS}".lstrip()


def _run_guarded(main: Callable[[], None]) -> None:
  """Calls `main()`; turns the errors that are not bugs into one line and an exit status."""
  logging.get_absl_handler().addFilter(_keeps_record)
  try:
    status = several_processes.supervise()
    if status is not None:
      sys.exit(status)
    gc.freeze()  # or each full collection would visit all objects of the imported modules
    with _standard_numbers(), interrupts.handled(exit_at_second=True):
      main()
      processes.finish()
    sys.stdout.flush()
    streams.check()
  except (InputError, OSError, app.UsageError) as error:
    _fail(_describe(error))
  except (EngineError, NonFiniteLoss, processes.ProcessLost) as error:
    _fail(str(error), status=1)
  except interrupts.Interrupted as error:
    _fail(str(error), status=error.status)
  except KeyboardInterrupt:
    _fail("interrupted", status=130)
  except ValueError as error:
    variable = jax_environment.unreadable_variable(error)  # where JAX is imported late
    if not variable:
      _leave_with_traceback()
      raise
    _fail(variable)
  except Exception:
    _leave_with_traceback()
    raise


def _leave_with_traceback() -> None:
  """Ends one process of several at a bug; does nothing where there is one."""
  if processes.count() > 1:
    traceback.print_exc()
    several_processes.leave(1)


def _standard_numbers() -> contextlib.AbstractContextManager:
  """Returns the context of JAX's standard numbers; none, and no JAX, where it is not imported yet.

  What is computed with a JAX that is imported later is computed by functions that set the same.
  """
  if sys.modules.get("jax") is None:
    return contextlib.nullcontext()
  return jax_environment.standard_numbers()


def _parse(argv: list[str], settings: Mapping[str, type]) -> list[str]:
  """Parses the flags, old spellings of keys among them; returns the arguments that are none."""
  try:
    argv = config_keys.resolve_recipes(argv, CONFIGS)
    sys.argv = config_keys.resolve_recipes(sys.argv, CONFIGS)
    cls = config_keys.settings_class(argv, settings)
    if config_keys.asks_for_help(argv):
      print(config_keys.help_text(cls, settings, CONFIGS))
      sys.exit(0)
    if cls:
      argv = config_keys.translate(argv, cls)
      sys.argv = config_keys.translate(sys.argv, cls, notify=note)  # ml_collections reads it too
    rest = flags.FLAGS(argv)
  except flags.UnrecognizedFlagError as error:
    _fail(config_keys.describe_unknown_flag(error.flagname, cls) if cls else _describe(error))
  except (flags.Error, InputError, OSError) as error:
    _fail(_describe(error))
  except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
    if not _is_override_error(error):
      raise
    _fail(_describe_override(_reason(error), argv))
  if len(rest) > 1:
    _fail(_describe_argument(rest[1]))
  return rest


def _reason(error: Exception) -> str:
  """Returns why absl or ml_collections refused a flag."""
  if isinstance(error, RecursionError):  # they compare unknown names with all others, recursively
    return "a name or a value is too long"
  return str(error)


def _fail(message: str, status: int = 2) -> None:
  sys.stdout.flush()
  print(f"error: {printable(message, 1000)}", file=sys.stderr)
  several_processes.leave(status)
  sys.exit(status)


def _describe(error: Exception) -> str:
  """Returns one line about bad input or a bad flag."""
  if isinstance(error, OSError) and error.filename is not None and error.strerror:
    return f"{error.filename}: {error.strerror}"
  if isinstance(error, OSError) and error.strerror:
    return error.strerror
  value = _FLAG_VALUE.match(str(error)) if isinstance(error, flags.Error) else None
  if value:
    return f"{value[1]}={quote(value[2])}, expected {_KINDS[value[3]]}."
  lines = str(error).strip().splitlines() or [type(error).__name__]
  required = re.search(r"Flag (--\w+) must have a value other than None", lines[0])
  if required:
    return f"{required[1]}=… is required; --help shows an example"
  # ml_collections wraps an error in a config file in several lines; the last one is the error.
  _, input_error, message = lines[-1].rpartition("InputError: ")
  if input_error:
    return message.removesuffix("\\n")
  recipe = re.search(r"flag (--config=.*?): .*get_config\(\) takes 0 positional", " ".join(lines))
  if recipe:
    return f"{recipe[1]}: this recipe has no variants, expected nothing after .py"
  os_error = re.search(r"\[Errno \d+\] (.*): '(.*)'$", lines[-1])
  if os_error:
    return f"{os_error[2]}: {os_error[1]}"
  return " ".join(map(str.strip, lines))


def _describe_argument(argument: str) -> str:
  """Returns one line about an argument that is no flag."""
  message = f"unexpected argument {argument!r}, expected flags only"
  nearest = difflib.get_close_matches(argument, list(flags.FLAGS), n=1)
  if nearest:
    return f"{message}; --{nearest[0]}=…?"
  return message


def _is_override_error(error: Exception) -> bool:
  """Returns whether ml_collections refused a --config.KEY=VALUE; else the config file failed."""
  for frame in traceback.extract_tb(error.__traceback__)[1:]:
    if "ml_collections" not in frame.filename and "absl" not in frame.filename:
      return False
  return True


def _describe_override(message: str, argv: list[str]) -> str:
  """Returns one line about a --config.KEY=VALUE that ml_collections refused with this message."""
  hint = re.search(r'Did you mean "(.*?)" instead of "(.*?)"', message)
  if hint:
    key = hint[2]
    suggestion = f"; did you mean {hint[1]}?"
  else:
    key = re.sub(r"[^\w.]", "", message.split("\\n")[0])
    suggestion = "."
  overrides = [argument for argument in argv[1:] if re.match(r"--?\w+\.", argument)]
  for argument in overrides:
    path = argument.lstrip("-").partition("=")[0]
    if key in path.split("."):
      return f"{argument}: there is no key {key!r}{suggestion}"
  return f"{' '.join(overrides)}: {' '.join(message.split())}"


def _keeps_record(record: python_logging.LogRecord) -> bool:
  """Returns whether to show a log record: all of this project; of libraries only warnings."""
  return record.levelno >= python_logging.WARNING or record.pathname.startswith(_SOURCES)
