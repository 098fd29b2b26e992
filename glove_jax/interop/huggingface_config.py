"""Translates the config.json of a Hugging Face folder to our `Config` and back."""

import functools
import operator
import os
import pathlib
from collections.abc import Iterable
from typing import Any

from glove_jax.errors import InputError, quote
from glove_jax.interop import huggingface_file_names, safetensors_io
from glove_jax.interop.huggingface_architectures import ARCHITECTURES, Architecture
from glove_jax.interop.huggingface_families import FAMILIES
from glove_jax.interop.huggingface_values import (
  ACTIVATION_NAMES,
  CheckedValues,
  is_number,
  is_size,
)
from glove_jax.models.transformer import Config

# Fields of `Config` that say how a model is computed, or follow from its tensors.
_FREE_FIELDS = ("dtype", "remat", "dropout", "activation", "tied")


def read(
  path: str | os.PathLike, tensor_names: Iterable[str] | None = None
) -> tuple[str, Config]:
  """Reads a config.json.

  Args:
    path: the file.
    tensor_names: of the weights beside it, by which a file without `model_type` is told from those
      of families with the same keys; None: they are listed if need be.

  Returns:
    The model type, such as `bert` or `gpt2`, and the model's sizes and settings.

  Raises:
    InputError: naming the file and every value that is not valid or not supported.
  """
  path = pathlib.Path(path)
  values = CheckedValues(safetensors_io.read_json(path))
  model_type = values.values.get("model_type")
  if model_type is None:
    model_type = _detect_model_type(path, values.values, tensor_names)
  if not isinstance(model_type, str) or model_type not in ARCHITECTURES:
    supported = ", ".join(ARCHITECTURES)
    raise InputError(f"{path}: model_type is {quote(model_type)}, expected one of {supported}.")
  config = _read_config(values, ARCHITECTURES[model_type])
  if values.problems:
    raise InputError(f"{path}: {'; '.join(values.problems)}.")
  return model_type, config


def _detect_model_type(
  path: pathlib.Path, values: dict[str, Any], tensor_names: Iterable[str] | None
) -> str | None:
  """Returns the family that has the keys of a config.json and most of the tensors beside it.

  Google's first BERTs have no `model_type`, and neither have many that were trained with their
  code. None: no family has such keys.
  """
  candidates = []
  for model_type, architecture in ARCHITECTURES.items():
    keys = [architecture.sizes[field] for field in ("dim", "layers", "heads")]
    if all(is_size(values.get(key)) for key in keys):
      candidates.append(model_type)
  if len(candidates) < 2:
    return candidates[0] if candidates else None
  if tensor_names is None:
    tensor_names = safetensors_io.list_tensors(path.parent)
  names = list(tensor_names)
  # A BERT pads with 0. Without a head, a RoBERTa differs from it in nothing else.
  preferred = "roberta" if values.get("pad_token_id") == 1 else "bert"

  def rank(model_type: str) -> tuple[int, bool]:
    return huggingface_file_names.count_names(model_type, names), model_type == preferred

  return max(candidates, key=rank)


def _read_config(values: CheckedValues, architecture: Architecture) -> Config:
  default = architecture.default
  sizes = {}
  for field, key in architecture.sizes.items():
    # GPT-2 computes the width of its feed-forward layers from `n_embd` unless it is written.
    default_size = 4 * sizes["dim"] if key == "n_inner" else getattr(default, field)
    sizes[field] = values.get_size(key, default_size)
  activation = values.get_activation(architecture.activation, architecture.default_activation)
  epsilon = default.epsilon
  if architecture.epsilon is not None:
    epsilon = values.get(
      architecture.epsilon, epsilon, _is_positive_fraction, "a number between 0 and 1"
    )
  dropout = values.get(
    architecture.dropout, default.dropout, _is_fraction, "a number from 0 to below 1"
  )
  for key, supported in architecture.fixed.items():
    is_supported = functools.partial(operator.eq, supported)
    values.get(key, supported, is_supported, repr(supported))
  if sizes["dim"] % sizes["heads"]:
    dim_key = architecture.sizes["dim"]
    values.problems.append(
      f"{dim_key} is {sizes['dim']}, expected a multiple of {sizes['heads']} heads"
    )
  config = default._replace(
    **sizes,
    activation=activation,
    epsilon=epsilon,
    dropout=dropout,
    tied=values.get_flag("tie_word_embeddings", True),
  )
  if architecture.read_more is not None:
    config = architecture.read_more(values, config)
  return config


def model_type_of(config: Config) -> str:
  """Returns the model type of a configuration: its `family`, else `bert` or `gpt2`.

  Raises:
    InputError: if models of this type are not so.
  """
  model_type = config.family or ("gpt2" if config.causal else "bert")
  architecture = ARCHITECTURES[model_type]
  free = {*_FREE_FIELDS, *architecture.sizes, *architecture.more_fields}
  if architecture.epsilon is not None:
    free.add("epsilon")
  for field in Config._fields:
    actual = getattr(config, field)
    expected = getattr(architecture.default, field)
    if field not in free and actual != expected:
      raise InputError(f"{field}={actual!r}: not as in {model_type}, expected {expected!r}.")
    if field in architecture.sizes and actual < 1:
      raise InputError(f"{field}={actual}: not as in {model_type}, expected 1 or more.")
  return model_type


def to_json(model_type: str, config: Config, *, head: str = "") -> dict[str, Any]:
  """Returns the contents of config.json for a model.

  Args:
    model_type: of a family.
    config: the model's sizes and settings.
    head: the head that it has, such as `masked_lm`; empty: none.
  """
  architecture = ARCHITECTURES[model_type]
  values = {
    "model_type": model_type,
    "architectures": [FAMILIES[model_type].classes[head]],
    "dtype": "float32",
    "tie_word_embeddings": config.tied,
    **architecture.fixed,
    **architecture.constants,
    architecture.activation: ACTIVATION_NAMES[config.activation],
    architecture.dropout: config.dropout,
  }
  if architecture.epsilon is not None:
    values[architecture.epsilon] = config.epsilon
  for field, key in architecture.sizes.items():
    values[key] = getattr(config, field)
  if architecture.write_more is not None:
    values |= architecture.write_more(config)
  if model_type == "gpt2":
    values["embd_pdrop"] = config.dropout
  return values


def _is_fraction(value) -> bool:
  return is_number(value) and 0 <= value < 1


def _is_positive_fraction(value) -> bool:
  return _is_fraction(value) and value > 0
