"""What the folder of a run holds beside its checkpoints: settings, a lock, and metrics.jsonl."""

import contextlib
import dataclasses
import fcntl
import json
import pathlib
from collections.abc import Callable, Collection, Iterator
from typing import Any

from glove_jax import settings as settings_lib
from glove_jax.errors import InputError
from glove_jax.files import atomic_write, read_json

LOCK = ".lock"
INPUTS = "inputs"  # Python values that the API has written to files


def check_settings(folder: pathlib.Path, settings: Any) -> None:
  """Raises InputError if the folder holds a run of other settings."""
  path = folder / "config.json"
  others = {entry.name for entry in folder.iterdir()} - {path.name, LOCK, INPUTS}
  if not (path.exists() and others):
    return
  before = settings_lib.translate(type(settings), read_json(path))
  changes = changed(before, dataclasses.asdict(settings), except_for=resumable_keys(settings))
  if changes:
    raise InputError(
      f"{folder} holds a run of other settings ({'; '.join(changes)}); use another --workdir."
    )


def resumable_keys(settings: Any) -> set[str]:
  """Returns the keys that may change when a run is resumed.

  More epochs would stretch a schedule that decays to the end: `epochs` may change only where the
  schedule is constant.
  """
  keys = settings_lib.resumable_keys(type(settings))
  if getattr(settings, "schedule", "constant") != "constant":
    keys.discard("epochs")
  return keys


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
  with (folder / LOCK).open("w") as file:
    try:
      fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
      raise InputError(
        f"{folder} is in use by another run; wait for it, or use another --workdir."
      ) from None
    yield


def open_metrics(path: pathlib.Path, *, step: int) -> tuple[list[dict], Callable[[dict], None]]:
  """Opens `metrics.jsonl` to go on from a step.

  Records after `step`, and a last line that a crash cut short, are dropped: the run makes them
  again.

  Returns:
    The records up to `step`, and a function that appends one.
  """
  records = []
  for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
    try:
      record = json.loads(line)
    except ValueError:
      break
    if record["step"] > step:
      break
    records.append(record)
  with atomic_write(path) as file:
    file.writelines(json.dumps(record) + "\n" for record in records)

  def append(record: dict) -> None:
    with path.open("a", encoding="utf-8") as file:
      file.write(json.dumps(record) + "\n")

  return records, append
