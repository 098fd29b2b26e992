"""Exports fine-tuned transformers as folders that `transformers` loads with their heads.

A head of the family's own form leaves as its class for the task, such as
BertForSequenceClassification; classifiers of other poolings leave as sentence-transformers.
"""

import pathlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from glove_jax.data.labelled import tagging
from glove_jax.data.subwords import subword_tokenizers
from glove_jax.errors import InputError, quote
from glove_jax.files import atomic_folder, read_json
from glove_jax.finetuning.pretrained_transformers import Pretrained
from glove_jax.finetuning.settings import BertClassifySettings, BertTagSettings
from glove_jax.interop import (
  equivalent_heads,
  huggingface,
  huggingface_config,
  huggingface_heads,
  safetensors_io,
  sentence_transformers_folder,
)
from glove_jax.interop.huggingface import TaskHead
from glove_jax.interop.huggingface_heads import CLASSIFIER, EXPORT_MARK, TAGGER, Head
from glove_jax.interop.sentence_transformers_folder import DenseLayer
from glove_jax.train import Params

_FILES = {
  "config.json", safetensors_io.WEIGHTS_FILE, "tokenizer.json", "tokenizer_config.json",
  "special_tokens_map.json", *sentence_transformers_folder.FILES, "1_Pooling", "2_Dense", "3_Dense",
}  # fmt: skip


class Finetuned(NamedTuple):
  """A fine-tuned transformer; params are NumPy arrays, with adapters merged."""

  pretrained: Pretrained  # its configuration and tokenizer
  encoder: Params
  head: Params            # `w`, `b` and, with a hidden layer, `dense` and `norm`
  labels: Sequence[str]

  @property
  def model_type(self) -> str:
    return huggingface_config.model_type_of(self.pretrained.config)


def export_classifier(
  settings: BertClassifySettings, model: Finetuned, folder: pathlib.Path
) -> str:
  """Writes a classifier to a folder, which is whole or absent.

  Returns:
    The class that loads it.

  Raises:
    InputError: the folder holds other files, or no library has such a head.
  """
  spec = huggingface_heads.head_of(model.model_type, CLASSIFIER)
  mark = {"head": settings.head, "pooling": settings.pooling}
  own = _own_form(spec, settings, model)
  if own is None:
    layers = _dense_layers(spec, settings, model.head)
    values = {EXPORT_MARK: mark, **_label_values(model.labels)}
    _write(folder, model, TaskHead(values), _pooling_writer(settings.pooling, layers, model))
    return "sentence_transformers.SentenceTransformer, whose vectors are the logits"
  name = huggingface_heads.class_name(model.model_type, CLASSIFIER)
  values = {"architectures": [name], EXPORT_MARK: mark, **_label_values(model.labels)}
  if len(model.labels) > 1:
    values["problem_type"] = "single_label_classification"
  if len(spec.poolings) > 1:
    values["classifier_pooling"] = "cls" if settings.pooling == "first" else settings.pooling
  if model.pretrained.config.causal:
    values["pad_token_id"] = subword_tokenizers.special_tokens(model.pretrained.tokenizer).pad
  _write(folder, own, TaskHead(values, huggingface_heads.to_tensors(spec, own.head)))
  return f"transformers.{name}"


def export_tagger(settings: BertTagSettings, model: Finetuned, folder: pathlib.Path) -> str:
  """Writes a tagger to a folder, which is whole or absent.

  Returns:
    The class that loads it.

  Raises:
    InputError: the folder holds other files, or the library has no such head.
  """
  spec = huggingface_heads.head_of(model.model_type, TAGGER)
  problems = []
  if settings.use_crf:
    problems.append("use_crf=True")
  if settings.char_filters:
    problems.append(f"char_filters={settings.char_filters}")
  if spec.dense and settings.head != "dense":
    problems.append("no head=dense")
  if problems:
    expected = "use_crf=False, char_filters=0" + (" and head=dense" if spec.dense else "")
    raise InputError(
      f"{', '.join(problems)}: transformers has no such tagger of {model.model_type}; only runs"
      f" with {expected} can be exported."
    )
  name = huggingface_heads.class_name(model.model_type, TAGGER)
  mark = {"head": settings.head}
  values = {"architectures": [name], EXPORT_MARK: mark, **_tag_values(model.labels)}
  _write(folder, model, TaskHead(values, huggingface_heads.to_tensors(spec, model.head)))
  return f"transformers.{name}"


def _own_form(spec: Head, settings: BertClassifySettings, model: Finetuned) -> Finetuned | None:
  """Returns the same function with a head of the family's class; None if there is none."""
  if settings.pooling not in spec.poolings:
    return None
  if not spec.dense:
    return _without_bias(model)
  if settings.head == "dense":
    return model
  if spec.norm:  # a layer norm loses the size of what it gets
    return None
  head = equivalent_heads.with_hidden_layer(model.head, spec.activation)
  return None if head is None else model._replace(head=head)


def _without_bias(model: Finetuned) -> Finetuned | None:
  """Returns a GPT-2 without a bias in its head, which reads a text's last token."""
  tokenizer = model.pretrained.tokenizer
  template = tokenizer.encode("").ids
  pad = subword_tokenizers.special_tokens(tokenizer).pad
  if template and template[-1] == pad:
    return None  # transformers takes a last token for padding that looks like it
  change = equivalent_heads.bias_for_norm(model.head)
  if change is None:
    return None
  norm = model.encoder["norm"]
  encoder = {**model.encoder, "norm": {**norm, "b": norm["b"] + change}}
  return model._replace(encoder=encoder, head={"w": model.head["w"]})


def _dense_layers(
  spec: Head, settings: BertClassifySettings, head: Params
) -> list[DenseLayer]:
  """Returns the layers that sentence-transformers applies to pooled vectors."""
  if not settings.head:
    w = sentence_transformers_folder.reordered(settings.pooling, np.asarray(head["w"]))
    return [DenseLayer(w, np.asarray(head["b"]))]
  if spec.norm:
    poolings = " or ".join(spec.poolings)
    raise InputError(
      f"pooling={settings.pooling} with head=dense: no library has such a classifier; only runs"
      f" with pooling={poolings} or without head=dense can be exported."
    )
  dense = head["dense"]
  w = sentence_transformers_folder.reordered(settings.pooling, np.asarray(dense["w"]))
  hidden = DenseLayer(w, np.asarray(dense["b"]), spec.activation)
  return [hidden, DenseLayer(np.asarray(head["w"]), np.asarray(head["b"]))]


def _pooling_writer(
  pooling: str, layers: Sequence[DenseLayer], model: Finetuned
) -> Callable[[pathlib.Path], None]:
  def write(folder: pathlib.Path) -> None:
    sentence_transformers_folder.write(
      folder,
      pooling,
      layers,
      dim=model.pretrained.config.dim,
      max_length=model.pretrained.max_length,
    )

  return write


def _write(
  folder: pathlib.Path,
  model: Finetuned,
  task_head: TaskHead,
  write_more: Callable[[pathlib.Path], None] | None = None,
) -> None:
  """Writes the transformer, its head and its tokenizer."""
  folder = folder.resolve()  # of a link, the folder that it leads to is replaced
  _check_target(folder)
  pretrained = model.pretrained
  with atomic_folder(folder, what="the model") as building:
    huggingface.write(building, model.encoder, pretrained.config, task_head=task_head)
    subword_tokenizers.save_for_task(
      pretrained.tokenizer, building, max_length=pretrained.max_length
    )
    if write_more is not None:
      write_more(building)


def _check_target(folder: pathlib.Path) -> None:
  """Raises InputError for a folder that holds anything but an earlier export."""
  if folder.exists() and not folder.is_dir():
    raise InputError(f"{folder}: found a file, expected a new folder for the export.")
  names = {path.name for path in folder.glob("*")}
  others = sorted(names - _FILES)
  config = folder / "config.json"
  if names and not others and (not config.is_file() or EXPORT_MARK not in read_json(config)):
    others = sorted(names)
  if others:
    raise InputError(
      f"{folder}: found {quote(others[0])}, expected a new folder, or an earlier export."
    )


def _label_values(labels: Sequence[str]) -> dict[str, Any]:
  return {
    "id2label": {str(number): label for number, label in enumerate(labels)},
    "label2id": {label: number for number, label in enumerate(labels)},
  }


def _tag_values(tags: Sequence[str]) -> dict[str, Any]:
  """Returns the names of tags: in IOB2, which the pipelines of transformers group to entities.

  A run tells the last token of an entity (E) and the only one (S), too: several ids have the same
  name, and `label2id` has the names that were learnt.
  """
  values = _label_values(tags)
  values["id2label"] = {str(number): _iob2_name(name) for number, name in enumerate(tags)}
  return values


def _iob2_name(name: str) -> str:
  letter, entity_type = tagging.parse(name)
  if letter == "O":
    return name
  letter = {"S": "B", "E": "I"}.get(letter, letter)
  return f"{letter}-{entity_type}" if entity_type else letter
