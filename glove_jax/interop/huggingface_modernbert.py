"""The keys of ModernBERT's config.json (Warner et al. 2024) that no other family has.

Local layers, rotary positions, and which parts have biases.
"""

import functools
from typing import Any

from glove_jax.interop.huggingface_values import ACTIVATION_NAMES, CheckedValues, is_number
from glove_jax.models.transformer import Config

# Fields of `Config` that `read` sets and `write` writes.
FIELDS = (
  "biases",
  "head_activation",
  "local_layers",
  "local_distance",
  "rope_theta",
  "local_rope_theta",
)
_LAYER_TYPES = ("full_attention", "sliding_attention")
_MAX_LAYERS = 10_000
_BIAS_KEYS = {
  "attention": "attention_bias",
  "mlp": "mlp_bias",
  "norm": "norm_bias",
  "head": "classifier_bias",
  "output": "decoder_bias",
}


def read(values: CheckedValues, config: Config) -> Config:
  """Reads rotary positions, local layers, and which parts have biases."""
  biases = []
  for part, key in _BIAS_KEYS.items():
    if values.get_flag(key, part in config.biases):
      biases.append(part)
  window = values.get_size("local_attention", 2 * config.local_distance)
  values.get("rope_scaling", None, _is_none, "null: rotary positions that are not scaled")
  if config.dim % (2 * config.heads):
    values.problems.append(
      f"hidden_size is {config.dim}, expected an even multiple of {config.heads} heads"
    )
  return config._replace(
    biases=tuple(biases),
    head_activation=values.get_activation("classifier_activation", "gelu"),
    local_layers=_read_local_layers(values, config.layers),
    local_distance=window // 2,
    rope_theta=_read_rope(values, "full_attention", "global_rope_theta", config.rope_theta),
    local_rope_theta=_read_rope(
      values, "sliding_attention", "local_rope_theta", config.local_rope_theta
    ),
  )


def _read_local_layers(values: CheckedValues, layers: int) -> tuple[int, ...]:
  """Reads which layers are local: a list of types or, in older files, all but every n-th."""
  if values.values.get("layer_types") is None:
    every = values.get_size("global_attn_every_n_layers", 3)
    return _all_but_every(every, layers)
  types = values.get(
    "layer_types",
    [],
    functools.partial(_is_list_of_types, layers=layers),
    f"a list of {layers} of {', '.join(_LAYER_TYPES)}",
  )
  return tuple(layer for layer, name in enumerate(types) if name == "sliding_attention")


def _all_but_every(every: int, layers: int) -> tuple[int, ...]:
  # Cut off for a damaged file: its many layers are found not to have tensors later.
  return tuple(layer for layer in range(min(layers, _MAX_LAYERS)) if layer % every)


def _read_rope(values: CheckedValues, layer_type: str, old_key: str, default: float) -> float:
  """Reads the base of the rotary positions of a type of layers."""
  theta = values.get(old_key, default, _is_base, "a number above 1")
  parameters = values.get("rope_parameters", {}, _is_object, "an object of types of layers")
  by_type = CheckedValues(parameters)
  checked = CheckedValues(by_type.get(layer_type, {}, _is_object, "an object"))
  theta = checked.get("rope_theta", theta, _is_base, "a number above 1")
  checked.get("rope_type", "default", _is_default, "'default'")
  values.problems += [f"rope_parameters: {line}" for line in by_type.problems]
  values.problems += [f"rope_parameters: {layer_type}: {line}" for line in checked.problems]
  return float(theta)


def write(config: Config) -> dict[str, Any]:
  """Returns the keys for what `read` reads."""
  types = ["full_attention"] * config.layers
  for layer in config.local_layers:
    types[layer] = "sliding_attention"
  values = {
    "classifier_activation": ACTIVATION_NAMES[config.head_activation],
    "layer_types": types,
    "local_attention": 2 * config.local_distance,
    # What transformers 5 reads, then what earlier releases read.
    "rope_parameters": {
      "full_attention": {"rope_type": "default", "rope_theta": config.rope_theta},
      "sliding_attention": {"rope_type": "default", "rope_theta": config.local_rope_theta},
    },
    "global_rope_theta": config.rope_theta,
    "local_rope_theta": config.local_rope_theta,
  }
  for part, key in _BIAS_KEYS.items():
    values[key] = part in config.biases
  for every in range(1, config.layers + 1):
    if config.local_layers == _all_but_every(every, config.layers):
      return values | {"global_attn_every_n_layers": every}
  return values


def _is_list_of_types(value, *, layers: int) -> bool:
  if not isinstance(value, list) or len(value) != layers:
    return False
  return all(isinstance(name, str) and name in _LAYER_TYPES for name in value)


def _is_base(value) -> bool:
  return is_number(value) and value > 1


def _is_none(value) -> bool:
  return value is None


def _is_object(value) -> bool:
  return isinstance(value, dict)


def _is_default(value) -> bool:
  return value == "default"
