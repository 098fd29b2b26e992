"""`run.json`: what a run remembers of itself, under a checksum.

It holds the settings, of which `config.json` is the copy for people and programs, fingerprints of
the files that settings name, and checksums of the results that have none in their formats.
"""

import dataclasses
import pathlib
from typing import Any

from glove_jax.errors import InputError, quote
from glove_jax.files import file_checksum, read_json, read_record, write_json, write_record

NAME = "run.json"
CONFIG = "config.json"
_RESULTS = ("lexicon.json", "model.bin", "encoder/*")


@dataclasses.dataclass(frozen=True)
class RunRecord:
  """The contents of `run.json`.

  Attributes:
    settings: of the run.
    previous: the settings before the last change: `config.json` has them where a process was killed
      between the two files.
    sources: key of the settings -> the file or folder that it names, as of `sources.describe`.
    results: name of a file of the finished run -> its checksum.
  """

  settings: dict[str, Any]
  previous: dict[str, Any] | None = None
  sources: dict[str, dict] = dataclasses.field(default_factory=dict)
  results: dict[str, list[int]] = dataclasses.field(default_factory=dict)


def read(folder: pathlib.Path) -> RunRecord | None:
  """Returns the record of a run; None for a run of an older version, which has none.

  Raises:
    InputError: the record is damaged.
  """
  path = folder / NAME
  if not path.exists():
    return None
  remedy = f"delete it to go on without the checks of {CONFIG} and of the files it names"
  values = read_record(path, remedy=remedy)
  if not _is_record(values):
    raise InputError(f"{path}: found other keys or values than those of a run; {remedy}.")
  return RunRecord(**values)


def _is_record(values: dict[str, Any]) -> bool:
  """Returns whether a JSON object has the fields of a record."""
  if not {"settings"} <= set(values) <= {field.name for field in dataclasses.fields(RunRecord)}:
    return False
  mappings = [values["settings"], values.get("sources", {}), values.get("results", {})]
  if not all(isinstance(mapping, dict) for mapping in [*mappings, values.get("previous") or {}]):
    return False
  _, sources, results = mappings
  are_sources = all(map(_is_source, sources.values()))
  return are_sources and all(map(is_checksum, results.values()))


def _is_source(value: Any) -> bool:
  return isinstance(value, dict) and {"value", "fingerprint"} <= set(value)


def is_checksum(value: Any) -> bool:
  """Returns whether a value of JSON is a size and a checksum."""
  return isinstance(value, list) and len(value) == 2 and all(type(each) is int for each in value)


def write(folder: pathlib.Path, record: RunRecord) -> None:
  """Writes the record of a run, then its `config.json`."""
  write_record(folder / NAME, dataclasses.asdict(record))
  path = folder / CONFIG
  if not path.exists() or read_json(path) != record.settings:
    write_json(path, record.settings)


def read_settings(folder: pathlib.Path) -> dict[str, Any] | None:
  """Returns the settings of the run in a folder; None if there are none.

  Raises:
    InputError: `config.json` has been changed since the run wrote it.
  """
  path = folder / CONFIG
  record = read(folder)
  if not path.exists():
    return record.settings if record else None
  values = read_json(path)
  if not isinstance(values, dict):
    raise InputError(f"{path}: found no JSON object, expected the settings of a run.")
  if record and values not in (record.settings, record.previous):
    raise InputError(
      f"{path}: {_first_change(values, record.settings)}, as the run wrote it; restore it, or"
      " delete it to have it written again."
    )
  return values


def with_results(folder: pathlib.Path, record: RunRecord) -> RunRecord:
  """Returns the record of a run whose results have been written."""
  results = {}
  for name in _RESULTS:
    for path in sorted(folder.glob(name)):
      if path.is_file():
        results[path.relative_to(folder).as_posix()] = file_checksum(path)
  return dataclasses.replace(record, results=results)


def check_results(folder: pathlib.Path) -> None:
  """Raises InputError if a result of a finished run has been changed."""
  record = read(folder)
  for name, expected in record.results.items() if record else ():
    path = folder / name
    actual = file_checksum(path) if path.is_file() else [0, 0]
    if actual != expected:
      raise InputError(
        f"{path}: {describe_checksum(actual)}, expected {describe_checksum(expected)}; start the"
        " run again to have it written again."
      )


def describe_checksum(checksum: list[int]) -> str:
  """Returns a size and a checksum in words."""
  size, crc = checksum
  return f"{size:,} bytes of checksum {crc}"


def _first_change(values: dict[str, Any], expected: dict[str, Any]) -> str:
  for key in sorted({*values, *expected}):
    if values.get(key) != expected.get(key):
      return f"found {key}={quote(values.get(key))}, expected {quote(expected.get(key))}"
  return "found other keys"
