"""What the folder of a run holds beside its checkpoints: settings, a lock, and metrics.jsonl."""

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
from collections.abc import Callable, Collection, Iterator
from typing import Any

from glove_jax import run_record, trackers
from glove_jax import settings as settings_lib
from glove_jax import sources as sources_lib
from glove_jax.errors import InputError
from glove_jax.files import BUILDING, REMOVING, atomic_write
from glove_jax.progress import log_stage
from glove_jax.run_record import CONFIG, RunRecord

LOCK = ".lock"
README = "README.md"
INPUTS = "inputs"  # Python values that the API has written to files

# What a run makes in its folder, and a killed one leaves there.
_FOLDERS = (
  "best", "checkpoints", "cooccurrence", "dev_ids", "encoder", "epochs", "final", "ids", "init",
  INPUTS, "model", "packed", "packed_contexts", "shards", "spark", trackers.EVENTS,
  "transposed", "wandb",
)
_FILES = (
  CONFIG, LOCK, README, run_record.NAME, "corpus.json", "layout.json", "lexicon.json",
  "metrics.json", "metrics.jsonl", "model.bin", "phrases.txt", "predicted.txt", "scores.json",
  "spark.log", "texts.json", "tokenizer.json", "tokenizer_config.json", trackers.PROGRESS,
  "vectors.txt", "vocab.txt",
)
_LEFTOVERS = (BUILDING, REMOVING)


def check_settings(folder: pathlib.Path, settings: Any) -> RunRecord:
  """Returns the record of a run of these settings, for its present start.

  Raises:
    InputError: the folder holds a run of other settings.
  """
  values = dataclasses.asdict(settings)
  before = _earlier_settings(folder, type(settings))
  if before is None:
    return RunRecord(values, sources=_describe_sources(settings, {}))
  record = run_record.read(folder) or RunRecord(before)
  sources = _describe_sources(settings, record.sources)
  compared = _compared_by_content(settings, before, record.sources)
  changes = changed(before, values, except_for=resumable_keys(settings) | compared)
  if changes:
    raise InputError(_describe_changes(folder, settings, changes))
  _check_sources(folder, settings, sources, record.sources)
  return RunRecord(values, record.settings, sources)


def _earlier_settings(folder: pathlib.Path, cls: type) -> dict[str, Any] | None:
  """Returns the settings of the run in a folder; None if the folder is free.

  A folder that holds nothing but settings is free: an error stopped that run before it made
  anything.
  """
  beside = {CONFIG, run_record.NAME, LOCK, INPUTS, README}
  if not any(entry.name not in beside for entry in folder.iterdir()):
    return None
  values = run_record.read_settings(folder)
  return None if values is None else settings_lib.translate(cls, values)


def _compared_by_content(
  settings: Any, before: dict[str, Any], sources: dict[str, dict]
) -> set[str]:
  """Returns the keys that name files at both starts, whose contents are compared, not names."""
  by_source = set(settings_lib.path_keys(type(settings), fingerprinted=False)) - set(sources)
  keys = set()
  for key in settings_lib.path_keys(type(settings)):
    if key not in by_source and before.get(key) and getattr(settings, key):
      keys.add(key)
  return keys


def _check_sources(
  folder: pathlib.Path, settings: Any, sources: dict[str, dict], earlier: dict[str, dict]
) -> None:
  """Raises InputError if a file that settings name has changed since the run began."""
  for key, description in earlier.items():
    if sources_lib.is_same(sources.get(key), description):
      continue
    value = getattr(settings, key)
    if key not in sources and value == description["value"]:
      sources[key] = description  # it is gone: whoever needs it says so
      continue
    raise InputError(
      f"{key}={value}: has other contents than {key}={description['value']} when the run in"
      f" {folder} began; use another --workdir."
    )


def _describe_sources(settings: Any, earlier: dict[str, dict]) -> dict[str, dict]:
  """Describes the files that settings name, but for those that are fingerprinted as they are read.

  A key without an earlier description, of a run of an older version, gets one now.
  """
  sources = {}
  for key in settings_lib.path_keys(type(settings), fingerprinted=False):
    description = sources_lib.describe(getattr(settings, key), earlier.get(key))
    if description:
      sources[key] = description
  return sources


def _describe_changes(folder: pathlib.Path, settings: Any, changes: list[str]) -> str:
  message = f"{folder} holds a run of other settings ({'; '.join(changes)}); use another --workdir"
  steered = [key for key in ("epochs", "steps") if any(c.startswith(f"{key} ") for c in changes)]
  if len(changes) != 1 or not steered or has_constant_rate(settings):
    return f"{message}."
  schedule = getattr(settings, "schedule", "linear")
  reason = f"its learning rate falls to the end of the run (schedule={schedule})"
  if "corpus" in settings_lib.field_names(type(settings)):
    return f"{message}: {reason}; --config.init={folder} there goes on from its result."
  return f"{message}: {reason}."


def resumable_keys(settings: Any) -> set[str]:
  """Returns the keys that may change when a run is resumed.

  More epochs would stretch a schedule that decays to the end: `epochs` and `steps` may change only
  where the learning rate is constant, or does not depend on them.
  """
  keys = settings_lib.resumable_keys(type(settings))
  if not has_constant_rate(settings):
    keys = keys - {"epochs", "steps"}
    if getattr(settings, "steps", 0):
      keys.add("epochs")  # without effect
  return keys


def has_constant_rate(settings: Any) -> bool:
  """Returns whether the learning rate does not depend on how long the run is."""
  if getattr(settings, "optimizer", "") == "row_adagrad":
    return True  # has no schedule
  keys = settings_lib.resumable_keys(type(settings))
  return "epochs" in keys and getattr(settings, "schedule", "constant") == "constant"


def changed(before: dict, after: dict, *, except_for: Collection[str] = ()) -> list[str]:
  """Lists the keys that differ; a key that only one side has counts as empty on the other."""
  changes = []
  for key in sorted({*before, *after} - set(except_for)):
    old, new = before.get(key), after.get(key)
    both = key in before and key in after
    differ = old != new if both else bool(old or new)
    if differ:
      changes.append(f"{key} was {old!r}, now {new!r}")
  return changes


@contextlib.contextmanager
def lock(folder: pathlib.Path) -> Iterator[None]:
  """Keeps other processes, and other runs of this one, out of a folder."""
  # Not truncated, and not through a link: the name may have been planted.
  descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
  try:
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    yield
  except BlockingIOError:
    raise InputError(
      f"{folder} is in use by another run; wait for it, or use another --workdir."
    ) from None
  finally:
    os.close(descriptor)


def refuse_links(folder: pathlib.Path) -> None:
  """Raises InputError for a symbolic link where a run writes: it would write or delete elsewhere.

  The folder of the run itself may be a link, and the user's own files in it may be.
  """
  for entry in _links(folder):
    raise InputError(
      f"{entry} is a symbolic link, expected a file or folder of the run; remove the link."
    )


def _links(folder: pathlib.Path) -> Iterator[pathlib.Path]:
  if not folder.is_dir():
    return
  for entry in folder.iterdir():
    is_ours = entry.name in (*_FOLDERS, *_FILES) or entry.name.endswith(_LEFTOVERS)
    if is_ours and entry.is_symlink():
      yield entry
    elif is_ours and entry.is_dir():
      yield from (path for path in entry.rglob("*") if path.is_symlink())


def open_metrics(
  path: pathlib.Path, *, step: int, saved: bytes | None = None
) -> tuple[list[dict], Callable[[dict], None]]:
  """Opens `metrics.jsonl` to go on from a step.

  Records after `step`, and a last line that a crash cut short, are dropped: the run makes them
  again.

  Args:
    path: of the file.
    step: where the run goes on.
    saved: the contents when the state of that step was saved. They count, whatever has happened to
      the file.

  Returns:
    The records up to `step`, and a function that appends one.
  """
  data = path.read_bytes() if path.exists() and step else b""
  if saved is not None and not data.startswith(saved):
    log_stage("metrics", f"{path} has been changed; restored from the checkpoint")
  text = (data if saved is None else saved).decode("utf-8", "replace")
  records = _parse_records(text, step)
  with atomic_write(path) as file:
    file.writelines(json.dumps(record) + "\n" for record in records)

  def append(record: dict) -> None:
    with path.open("a", encoding="utf-8") as file:
      file.write(json.dumps(record) + "\n")

  return records, append


def _parse_records(text: str, step: int) -> list[dict]:
  """Returns the records up to a step, and up to the first line that is none."""
  records = []
  for line in text.split("\n"):
    try:
      record = json.loads(line)
    except (ValueError, RecursionError):
      break
    if not isinstance(record, dict) or not isinstance(record.get("step"), int):
      break
    if record["step"] > step:
      break
    records.append(record)
  return records
