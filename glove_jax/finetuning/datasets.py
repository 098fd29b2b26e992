"""The labelled texts of a run: read, divided into parts, recorded in its folder."""

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from glove_jax.data.labelled import classification, tagging
from glove_jax.data.labelled.classification import Labelled
from glove_jax.data.labelled.layouts import Layout
from glove_jax.data.labelled.tagged_files import TagLayout
from glove_jax.data.labelled.tagging import Tagged
from glove_jax.data.text import piped
from glove_jax.errors import InputError, printable, quote
from glove_jax.finetuning import part_files
from glove_jax.finetuning.data_settings import Data, LabelledData, TaggedData
from glove_jax.finetuning.part_files import PARTS, read_file, read_texts, record_files
from glove_jax.progress import log_stage

__all__ = [
  "PARTS", "SCHEME", "class_targets", "log_leaks", "read", "read_file", "read_parts", "read_texts",
  "record_files", "tag_names", "tag_targets",
]  # fmt: skip

SCHEME = "bioes"  # of the tags that are learnt, whatever scheme the files have


def read(settings: Data) -> dict[str, Labelled] | dict[str, Tagged]:
  """Returns the texts of a task: `train`, and `dev` and `test` where there are any.

  Raises:
    InputError: a file cannot be read, `fold` is malformed, or no training texts are left.
  """
  return read_parts(settings)[0]


def read_parts(settings: Data) -> tuple[dict[str, Any], Layout | TagLayout]:
  """Returns the texts of a task, and how the files of its training texts are laid out.

  Raises:
    InputError: as `read`.
  """
  if isinstance(settings, TaggedData):
    return read_tagged(settings)
  return read_labelled(settings)


def read_labelled(settings: LabelledData) -> tuple[dict[str, Labelled], Layout]:
  """Returns the labelled texts of each part, and the layout of `train`."""
  start = time.monotonic()
  data, layout = _divide(settings, classification)
  sizes = [f"{len(part.texts):,} {name}" for name, part in data.items()]
  log_stage("texts", f"{', '.join(sizes)}; {len(data['train'].classes)} classes", start)
  if layout.header or layout.unused or len(layout.texts) > 1:
    log_stage("columns", printable(layout.describe(), 300))
  log_labels(data)
  log_leaks({name: part.texts for name, part in data.items()})
  return data, layout


def read_tagged(settings: TaggedData) -> tuple[dict[str, Tagged], TagLayout]:
  """Returns the tagged sentences of each part, and the layout of `train`."""
  start = time.monotonic()
  data, layout = _divide(settings, tagging)
  sizes = []
  for name, part in data.items():
    entities = sum(map(len, part.spans))
    sizes.append(f"{len(part.sentences):,} {name} ({entities:,} entities)")
  log_stage("texts", f"{', '.join(sizes)}; {len(data['train'].types)} types", start)
  if layout.kind == "columns" and (layout.tag != settings.tag_column or layout.ids):
    tag = "the last" if layout.tag == -1 else layout.tag
    log_stage("columns", f"token in column {layout.token}, tag in column {tag}")
  log_leaks({name: list(map(" ".join, part.sentences)) for name, part in data.items()})
  return data, layout


def _divide(settings: Data, kind: Any) -> tuple[dict[str, Any], Any]:
  """Reads the parts that have files, and takes the others from `train`.

  Args:
    settings: of the run.
    kind: module `classification` or `tagging`, whose `folds` and `split` divide texts.

  Returns:
    The texts of each part, and the layout of `train`.
  """
  data, layout = _read_files(settings)
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
  return data, layout


def _read_files(settings: Data) -> tuple[dict[str, Any], Any]:
  """Reads `train`, then the other parts that have files, in the same layout."""
  for part in PARTS:
    piped.refuse(getattr(settings, part))
  train, layout = part_files.read_with_layout(settings, settings.train, part="train")
  data = {"train": train}
  for part in PARTS[1:]:
    path = getattr(settings, part)
    if path:
      data[part], _ = part_files.read_with_layout(
        settings, path, part=part, layout=layout, classes=train[2]
      )
  return data, layout


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


def log_labels(data: dict[str, Labelled]) -> None:
  """Reports labels that training has once, and those of other parts that it has not."""
  counts = Counter(itertools.chain.from_iterable(data["train"].labels))
  single = [label for label, count in counts.items() if count == 1]
  if single:
    log_stage("labels", f"{_listed(single)} in a single text of train")
  for name, part in data.items():
    unknown = [labels[0] for labels in part.labels if labels[0] not in counts]
    if unknown and name != "train":
      labels = _listed(list(dict.fromkeys(unknown)))
      texts = "1 text" if len(unknown) == 1 else f"{len(unknown):,} texts"
      log_stage("labels", f"{labels} in {texts} of {name}, but not in train")


def _listed(labels: Sequence[str]) -> str:
  shown = ", ".join(quote(label, 40) for label in labels[:3])
  more = f" and {len(labels) - 3:,} more" if len(labels) > 3 else ""
  return f"{shown}{more}"


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
