"""A finished run: how it reads files, is scored on new gold data, and exported."""

import contextlib
import dataclasses
import os
import pathlib
import tempfile
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from glove_jax import jax_environment
from glove_jax.errors import InputError, quote
from glove_jax.files import read_json, write_json
from glove_jax.finetuning import datasets, new_texts
from glove_jax.finetuning.data_settings import Data, TaggedData
from glove_jax.finetuning.model import Model
from glove_jax.finetuning.scoring import Scores
from glove_jax.progress import log_stage
from glove_jax.train import Params

SCORES = "scores.json"  # of new gold data, in the folder of a run

# Keys that say how files are read: they may be others than those of training.
LAYOUT_KEYS = (
  "format", "label_column", "text_column", "header", "delimiter", "token_column", "tag_column",
)  # fmt: skip
READING_KEYS = (*LAYOUT_KEYS, "encoding", "errors", "label_names")


class FinishedRun(NamedTuple):
  """A run that can label texts."""

  settings: Data
  params: Params
  model: Model
  folder: pathlib.Path | None = None  # None: the run has not been saved
  reads_as_train: bool = True  # whether files are laid out as the training texts, if they can be

  def reading(self, changes: dict[str, Any]) -> "FinishedRun":
    """Returns the run with other settings of how files are read."""
    changes = {key: value for key, value in changes.items() if key in READING_KEYS}
    keys = {field.name for field in dataclasses.fields(self.settings)}
    foreign = sorted(set(changes) - keys)
    if foreign:
      raise InputError(f"{foreign[0]} is no key of method={self.settings.method}.")
    return self._replace(
      settings=dataclasses.replace(self.settings, **changes),
      reads_as_train=self.reads_as_train and not set(changes) & set(LAYOUT_KEYS),
    )

  @property
  def layout_folder(self) -> pathlib.Path | None:
    """The folder that says how the training texts are laid out, if files are read alike."""
    return self.folder if self.reads_as_train else None


@jax_environment.standard()
def score_file(run: FinishedRun, path: str) -> Scores:
  """Returns the scores on a file of labelled or tagged texts.

  Raises:
    InputError: the file cannot be read.
  """
  with new_texts.regular_file(path) as file, _label_names(run) as settings:
    gold = datasets.read_file(
      settings, file, folder=run.layout_folder, classes=run.model.labels
    )
  _log_foreign(path, run, gold)
  return run.model.score(run.params, gold)


@jax_environment.standard()
def export(run: FinishedRun, folder: str | os.PathLike) -> str:
  """Writes a run as a folder that transformers or sentence-transformers load, with its head.

  Args:
    run: of a transformer.
    folder: that is new, or holds an earlier export; it is whole or absent.

  Returns:
    The name of the class that loads it.

  Raises:
    InputError: the libraries have no such model, or the folder holds other files.
  """
  if run.model.export is None:
    also = ""
    if run.settings.method == "fasttext_supervised":
      also = "; the run's model.bin is in fastText's format"
    raise InputError(
      f"method={run.settings.method} has no class in transformers, expected method=transformer or"
      f" transformer_tagger{also}."
    )
  return run.model.export(run.params, pathlib.Path(folder))


def record_scores(folder: pathlib.Path, scores: dict[str, Scores]) -> pathlib.Path:
  """Adds scores to `scores.json` in the folder of a run, by the names of their files."""
  path = folder / SCORES
  record = read_json(path) if path.is_file() else {}
  if not isinstance(record, dict):
    raise InputError(f"{path}: found no JSON object, expected the scores of files.")
  record |= {name: file_scores.values for name, file_scores in scores.items()}
  write_json(path, record)
  return path


def split_files(names: str) -> list[str]:
  """Returns the files that a key names, separated by commas; a name may have commas."""
  if os.path.exists(names):
    return [names]
  files = [name.strip() for name in names.split(",")]
  if not all(files):
    raise InputError(f"{names!r} has an empty name, expected files separated by commas.")
  return files


@contextlib.contextmanager
def _label_names(run: FinishedRun) -> Iterator[Data]:
  """Gives settings whose file of label names exists: a moved run knows the names itself."""
  names = getattr(run.settings, "label_names", "")
  if not names or os.path.exists(names) or isinstance(run.settings, TaggedData):
    yield run.settings
    return
  with tempfile.TemporaryDirectory(prefix="glove_jax-") as folder:
    path = pathlib.Path(folder, "names.txt")
    path.write_text("".join(f"{label}\n" for label in run.model.labels), encoding="utf-8")
    yield dataclasses.replace(run.settings, label_names=str(path), encoding="utf-8")


def _log_foreign(path: str, run: FinishedRun, gold: Any) -> None:
  """Reports labels, or types of entities, that a run cannot predict."""
  expected: Collection[str] = run.model.labels
  found: Sequence[str] = gold[2]  # classes, or types
  if isinstance(run.settings, TaggedData):
    expected = {label.partition("-")[2] for label in run.model.labels}
  foreign = [label for label in found if label not in expected]
  if foreign:
    examples = ", ".join(quote(label, 40) for label in foreign[:3])
    name = new_texts.display_name(path)
    log_stage("labels", f"{len(foreign):,} of {name} are not of the run: {examples}")
