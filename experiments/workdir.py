"""A run's folder: its configuration, its metrics, and what may change between two starts of the same run."""

import fcntl
import json
import pathlib
from collections.abc import Callable, Collection

from glove_jax.errors import InputError
from glove_jax.files import atomic_write

_LOCK = ".lock"


def claim(path: str, config: dict, *, free: Collection[str] = ()) -> pathlib.Path:
  """The folder of a run, made if need be, with `config.json` in it.

  A folder that another run has begun is that run's: it can only be gone on with. One that holds nothing but the
  settings, of a run that an error has stopped before it made anything, is free.

  Args:
    config: the configuration, JSON-ready.
    free: keys that may differ from those of the run's first start.

  Raises:
    InputError: there is a `config.json` of other settings; they are listed.
  """
  folder = pathlib.Path(path)
  file = folder / "config.json"
  if folder.exists() and not folder.is_dir():
    raise InputError(f"{folder} is a file; expected a folder for the run.")
  folder.mkdir(parents=True, exist_ok=True)
  _lock(folder)
  for leftover in folder.glob(".*.tmp"):  # of a run that was killed while it wrote
    leftover.unlink()
  if file.exists() and {one.name for one in folder.iterdir()} - {file.name, _LOCK}:
    before = read_json(file)
    if found := changed(before, config, free=free):
      raise InputError(f"{folder} holds a run of other settings ({'; '.join(found)}); use another --workdir.")
  write_json(file, config)
  return folder


def changed(before: dict, config: dict, *, free: Collection[str] = ()) -> list[str]:
  """Which keys differ; a key that is older than a run, or younger, is as if it were empty there."""
  def differ(key: str) -> bool:
    return before[key] != config[key] if key in before and key in config else bool(before.get(key) or config.get(key))
  return [f"{key} was {before.get(key)!r}, now {config.get(key)!r}"
          for key in sorted({*before, *config}) if key not in free and differ(key)]


def _lock(folder: pathlib.Path) -> None:
  """Keeps other processes out of the folder for as long as this one lives."""
  file = open(folder / _LOCK, "w")  # noqa: SIM115
  try:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
  except BlockingIOError:
    raise InputError(f"{folder} is in use by another run; wait for it, or use another --workdir.") from None
  _LOCKS.append(file)


_LOCKS = []  # held open until the process ends


def read_json(path: pathlib.Path):
  """Reads a JSON file; InputError if it is none."""
  try:
    return json.loads(path.read_text(encoding="utf-8"))
  except ValueError as error:
    raise InputError(f"{path}: not JSON ({error}).") from None


def write_json(path: pathlib.Path, value) -> None:
  """Writes a JSON file, whole or not at all."""
  with atomic_write(path) as file:
    json.dump(value, file, indent=2, ensure_ascii=False)
    file.write("\n")


def metrics_log(path: pathlib.Path, *, step: int) -> tuple[list[dict], Callable[[dict], None]]:
  """Opens `metrics.jsonl` to go on from `step`: (records up to it, a function that appends one).

  Records after `step`, and a last line that a crash cut short, are dropped: the run makes them again.
  """
  kept = []
  for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
    try:
      record = json.loads(line)
    except ValueError:
      break
    if record["step"] > step:
      break
    kept.append(record)
  with atomic_write(path) as file:
    file.writelines(json.dumps(record) + "\n" for record in kept)
  def append(record: dict) -> None:
    with open(path, "a", encoding="utf-8") as file:
      file.write(json.dumps(record) + "\n")
  return kept, append
