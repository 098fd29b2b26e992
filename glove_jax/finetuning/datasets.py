"""The labelled texts of a run: read, divided into parts, recorded in its folder."""

import itertools
import pathlib
import time
from typing import Any

from glove_jax.data.labelled import classification, tagging
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.tagging import Tagged
from glove_jax.data.text import corpus
from glove_jax.errors import InputError
from glove_jax.files import read_json, write_json
from glove_jax.finetuning.setting_groups import Data, LabelledData, TaggedData
from glove_jax.progress import log_stage

PARTS = ("train", "dev", "test")
SCHEME = "bioes"  # of the tags that are learnt, whatever scheme the files have


def read(settings: Data) -> dict[str, Labelled] | dict[str, Tagged]:
  """Returns the texts of a task: `train`, and `dev` and `test` where there are any.

  Raises:
    InputError: a file cannot be read, `fold` is malformed, or no training texts are left.
  """
  return read_tagged(settings) if isinstance(settings, TaggedData) else read_labelled(settings)


def read_file(settings: Data, path: str) -> Labelled | Tagged:
  """Returns the texts of one file, read as the training texts are."""
  reading = {"encoding": settings.encoding, "errors": settings.errors}
  if isinstance(settings, TaggedData):
    return tagging.read(path, token=settings.token_column, tag=settings.tag_column, **reading)
  return classification.read(path, settings.format, names=settings.label_names or None, **reading)


def read_labelled(settings: LabelledData) -> dict[str, Labelled]:
  """Returns the labelled texts of each part."""
  start = time.monotonic()
  data = _divide(settings, classification)
  sizes = [f"{len(part.texts):,} {name}" for name, part in data.items()]
  log_stage("texts", f"{', '.join(sizes)}; {len(data['train'].classes)} classes", start)
  log_leaks({name: part.texts for name, part in data.items()})
  return data


def read_tagged(settings: TaggedData) -> dict[str, Tagged]:
  """Returns the tagged sentences of each part."""
  start = time.monotonic()
  data = _divide(settings, tagging)
  sizes = []
  for name, part in data.items():
    entities = sum(map(len, part.spans))
    sizes.append(f"{len(part.sentences):,} {name} ({entities:,} entities)")
  log_stage("texts", f"{', '.join(sizes)}; {len(data['train'].types)} types", start)
  log_leaks({name: list(map(" ".join, part.sentences)) for name, part in data.items()})
  return data


def _divide(settings: Data, kind: Any) -> dict[str, Any]:
  """Reads the parts that have files, and takes the others from `train`.

  Args:
    settings: of the run.
    kind: module `classification` or `tagging`, whose `folds` and `split` divide texts.
  """
  data = {}
  for name in PARTS:
    path = getattr(settings, name)
    if path:
      data[name] = read_file(settings, path)
  if settings.fold:
    number, count = _parse_fold(settings)
    # The folds do not depend on the seed: seeds then differ in the training alone.
    data["train"], data["test"] = kind.folds(data["train"], count, seed=0)[number - 1]
  if "dev" not in data and settings.dev_fraction:
    rest, held_out = kind.split(data["train"], settings.dev_fraction, seed=settings.seed)
    data |= {"train": rest, "dev": held_out}
  available = len(data["train"][0])
  if 0 < settings.max_train_texts < available:
    share = settings.max_train_texts / available
    data["train"] = kind.split(data["train"], share, seed=settings.seed)[1]
  data = {name: data[name] for name in PARTS if name in data and data[name][0]}
  if "train" not in data:
    message = f"dev_fraction={settings.dev_fraction} leaves no texts to learn from."
    raise InputError(f"{settings.train}: {message}")
  return data


def _parse_fold(settings: Data) -> tuple[int, int]:
  """Returns the number of a fold, from 1, and how many folds there are."""
  number, _, count = settings.fold.partition("/")
  is_fold = number.isdigit() and count.isdigit() and 0 < int(number) <= int(count)
  if settings.test or not is_fold:
    values = f"fold={settings.fold!r} with test={settings.test!r}"
    raise InputError(f"{values}, expected a fold such as 1/10 and no test file.")
  return int(number), int(count)


def log_leaks(texts: dict[str, list[str]]) -> None:
  """Reports how many texts of dev and test occur in an earlier part as well."""
  for earlier, part in itertools.combinations(texts, 2):
    repeated = classification.count_duplicates(texts[part], texts[earlier])
    if repeated:
      size = len(texts[part])
      log_stage("leak", f"{repeated:,} of {size:,} texts of {part} are in {earlier} too")


def record_files(settings: Data, folder: pathlib.Path) -> None:
  """Writes the files of a run and a hash of their contents to `texts.json` in its folder.

  Raises:
    InputError: the texts have changed since the run began.
  """
  files = _files(settings)
  record = {"files": list(map(str, files)), "fingerprint": corpus.fingerprint(files)}
  path = folder / "texts.json"
  if path.exists() and read_json(path) != record:
    message = f"the texts have changed since the run in {folder} began; use another --workdir."
    raise InputError(f"{settings.train}: {message}")
  write_json(path, record)


def _files(settings: Data) -> list[pathlib.Path]:
  """Returns the files of all parts; those of folders are sorted."""
  files = []
  for name in PARTS:
    if getattr(settings, name):
      path = pathlib.Path(getattr(settings, name))
      inside = sorted(filter(pathlib.Path.is_file, path.rglob("*")))
      files += inside or [path]
  return files


def class_targets(settings: Data, data: dict[str, Labelled]) -> dict[str, list[int]]:
  """Returns the class of each text of each part, as an index into the classes of `train`.

  Raises:
    InputError: a text has several labels.
  """
  index = {label: i for i, label in enumerate(data["train"].classes)}
  targets = {}
  for part, texts in data.items():
    for labels in texts.labels:
      if len(labels) > 1 or (part == "train" and labels[0] not in index):
        path = getattr(settings, part)
        raise InputError(f"{path}: a text has the labels {', '.join(labels)}, expected one.")
    targets[part] = [index.get(labels[0], 0) for labels in texts.labels]
  return targets


def tag_names(data: dict[str, Tagged]) -> list[str]:
  """Returns all tags that are learnt."""
  return tagging.names(data["train"].types, SCHEME)


def tag_targets(names: list[str], part: Tagged) -> list[list[int]]:
  """Returns the tags of each sentence, as indices into `names`."""
  index = {name: i for i, name in enumerate(names)}
  targets = []
  for sentence, spans in zip(part.sentences, part.spans, strict=True):
    tags = tagging.tags(spans, len(sentence), SCHEME)
    targets.append([index.get(tag, 0) for tag in tags])
  return targets
