"""Settings of a command line: `--config.KEY=VALUE` as absl and ml_collections parse them."""

import pathlib
import sys
from unittest import mock

from fuzz.trials import Files, Reader

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / "experiments")]
from absl import flags  # noqa: E402
from ml_collections import config_dict, config_flags  # noqa: E402

from glove_jax import settings  # noqa: E402
from glove_jax.errors import InputError  # noqa: E402
from glove_jax.finetuning import settings as finetuning_settings  # noqa: E402
from glove_jax.pretraining import settings as pretraining_settings  # noqa: E402
from tools import program  # noqa: E402

_VALUES = [b"5", b"0.1", b"true", b"a.txt", b"none", b"word2vec", b"", b"1e3", b"[1]", b"(1,)"]


def readers() -> list[Reader]:
  """Returns the reader of a command line."""
  seeds = []
  keys = set()
  for method in ("word2vec", "bert"):
    keys |= settings.field_names(pretraining_settings.SETTINGS[method])
  for key in sorted(keys):
    for value in _VALUES:
      seeds.append({"arguments": f"--config.{key}=".encode() + value})
  tokens = [b"--config.", b"=", b".", b"None", *_VALUES, *map(str.encode, sorted(keys))]
  return [Reader("command_line", seeds, _read, _check, tokens)]


def _read(folder: pathlib.Path):
  data = (folder / "arguments").read_bytes()
  # Arguments have no zero bytes, and other bytes than UTF-8 become surrogates.
  arguments = data.replace(b"\0", b"").decode("utf-8", "surrogateescape").split("\n")
  module = pretraining_settings if len(data) % 2 else finetuning_settings
  name = "word2vec" if len(data) % 2 else "classify"
  values = flags.FlagValues()
  # A definition prints its default twice, as YAML, which takes ten times as long as parsing.
  with mock.patch.object(config_dict.ConfigDict, "__str__", object.__repr__):
    config_flags.DEFINE_config_dict("config", module.config(name), flag_values=values)
  argv = ["program", *(argument for argument in arguments if argument.startswith("--config."))]
  try:
    values(argv)
  except flags.Error as error:
    raise InputError(program._describe(error)) from None
  except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
    if not program._is_override_error(error):
      raise
    raise InputError(program._describe_override(program._reason(error), argv)) from None
  return module.parse(values.config)


def _check(value, files: Files) -> None:
  assert value is not None
