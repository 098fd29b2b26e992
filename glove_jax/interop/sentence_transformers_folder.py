"""The files of sentence-transformers beside a model: pooling, then dense layers.

A classifier of any pooling leaves as such a folder, whose sentence vectors are its logits.
"""

import json
import pathlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from glove_jax.errors import InputError, quote
from glove_jax.files import read_json
from glove_jax.interop import safetensors_io

MODULES = "modules.json"
_SETTINGS = "sentence_bert_config.json"
FILES = (MODULES, "config_sentence_transformers.json", _SETTINGS)

# Pooling of ours -> the modes, whose vectors are concatenated in the order of `_MODES`.
POOLINGS = {
  "mean": ("mean_tokens",),
  "max": ("max_tokens",),
  "first": ("cls_token",),
  "last": ("lasttoken",),
  "mean_max": ("max_tokens", "mean_tokens"),
}
_MODES = (
  "cls_token", "max_tokens", "mean_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens",
  "lasttoken",
)  # fmt: skip
_ACTIVATIONS = {
  "": "torch.nn.modules.linear.Identity",
  "tanh": "torch.nn.modules.activation.Tanh",
  "relu": "torch.nn.modules.activation.ReLU",
  "gelu": "torch.nn.modules.activation.GELU",
}
_CLASSES = "sentence_transformers.models"  # the names of all releases


class DenseLayer(NamedTuple):
  """A dense layer on sentence vectors."""

  w: np.ndarray         # [I, O]
  b: np.ndarray         # [O]
  activation: str = ""  # a name of `_ACTIVATIONS`; "": none


def write(
  folder: pathlib.Path, pooling: str, layers: Sequence[DenseLayer], *, dim: int, max_length: int
) -> None:
  """Writes the files of pooling and of dense layers beside a model.

  Args:
    folder: of the model.
    pooling: a name of `POOLINGS`.
    layers: applied to the pooled vectors one after another.
    dim: of a token's vector.
    max_length: tokens at most, of which a text is truncated.
  """
  modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
  modules += [(f"{number}_Dense", "Dense") for number in range(2, 2 + len(layers))]
  entries = []
  for index, (path, kind) in enumerate(modules):
    entry = {"idx": index, "name": str(index), "path": path, "type": f"{_CLASSES}.{kind}"}
    entries.append(entry)
  _write_json(folder / MODULES, entries)
  values = {"prompts": {}, "default_prompt_name": None, "similarity_fn_name": None}
  _write_json(folder / "config_sentence_transformers.json", {"__version__": {}, **values})
  _write_json(folder / _SETTINGS, {"max_seq_length": max_length, "do_lower_case": False})
  modes = {f"pooling_mode_{mode}": mode in POOLINGS[pooling] for mode in _MODES}
  _write_json(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": dim, **modes})
  for number, layer in enumerate(layers, 2):
    _write_dense(folder / f"{number}_Dense", layer)


def _write_dense(folder: pathlib.Path, layer: DenseLayer) -> None:
  inputs, outputs = layer.w.shape
  values = {
    "in_features": inputs,
    "out_features": outputs,
    "bias": True,
    "activation_function": _ACTIVATIONS[layer.activation],
  }
  _write_json(folder / "config.json", values)
  arrays = {"linear.weight": layer.w.T, "linear.bias": layer.b}
  safetensors_io.write(folder / safetensors_io.WEIGHTS_FILE, arrays)


def reordered(pooling: str, w: np.ndarray) -> np.ndarray:  # w: [I, O] -> [I, O]
  """Returns the weights on pooled vectors for those of the other library, and back.

  Of mean and maximum, it puts the maximum first.
  """
  if pooling != "mean_max":
    return w
  first, second = np.split(w, 2)
  return np.concatenate([second, first])


def has_dense_layers(folder: pathlib.Path) -> bool:
  """Returns whether a folder has dense layers beside a model."""
  return (folder / MODULES).is_file() and any(folder.glob("[0-9]*_Dense"))


def read(folder: pathlib.Path, dim: int) -> tuple[str, tuple[DenseLayer, ...]] | None:
  """Returns (pooling, dense layers) of a folder; None where it has other modules.

  Raises:
    InputError: a file is damaged.
  """
  entries = read_json(folder / MODULES)
  kinds = [_kind(entry) for entry in entries] if isinstance(entries, list) else []
  if kinds[:2] != ["Transformer", "Pooling"] or set(kinds[2:]) != {"Dense"}:
    return None
  pooling = _read_pooling(_subfolder(folder, entries[1]))
  layers = [_read_dense(_subfolder(folder, entry)) for entry in entries[2:]]
  if pooling is None or None in layers:
    return None
  size = dim * len(POOLINGS[pooling])
  for layer in layers:
    if layer.w.shape[0] != size:
      raise InputError(
        f"{folder}: a dense layer has {layer.w.shape[0]:,} inputs, expected {size:,}."
      )
    size = layer.w.shape[1]
  return pooling, tuple(layers)


def _kind(entry: Any) -> str:
  name = entry.get("type") if isinstance(entry, dict) else None
  return name.rpartition(".")[2] if isinstance(name, str) else ""


def _subfolder(folder: pathlib.Path, entry: dict[str, Any]) -> pathlib.Path:
  path = entry.get("path")
  is_name = isinstance(path, str) and path.isascii() and pathlib.PurePath(path).name == path
  if not is_name or "\0" in path or path == "..":
    raise InputError(f"{folder / MODULES}: path is {quote(path)}, expected a folder beside it.")
  return folder / path


def _read_pooling(folder: pathlib.Path) -> str | None:
  values = safetensors_io.read_json(folder / "config.json")
  modes = {mode for mode in _MODES if values.get(f"pooling_mode_{mode}") is True}
  if "pooling_mode" in values:  # as releases from 6 on write it
    modes = _modern_modes(values["pooling_mode"])
  for pooling, ours in POOLINGS.items():
    if modes == set(ours):
      return pooling
  return None


def _modern_modes(value: Any) -> set[str]:
  names = [value] if isinstance(value, str) else value
  if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
    return set()
  if len(names) > 1 and names != ["max", "mean"]:
    return set()  # another order of concatenation
  suffixes = {"cls": "cls_token", "max": "max_tokens", "mean": "mean_tokens"}
  return {suffixes.get(name, name) for name in names}


def _read_dense(folder: pathlib.Path) -> DenseLayer | None:
  """Returns a dense layer; None for what we cannot compute."""
  values = safetensors_io.read_json(folder / "config.json")
  activations = {name: activation for activation, name in _ACTIVATIONS.items()}
  activation = values.get("activation_function")
  if not isinstance(activation, str) or activation not in activations:
    return None
  if values.get("use_residual"):
    return None
  tensors = safetensors_io.list_tensors(folder)
  arrays = dict(safetensors_io.read(tensors, list(tensors)))
  weight = arrays.get("linear.weight")
  if weight is None or weight.ndim != 2:
    raise InputError(f"{folder}: linear.weight is missing, expected the weights of a dense layer.")
  bias = arrays.get("linear.bias", np.zeros(len(weight), np.float32))
  if bias.shape != (len(weight),):
    raise InputError(
      f"{folder}: linear.bias is {list(bias.shape)}, expected [{len(weight)}]."
    )
  return DenseLayer(weight.T, bias, activations[activation])


def _write_json(path: pathlib.Path, value: Any) -> None:
  path.parent.mkdir(exist_ok=True)
  path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
