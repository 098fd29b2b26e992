"""Reads the folders of runs, finished or not, as values."""

import dataclasses
import glob
import json
import math
import os
import pathlib
from collections.abc import Sequence
from typing import Any

from glove_jax import run_record
from glove_jax.errors import InputError
from glove_jax.files import read_json

VECTORS = "word vectors"
LANGUAGE_MODEL = "language model"
CLASSIFIER = "classifier"
TAGGER = "tagger"
UNREADABLE = "unreadable"
_LANGUAGE_MODELS = ("bert", "gpt")
_NO_CURVES = ("step", "time_s")

Curve = list[tuple[int, float]]  # (step, value)


@dataclasses.dataclass(frozen=True)
class Run:
  """The folder of a run.

  Attributes:
    name: that tells it from the other runs.
    folder: of the run.
    kind: one of the constants above.
    settings: of config.json.
    scores: part ("dev", "test") -> what metrics.json has of it.
    curves: name of a metric -> its values, by step.
    seconds: of training, as the last line of metrics.jsonl has them.
    is_finished: whether the results are written.
    notes: what is missing or damaged.
  """

  name: str
  folder: pathlib.Path
  kind: str
  settings: dict[str, Any] = dataclasses.field(default_factory=dict)
  scores: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
  curves: dict[str, Curve] = dataclasses.field(default_factory=dict)
  seconds: float | None = None
  is_finished: bool = False
  notes: tuple[str, ...] = ()


def expand(patterns: Sequence[str]) -> list[pathlib.Path]:
  """Returns the folders of runs that paths and globs name, each once.

  Raises:
    InputError: a path is no folder of a run, or a glob matches none.
  """
  folders: dict[pathlib.Path, None] = {}
  for pattern in patterns:
    if os.path.exists(pattern) or not glob.has_magic(pattern):
      matches = [pathlib.Path(pattern)]
      _check_is_run(matches[0])
    else:
      matches = [path for path in map(pathlib.Path, sorted(glob.glob(pattern))) if is_run(path)]
    if not matches:
      raise InputError(f"{pattern}: no folder of a run matches.")
    folders.update(dict.fromkeys(matches))
  return list(folders)


def is_run(folder: pathlib.Path) -> bool:
  """Returns whether a folder holds the settings of a run."""
  return (folder / run_record.CONFIG).is_file() or (folder / run_record.NAME).is_file()


def _check_is_run(folder: pathlib.Path) -> None:
  if not folder.is_dir():
    raise InputError(f"{folder}: no such folder, expected the workdir of a run.")
  if not is_run(folder):
    raise InputError(f"{folder}: has no {run_record.CONFIG}, expected the workdir of a run.")


def names(folders: Sequence[pathlib.Path]) -> list[str]:
  """Returns the paths of folders without the parents that all of them share."""
  absolute = [os.path.abspath(folder) for folder in folders]
  shared = os.path.commonpath([os.path.dirname(path) for path in absolute])
  return [os.path.relpath(path, shared) for path in absolute]


def read_all(folders: Sequence[pathlib.Path]) -> list[Run]:
  """Returns the runs in some folders."""
  return [read(folder, name) for folder, name in zip(folders, names(folders), strict=True)]


def read(folder: pathlib.Path, name: str) -> Run:
  """Returns the run in a folder; what is damaged becomes a note.

  Args:
    folder: of the run.
    name: of the run.
  """
  try:
    settings = run_record.read_settings(folder)
  except (InputError, OSError) as error:
    return Run(name, folder, UNREADABLE, notes=(str(error),))
  if not settings:
    return Run(name, folder, UNREADABLE, notes=(f"{folder}: no settings.",))
  kind = kind_of(settings)
  notes = []
  records, is_whole = read_records(folder / "metrics.jsonl")
  if not is_whole:
    notes.append("metrics.jsonl has a damaged line; the curves end before it.")
  scores = {}
  try:
    scores = _read_scores(folder / "metrics.json")
  except (InputError, OSError) as error:
    notes.append(str(error))
  is_finished = bool(scores) or _has_result(folder, kind)
  if not is_finished:
    notes.append("Not finished: it has no results yet.")
  return Run(
    name, folder, kind, settings, scores, curves_of(records), _last_time(records), is_finished,
    tuple(notes),
  )  # fmt: skip


def kind_of(settings: dict[str, Any]) -> str:
  """Returns what a run of these settings makes."""
  if "corpus" in settings:
    is_language_model = settings.get("method") in _LANGUAGE_MODELS
    return LANGUAGE_MODEL if is_language_model else VECTORS
  return TAGGER if "tag_column" in settings else CLASSIFIER


def _has_result(folder: pathlib.Path, kind: str) -> bool:
  """Returns whether a run of pretraining has written its result."""
  if kind == VECTORS:
    return (folder / "vectors.txt").is_file()
  return kind == LANGUAGE_MODEL and (folder / "model" / "config.json").is_file()


def read_records(path: pathlib.Path) -> tuple[list[dict[str, Any]], bool]:
  """Returns the records of metrics.jsonl up to the first damaged line, and whether none is."""
  records = []
  if not path.is_file():
    return records, True
  for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
    try:
      record = json.loads(line)
    except (ValueError, RecursionError):
      return records, False
    if not isinstance(record, dict) or type(record.get("step")) is not int:
      return records, False
    records.append(record)
  return records, True


def curves_of(records: Sequence[dict[str, Any]]) -> dict[str, Curve]:
  """Returns the values of each metric by step, without those that are not finite."""
  curves: dict[str, Curve] = {}
  for record in records:
    for metric, value in record.items():
      if metric not in _NO_CURVES and is_number(value):
        curves.setdefault(metric, []).append((record["step"], float(value)))
  return curves


def is_number(value: Any) -> bool:
  """Returns whether a value of JSON is a finite number."""
  return type(value) in (int, float) and math.isfinite(value)


def _last_time(records: Sequence[dict[str, Any]]) -> float | None:
  times = [record["time_s"] for record in records if is_number(record.get("time_s"))]
  return times[-1] if times else None


def _read_scores(path: pathlib.Path) -> dict[str, dict[str, Any]]:
  """Returns the scores of each part; none where the file is missing."""
  if not path.exists():
    return {}
  scores = read_json(path)
  if not isinstance(scores, dict) or not all(isinstance(part, dict) for part in scores.values()):
    raise InputError(f"{path}: found other values than the scores of parts.")
  return scores
