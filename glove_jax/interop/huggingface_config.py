"""Translates the config.json of a Hugging Face folder (BERT or GPT-2) to our `Config` and back."""

import functools
import operator
import os
import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple

from glove_jax.errors import InputError
from glove_jax.interop import safetensors_io
from glove_jax.models import bert, gpt2
from glove_jax.models.transformer import Config

_MAX_INT32 = 2**31 - 1
_POSITIVE_INTEGER = f"an integer from 1 to {_MAX_INT32:,}"
# config.json's name of an activation -> ours, and back.
_ACTIVATIONS = {
  "gelu": "gelu",
  "gelu_new": "gelu_tanh",
  "gelu_pytorch_tanh": "gelu_tanh",
  "relu": "relu",
}
_ACTIVATION_NAMES = {"gelu": "gelu", "gelu_tanh": "gelu_new", "relu": "relu"}


class _Architecture(NamedTuple):
  """The keys by which config.json describes one family of models."""

  default: Config            # gives the values that an old config.json leaves out
  sizes: dict[str, str]      # field of `Config` -> key
  activation: str
  default_activation: str
  epsilon: str
  dropout: str
  fixed: dict[str, Any]      # settings for which our models support one value only
  constants: dict[str, Any]  # further keys that are written but not read


_ARCHITECTURES = {
  "bert": _Architecture(
    default=bert.CONFIG,
    sizes={
      "vocab_size": "vocab_size",
      "dim": "hidden_size",
      "layers": "num_hidden_layers",
      "heads": "num_attention_heads",
      "feedforward_dim": "intermediate_size",
      "positions": "max_position_embeddings",
      "types": "type_vocab_size",
    },
    activation="hidden_act",
    default_activation="gelu",
    epsilon="layer_norm_eps",
    dropout="hidden_dropout_prob",
    fixed={
      "position_embedding_type": "absolute",
      "is_decoder": False,
      "add_cross_attention": False,
      "tie_word_embeddings": True,
    },
    constants={"attention_probs_dropout_prob": 0.0},
  ),
  "gpt2": _Architecture(
    default=gpt2.CONFIG,
    sizes={
      "vocab_size": "vocab_size",
      "dim": "n_embd",
      "layers": "n_layer",
      "heads": "n_head",
      "feedforward_dim": "n_inner",
      "positions": "n_positions",
    },
    activation="activation_function",
    default_activation="gelu_new",
    epsilon="layer_norm_epsilon",
    dropout="resid_pdrop",
    fixed={
      "scale_attn_weights": True,
      "scale_attn_by_inverse_layer_idx": False,
      "add_cross_attention": False,
      "tie_word_embeddings": True,
    },
    constants={
      "architectures": ["GPT2LMHeadModel"],
      "attn_pdrop": 0.0,
      "bos_token_id": None,
      "eos_token_id": None,
    },
  ),
}


class _CheckedValues:
  """Looks up values of a config.json and collects a line for each that is not valid."""

  def __init__(self, values: dict[str, Any]):
    self.values = values
    self.problems: list[str] = []

  def get(self, key: str, default, is_valid: Callable[[Any], bool], expected: str):
    """Returns the value of a key, or the default where it is missing, null or not valid."""
    value = self.values.get(key)
    if value is None:
      value = default
    if is_valid(value):
      return value
    self.problems.append(f"{key} is {_shorten(value)}, expected {expected}")
    return default

  def get_size(self, key: str, default: int) -> int:
    return self.get(key, default, _is_size, _POSITIVE_INTEGER)


def read(path: str | os.PathLike) -> tuple[str, Config]:
  """Reads a config.json.

  Returns:
    The model type, `bert` or `gpt2`, and the model's sizes and settings.

  Raises:
    InputError: naming the file and every value that is not valid or not supported.
  """
  path = pathlib.Path(path)
  values = _CheckedValues(safetensors_io.read_json(path))
  model_type = values.values.get("model_type")
  if not isinstance(model_type, str) or model_type not in _ARCHITECTURES:
    supported = ", ".join(_ARCHITECTURES)
    raise InputError(
      f"{path}: model_type is {_shorten(model_type)}, expected one of {supported}."
    )
  config = _read_config(values, _ARCHITECTURES[model_type])
  if values.problems:
    raise InputError(f"{path}: {'; '.join(values.problems)}.")
  return model_type, config


def _read_config(values: _CheckedValues, architecture: _Architecture) -> Config:
  default = architecture.default
  sizes = {}
  for field, key in architecture.sizes.items():
    # GPT-2 computes the width of its feed-forward layers from `n_embd` unless it is written.
    default_size = 4 * sizes["dim"] if key == "n_inner" else getattr(default, field)
    sizes[field] = values.get_size(key, default_size)
  activation = values.get(
    architecture.activation,
    architecture.default_activation,
    _is_activation,
    f"one of {', '.join(_ACTIVATIONS)}",
  )
  epsilon = values.get(
    architecture.epsilon, default.epsilon, _is_positive_fraction, "a number between 0 and 1"
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
  return default._replace(
    **sizes,
    activation=_ACTIVATIONS[activation],
    epsilon=epsilon,
    dropout=dropout,
  )


def model_type_of(config: Config) -> str:
  """Returns the model type of a configuration, `bert` or `gpt2`.

  Raises:
    InputError: if it is neither.
  """
  for model_type, architecture in _ARCHITECTURES.items():
    if _traits(config) == _traits(architecture.default):
      return model_type
  raise InputError(
    f"causal={config.causal}, pre_norm={config.pre_norm}, types={config.types}: neither a BERT "
    "(False, False, 1 or more) nor a GPT-2 (True, True, 0)."
  )


def _traits(config: Config) -> tuple[bool, bool, bool]:
  """Returns what distinguishes a BERT from a GPT-2."""
  return config.causal, config.pre_norm, config.types > 0


def to_json(model_type: str, config: Config, *, masked_lm: bool) -> dict[str, Any]:
  """Returns the contents of config.json for a model.

  Args:
    model_type: `bert` or `gpt2`.
    config: the model's sizes and settings.
    masked_lm: whether a BERT has its masked-language-model head.
  """
  architecture = _ARCHITECTURES[model_type]
  values = {
    "model_type": model_type,
    "dtype": "float32",
    **architecture.fixed,
    **architecture.constants,
    architecture.activation: _ACTIVATION_NAMES[config.activation],
    architecture.epsilon: config.epsilon,
    architecture.dropout: config.dropout,
  }
  for field, key in architecture.sizes.items():
    values[key] = getattr(config, field)
  if model_type == "bert":
    values["architectures"] = ["BertForMaskedLM" if masked_lm else "BertModel"]
  else:
    values["embd_pdrop"] = config.dropout
  return values


def _is_size(value) -> bool:
  return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MAX_INT32


def _is_number(value) -> bool:
  is_numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
  return is_numeric and -_MAX_INT32 < value < _MAX_INT32


def _is_fraction(value) -> bool:
  return _is_number(value) and 0 <= value < 1


def _is_positive_fraction(value) -> bool:
  return _is_fraction(value) and value > 0


def _is_activation(value) -> bool:
  return isinstance(value, str) and value in _ACTIVATIONS


def _shorten(value) -> str:
  return repr(value)[:100]
