"""Sends the records of a run to TensorBoard, trackio or Weights & Biases, beside metrics.jsonl."""

import dataclasses
import importlib
import importlib.util
import pathlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from glove_jax import installation
from glove_jax.errors import InputError
from glove_jax.files import read_json, remove_folder, write_json

EVENTS = "tensorboard"  # the folder of TensorBoard's record in that of a run
PROGRESS = "track.json"  # what the other two have received
PACKAGES = {"tensorboard": "tensorboardX", "trackio": "trackio", "wandb": "wandb"}
CHOICES = ("", *PACKAGES)
_PROJECT = "glove_jax"
_NOT_SCALARS = ("step", "time_s")


class Tracker(Protocol):
  """Where records are sent."""

  def log(self, record: Mapping[str, Any]) -> None:
    """Sends a record of metrics.jsonl."""
    ...

  def log_scores(self, scores: Mapping[str, Mapping[str, Any]]) -> None:
    """Sends the scores of a finished run, by part, at the step of the last record."""
    ...

  def close(self) -> None:
    """Ends the sending; everything has been written after it."""
    ...


class NoTracker:
  """Sends records nowhere."""

  def log(self, record: Mapping[str, Any]) -> None:
    """Does nothing."""

  def log_scores(self, scores: Mapping[str, Mapping[str, Any]]) -> None:
    """Does nothing."""

  def close(self) -> None:
    """Does nothing."""


def check(name: str) -> None:
  """Raises InputError if the package of a tracker is not installed."""
  if name and importlib.util.find_spec(PACKAGES[name]) is None:
    package = PACKAGES[name]
    raise InputError(f"track={name} needs {package}: {installation.pip_install(package)}")


def open(folder: pathlib.Path, settings: Any, records: Sequence[Mapping[str, Any]]) -> Tracker:
  """Returns the tracker that the key `track` of some settings names, ready for new records.

  Args:
    folder: of the run.
    settings: a dataclass, whose keys are the hyperparameters.
    records: of the run so far; a tracker that lacks some receives them now, and none twice.

  Raises:
    InputError: its package is not installed.
  """
  name = getattr(settings, "track", "")
  if not name:
    return NoTracker()
  check(name)
  values = {key: _plain(value) for key, value in dataclasses.asdict(settings).items()}
  tracker = TensorBoard(folder, values) if name == "tensorboard" else Online(name, folder, values)
  for record in records:
    tracker.log(record)
  return tracker


def _plain(value: Any) -> Any:
  """Returns a setting as trackers take it: None, which they do not take, is a text."""
  return "None" if value is None else value


def scalars(record: Mapping[str, Any]) -> dict[str, float]:
  """Returns the numbers of a record that are metrics."""
  values = {}
  for name, value in record.items():
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and name not in _NOT_SCALARS:
      values[name] = value
  return values


def final_scalars(scores: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
  """Returns the scores of all parts under one name each, such as test/accuracy."""
  values = {}
  for part, part_scores in scores.items():
    for name, value in scalars(part_scores).items():
      values[f"{part}/{name}"] = value
  return values


class TensorBoard:
  """Event files in the folder of a run; made anew at each start, so that no step is in it twice."""

  def __init__(self, folder: pathlib.Path, hyperparameters: Mapping[str, Any]):
    writers = importlib.import_module("tensorboardX")
    summaries = importlib.import_module("tensorboardX.summary")
    remove_folder(folder / EVENTS)
    self._step = 0
    self._writer = writers.SummaryWriter(str(folder / EVENTS))
    # Not `add_hparams`, which writes a run of its own that has none of the curves.
    for summary in summaries.hparams(dict(hyperparameters), {"loss": None}):
      self._writer.file_writer.add_summary(summary)

  def log(self, record: Mapping[str, Any]) -> None:
    """Adds the numbers of a record."""
    self._step = record["step"]
    self._add(scalars(record))

  def log_scores(self, scores: Mapping[str, Mapping[str, Any]]) -> None:
    """Adds the scores of a finished run."""
    self._add(final_scalars(scores))

  def _add(self, values: Mapping[str, float]) -> None:
    for name, value in values.items():
      self._writer.add_scalar(name, value, self._step)
    self._writer.flush()

  def close(self) -> None:
    """Closes the event file."""
    self._writer.close()


class Online:
  """A run of trackio or Weights & Biases, which have the same functions.

  `track.json` in the run's folder names their run, and says up to which record it has come: a run
  that is started again goes on there. Records that a killed process had sent are not sent again;
  they have the same numbers.
  """

  def __init__(self, name: str, folder: pathlib.Path, hyperparameters: Mapping[str, Any]):
    self._module = importlib.import_module(name)
    self._file = folder / PROGRESS
    self._sent = 0  # records of this run that have been seen here, whether sent now or earlier
    progress = read_json(self._file) if self._file.exists() else {}
    if progress.get("tracker") != name:
      progress = {"tracker": name, "id": uuid.uuid4().hex[:12], "records": 0, "scored": None}
    self._progress = progress
    self._step = 0
    options: dict[str, Any] = {"project": _PROJECT, "config": dict(hyperparameters)}
    options["name"] = f"{folder.absolute().name}-{progress['id']}"
    if name == "wandb":
      options |= {"id": progress["id"], "dir": str(folder)}
    self._module.init(resume="allow", **options)

  def log(self, record: Mapping[str, Any]) -> None:
    """Sends the numbers of a record, unless an earlier process did."""
    self._sent += 1
    self._step = record["step"]
    if self._sent <= self._progress["records"]:
      return
    self._module.log(scalars(record), step=self._step)
    self._progress["records"] = self._sent
    write_json(self._file, self._progress)

  def log_scores(self, scores: Mapping[str, Mapping[str, Any]]) -> None:
    """Sends the scores of a finished run, unless an earlier process did."""
    if self._progress["scored"] == self._step:
      return
    self._module.log(final_scalars(scores), step=self._step)
    self._progress["scored"] = self._step
    write_json(self._file, self._progress)

  def close(self) -> None:
    """Waits until everything has been sent."""
    self._module.finish()
