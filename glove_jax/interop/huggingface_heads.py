"""The heads that `transformers` has for classes of texts and tags of tokens: a row a family.

Params of a head: `w` [D, C], `b` [C] and, with a hidden layer, `dense` and `norm`.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from glove_jax.errors import InputError
from glove_jax.interop import huggingface_checks, huggingface_file_names, safetensors_io
from glove_jax.interop.huggingface_families import FAMILIES
from glove_jax.models.transformer import Config
from glove_jax.train import Params

CLASSIFIER = "ForSequenceClassification"
TAGGER = "ForTokenClassification"
EXPORT_MARK = "glove_jax_export"  # key of config.json: the head and the pooling of our run


class Head(NamedTuple):
  """A head of a family: the names of its modules, and what it computes."""

  output: str             # module of the output layer
  poolings: tuple[str, ...] = ()  # of a classifier, the first one is its default
  dense: str = ""         # module of a dense layer before it; "": there is none
  activation: str = ""    # of the dense layer; "": as of the masked-LM head
  norm: str = ""          # module of a layer norm after the activation; "": there is none
  output_bias: bool = True


_ROBERTA = Head("classifier.out_proj", ("first",), "classifier.dense", "tanh")

CLASSIFIERS: Mapping[str, Head] = {  # by `model_type`
  "bert": Head("classifier", ("first",), "bert.pooler.dense", "tanh"),
  "roberta": _ROBERTA,
  "xlm-roberta": _ROBERTA,
  "camembert": _ROBERTA,
  "distilbert": Head("classifier", ("first",), "pre_classifier", "relu"),
  "electra": _ROBERTA._replace(activation="gelu"),
  "mpnet": _ROBERTA,
  "modernbert": Head("classifier", ("first", "mean"), "head.dense", norm="head.norm"),
  "gpt2": Head("score", ("last",), output_bias=False),
}

_TAGGER = Head("classifier")
TAGGERS: Mapping[str, Head] = {
  **dict.fromkeys(CLASSIFIERS, _TAGGER),
  "modernbert": CLASSIFIERS["modernbert"]._replace(poolings=()),
}


def head_of(model_type: str, task: str) -> Head:
  """Returns the head of a family for CLASSIFIER or TAGGER."""
  return (CLASSIFIERS if task == CLASSIFIER else TAGGERS)[model_type]


def class_name(model_type: str, task: str) -> str:
  """Returns the class of transformers for a task, such as BertForTokenClassification."""
  encoder = FAMILIES[model_type].classes[""]
  return encoder.removesuffix("Model").removesuffix("LMHead") + task


def task_of(architectures: object) -> str:
  """Returns the task of a config.json's `architectures`: CLASSIFIER, TAGGER, or "" for others."""
  if isinstance(architectures, list) and architectures and isinstance(architectures[0], str):
    for task in (CLASSIFIER, TAGGER):
      if architectures[0].endswith(task):
        return task
  return ""


def activation(head: Head, config: Config) -> str:
  """Returns the activation of the dense layer."""
  return head.activation or config.head_activation


def to_tensors(head: Head, params: Params) -> dict[str, np.ndarray]:
  """Returns the tensors of a head as a file has them."""
  tensors = {}
  for tensor_name, (path, is_matrix) in _paths(head).items():
    array = _at(params, path)
    if array is not None:
      array = np.asarray(array, np.float32)
      tensors[tensor_name] = array.T if is_matrix else array
  return tensors


def read(
  folder: str | os.PathLike, model_type: str, head: Head, config: Config
) -> Params:
  """Reads the params of a head of a folder.

  Raises:
    InputError: a tensor is missing, or of another shape.
  """
  tensors = safetensors_io.list_tensors(folder)
  file_names = huggingface_file_names.outer_names(model_type, tensors)
  output = f"{head.output}.weight"
  shape = tensors[file_names[output]].shape if output in file_names else ()
  classes = shape[0] if len(shape) == 2 else 0
  shapes = _shapes(head, config, classes)
  problems = []
  for name, shape in shapes.items():
    if name not in file_names:
      problems.append(f"{name} is missing")
    elif tensors[file_names[name]].shape != shape:
      actual = list(tensors[file_names[name]].shape)
      problems.append(f"{name} is {actual}, expected {list(shape)}")
  if problems:
    raise InputError(f"{folder}: {huggingface_checks.first_few(problems, '; ')}.")
  arrays = safetensors_io.read_renamed(tensors, {name: file_names[name] for name in shapes})
  params = {"b": np.zeros(classes, np.float32)}  # where the output layer has none
  return params | _to_params(head, arrays)


def read_hidden(folder: str | os.PathLike, model_type: str, config: Config) -> Params:
  """Reads the dense layer and the norm of a head; {} where the folder has none that fit."""
  tensors = safetensors_io.list_tensors(folder)
  file_names = huggingface_file_names.outer_names(model_type, tensors)
  head = CLASSIFIERS[model_type]
  chosen = {}
  for name, shape in _shapes(head, config, 0).items():
    if name.startswith(f"{head.output}."):
      continue
    bare = name.removeprefix(FAMILIES[model_type].prefix)  # of an encoder alone
    file_name = file_names.get(name, file_names.get(bare))
    if file_name is None or tensors[file_name].shape != shape:
      return {}
    chosen[name] = file_name
  return _to_params(head, safetensors_io.read_renamed(tensors, chosen))


def _to_params(head: Head, arrays: Mapping[str, np.ndarray]) -> Params:
  params: Params = {}
  for name, (path, is_matrix) in _paths(head).items():
    if name not in arrays:
      continue
    *outer, leaf = path
    parent = params
    for key in outer:
      parent = parent.setdefault(key, {})
    parent[leaf] = arrays[name].T if is_matrix else arrays[name]
  return params


def _paths(head: Head) -> dict[str, tuple[tuple[str, ...], bool]]:
  """Returns by tensor name the path in our params, and whether it is a matrix to transpose."""
  paths = {f"{head.output}.weight": (("w",), True)}
  if head.output_bias:
    paths[f"{head.output}.bias"] = (("b",), False)
  if head.dense:
    paths[f"{head.dense}.weight"] = (("dense", "w"), True)
    paths[f"{head.dense}.bias"] = (("dense", "b"), False)
  if head.norm:
    paths[f"{head.norm}.weight"] = (("norm", "scale"), False)
    paths[f"{head.norm}.bias"] = (("norm", "b"), False)
  return paths


def has_bias(head: Head, config: Config) -> bool:
  """Returns whether the dense layer has a bias; only ModernBERT's may have none."""
  return not head.norm or "head" in config.biases


def _shapes(head: Head, config: Config, classes: int) -> dict[str, tuple[int, ...]]:
  shapes = {f"{head.output}.weight": (classes, config.dim)}
  if head.output_bias:
    shapes[f"{head.output}.bias"] = (classes,)
  if head.dense:
    shapes[f"{head.dense}.weight"] = (config.dim, config.dim)
    if has_bias(head, config):
      shapes[f"{head.dense}.bias"] = (config.dim,)
  if head.norm:
    shapes[f"{head.norm}.weight"] = (config.dim,)
    if "norm" in config.biases:
      shapes[f"{head.norm}.bias"] = (config.dim,)
  return shapes


def _at(params: Params, path: tuple[str, ...]):
  for key in path:
    params = params.get(key)
    if params is None:
      return None
  return params
