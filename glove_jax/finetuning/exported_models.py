"""Loads classifiers and taggers from folders of transformers, ours or trained elsewhere."""

import pathlib
from collections.abc import Sequence
from typing import Any

from glove_jax.data.labelled import tagging
from glove_jax.data.labelled.lexicon import Lexicon
from glove_jax.errors import InputError, quote
from glove_jax.finetuning import pretrained_transformers as transformers
from glove_jax.finetuning import transformer_tasks
from glove_jax.finetuning.model import Model
from glove_jax.finetuning.pretrained_transformers import Pretrained
from glove_jax.finetuning.settings import BertClassifySettings, BertTagSettings
from glove_jax.interop import (
  huggingface_config,
  huggingface_heads,
  safetensors_io,
  sentence_transformers_folder,
)
from glove_jax.interop.huggingface_heads import CLASSIFIER, EXPORT_MARK, TAGGER
from glove_jax.interop.huggingface_values import is_size
from glove_jax.progress import log_stage
from glove_jax.train import Params, Task

_SHORTEST = 16  # subword tokens that texts are padded to, at least


def has_head(folder: pathlib.Path) -> bool:
  """Returns whether a folder holds a transformer with a head of classes or tags.

  Heads that give one number, or several labels at once, are reported and do not count.
  """
  path = folder / "config.json"
  if not path.is_file():
    return False
  values = safetensors_io.read_json(path)
  if "method" in values:  # a run of ours
    return False
  if _is_pooled(folder, values):
    return True
  if not huggingface_heads.task_of(values.get("architectures")):
    return False
  kind = values.get("problem_type")
  if kind not in (None, "single_label_classification") or _count_labels(values) == 1:
    log_stage(
      "note",
      f"{folder}: its head gives {quote(kind or 'one number')}, not one of several classes; it is"
      " left out.",
    )
    return False
  return True


def load(folder: pathlib.Path) -> tuple[Any, Params, Model]:
  """Returns the settings, the params and the model of a folder with a head.

  Raises:
    InputError: the folder is damaged, or its family or its head is not supported.
  """
  values = safetensors_io.read_json(folder / "config.json")
  if _is_pooled(folder, values):
    return _load_pooled(folder, values)
  task = huggingface_heads.task_of(values.get("architectures"))
  if task == TAGGER:
    return _load_tagger(folder, values)
  return _load_classifier(folder, values)


def _load_classifier(folder: pathlib.Path, values: dict[str, Any]) -> tuple[Any, Params, Model]:
  model_type, config = huggingface_config.read(folder / "config.json")
  spec = huggingface_heads.head_of(model_type, CLASSIFIER)
  pooling = spec.poolings[0]
  if "mean" in spec.poolings and values.get("classifier_pooling") == "mean":
    pooling = "mean"
  settings = BertClassifySettings(
    init=str(folder),
    pooling=pooling,
    head="dense" if spec.dense else "",
    max_length=_max_length(folder, config.positions),
  )
  head = huggingface_heads.read(folder, model_type, spec, config)
  labels = _labels(folder, values, len(head["b"]))
  return _classifier(settings, folder, labels, head)


def _load_pooled(folder: pathlib.Path, values: dict[str, Any]) -> tuple[Any, Params, Model]:
  """Loads a classifier that was exported with the pooling of sentence-transformers."""
  _, config = huggingface_config.read(folder / "config.json")
  modules = sentence_transformers_folder.read(folder, config.dim)
  mark = values[EXPORT_MARK]
  if modules is None or not isinstance(mark, dict) or not 1 <= len(modules[1]) <= 2:
    raise InputError(
      f"{folder}: found other modules than those of an export, expected pooling and dense layers."
    )
  pooling, layers = modules
  output = layers[-1]
  head = {"w": output.w, "b": output.b}
  if len(layers) == 2:
    w = sentence_transformers_folder.reordered(pooling, layers[0].w)
    head["dense"] = {"w": w, "b": layers[0].b}
  else:
    head["w"] = sentence_transformers_folder.reordered(pooling, output.w)
  settings = BertClassifySettings(
    init=str(folder),
    pooling=pooling,
    head="dense" if len(layers) == 2 else "",
    max_length=_max_length(folder, config.positions),
  )
  return _classifier(settings, folder, _labels(folder, values, len(output.b)), head)


def _classifier(
  settings: BertClassifySettings, folder: pathlib.Path, labels: Sequence[str], head: Params
) -> tuple[Any, Params, Model]:
  pretrained = transformers.read(settings, folder)
  lexicon = _lexicon(labels, pretrained)
  task = transformer_tasks.make_classifier(settings, pretrained, lexicon)
  text_task = transformer_tasks.make_text_task(settings, pretrained, lexicon, task)
  return settings, _params(pretrained, head), transformer_tasks.classifier_model(text_task)


def _load_tagger(folder: pathlib.Path, values: dict[str, Any]) -> tuple[Any, Params, Model]:
  model_type, config = huggingface_config.read(folder / "config.json")
  spec = huggingface_heads.head_of(model_type, TAGGER)
  settings = BertTagSettings(
    init=str(folder),
    use_crf=False,
    head="dense" if spec.dense else "",
    max_length=_max_length(folder, config.positions),
  )
  head = huggingface_heads.read(folder, model_type, spec, config)
  labels = _tags(folder, values, len(head["b"]))
  pretrained = transformers.read(settings, folder)
  lexicon = _lexicon(labels, pretrained)
  task: Task = transformer_tasks.make_tagger(settings, pretrained, lexicon)
  text_task = transformer_tasks.make_text_task(settings, pretrained, lexicon, task)
  return settings, _params(pretrained, head), transformer_tasks.tagger_model(text_task)


def _params(pretrained: Pretrained, head: Params) -> Params:
  return {"encoder": pretrained.params, "head": head}


def _lexicon(labels: Sequence[str], pretrained: Pretrained) -> Lexicon:
  lengths = []
  length = min(_SHORTEST, pretrained.max_length)
  while length < pretrained.max_length:
    lengths.append(length)
    length *= 2
  return Lexicon(
    words=(),
    characters=(),
    labels=tuple(labels),
    lengths=(*lengths, pretrained.max_length),
    dim=pretrained.config.dim,
  )


def _is_pooled(folder: pathlib.Path, values: dict[str, Any]) -> bool:
  """Returns whether a folder is an export with the modules of sentence-transformers."""
  has_modules = (folder / sentence_transformers_folder.MODULES).is_file()
  return has_modules and EXPORT_MARK in values and "id2label" in values


def _max_length(folder: pathlib.Path, positions: int) -> int:
  """Returns the length to which texts are truncated; 0: as many tokens as the model allows."""
  path = folder / "tokenizer_config.json"
  values = safetensors_io.read_json(path) if path.is_file() else {}
  length = values.get("model_max_length")
  return length if is_size(length) and 8 <= length <= positions else 0


def _count_labels(values: dict[str, Any]) -> int:
  """Returns how many labels a config.json names; 0 if it names none."""
  names = values.get("id2label")
  return len(names) if isinstance(names, dict) else 0


def _labels(folder: pathlib.Path, values: dict[str, Any], count: int) -> list[str]:
  """Returns the names of classes; LABEL_0 and so on where config.json has none.

  Raises:
    InputError: there are others than `count` different names.
  """
  names = values.get("id2label")
  if names is None:
    return [f"LABEL_{number}" for number in range(count)]
  labels = []
  if isinstance(names, dict):
    labels = [names.get(str(number)) for number in range(count)]
  is_complete = len(labels) == count == _count_labels(values)
  if not is_complete or not all(isinstance(label, str) for label in labels):
    raise InputError(
      f"{folder / 'config.json'}: id2label is {quote(names)}, expected names of {count:,} labels."
    )
  if len(set(labels)) < count and huggingface_heads.task_of(values.get("architectures")) != TAGGER:
    raise InputError(f"{folder / 'config.json'}: id2label has a name twice, expected classes.")
  return labels


def _tags(folder: pathlib.Path, values: dict[str, Any], count: int) -> list[str]:
  """Returns the names of tags: those that were learnt, where `label2id` has more of them."""
  labels = _labels(folder, values, count)
  learnt = values.get("label2id")
  if EXPORT_MARK in values and isinstance(learnt, dict):
    by_id = {number: name for name, number in learnt.items() if isinstance(number, int)}
    if set(by_id) == set(range(count)) and len(learnt) == count:
      labels = [by_id[number] for number in range(count)]
  return [_as_tag(label) for label in labels]


def _as_tag(label: str) -> str:
  """Returns a label as a tag of a scheme: a run of tokens with a plain label is an entity."""
  try:
    tagging.parse(label)
  except ValueError:
    return f"I-{label}"
  return label
