"""Initial params of transformers, from a tree of `ParamSpec`s: the shape and distribution of each.

The tree of specs also says which params a model has, for reading them from files.
"""

import functools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax.models.transformer_config import Config, check_config
from glove_jax.train import Params


class ParamSpec(NamedTuple):
  """The shape of a param and the normal distribution of its initial values."""

  shape: tuple[int, ...]
  stddev: float = 0.0
  mean: float = 0.0


def param_specs(config: Config) -> dict:
  """Returns a `ParamSpec` for each param of a transformer, initialised as in BERT and GPT-2.

  Weights are normal with standard deviation 0.02, biases zero. With norms first, the weights whose
  output is added to the residual stream start 1 / sqrt(2 layers) smaller (Radford et al. 2019,
  sec. 2.3), so that the stream does not grow with depth.

  Raises:
    InputError: the config's sizes make no sense.
  """
  check_config(config)
  specs = {
    "embed": _embedding_specs(config),
    "layers": {str(i): _layer_specs(config, i) for i in range(config.layers)},
  }
  if config.pre_norm:
    specs["norm"] = _norm_specs(config, config.dim)
  if config.distance_buckets:
    specs["distance_bias"] = ParamSpec((config.distance_buckets, config.heads), 0.02)
  return specs


def _embedding_specs(config: Config) -> dict:
  dim = config.embed_dim or config.dim
  specs = {"token": ParamSpec((config.vocab_size, dim), 0.02)}
  if not config.rope_theta:
    specs["position"] = ParamSpec((config.positions + config.position_offset, dim), 0.02)
  if config.types:
    specs["type"] = ParamSpec((config.types, dim), 0.02)
  if config.embed_norm or not config.pre_norm:
    specs["norm"] = _norm_specs(config, dim)
  if dim != config.dim:
    specs["project"] = dense_specs(dim, config.dim)
  return specs


def _layer_specs(config: Config, number: int) -> dict:
  residual_stddev = 0.02
  if config.pre_norm:
    residual_stddev = 0.02 / (2 * config.layers) ** 0.5
  attention_bias = "attention" in config.biases
  mlp_bias = "mlp" in config.biases
  inner_dim = config.feedforward_dim * (2 if config.gated else 1)
  specs = {
    "attention": {
      "qkv": dense_specs(config.dim, 3 * config.dim, bias=attention_bias),
      "out": dense_specs(config.dim, config.dim, residual_stddev, bias=attention_bias),
    },
    "mlp": {
      "in": dense_specs(config.dim, inner_dim, bias=mlp_bias),
      "out": dense_specs(config.feedforward_dim, config.dim, residual_stddev, bias=mlp_bias),
    },
    "mlp_norm": _norm_specs(config, config.dim),
  }
  if number > 0 or not config.embed_norm:
    specs["attention_norm"] = _norm_specs(config, config.dim)
  return specs


def _norm_specs(config: Config, dim: int) -> dict[str, ParamSpec]:
  return layer_norm_specs(dim, bias="norm" in config.biases)


def dense_specs(
  inputs: int, outputs: int, stddev: float = 0.02, *, bias: bool = True
) -> dict[str, ParamSpec]:
  """Returns the specs of an `nn.dense` layer."""
  specs = {"w": ParamSpec((inputs, outputs), stddev)}
  if bias:
    specs["b"] = ParamSpec((outputs,))
  return specs


def layer_norm_specs(dim: int, *, bias: bool = True) -> dict[str, ParamSpec]:
  """Returns the specs of an `nn.layer_norm`, which starts with scale 1 and bias 0."""
  specs = {"scale": ParamSpec((dim,), mean=1.0)}
  if bias:
    specs["b"] = ParamSpec((dim,))
  return specs


def init_from_specs(rng: jax.Array, specs: dict) -> Params:
  """Draws float32 params for a tree of specs."""
  leaves, structure = jax.tree.flatten(specs, is_leaf=is_spec)
  return jax.tree.unflatten(structure, _draw(rng, tuple(leaves)))


def is_spec(leaf) -> bool:
  """Tells whether a node of a tree is a `ParamSpec`, for use as `is_leaf` of `jax.tree`."""
  return isinstance(leaf, ParamSpec)


@functools.partial(jax.jit, static_argnums=1)
def _draw(rng, specs: tuple[ParamSpec, ...]) -> list[jax.Array]:
  # One draw for all params: XLA would take a second to compile a draw for each shape.
  sizes = []
  for spec in specs:
    sizes.append(math.prod(spec.shape) if spec.stddev else 0)
  ends = np.cumsum(sizes)
  normals = jax.random.normal(rng, (int(ends[-1]),))
  params = []
  for spec, part in zip(specs, jnp.split(normals, ends[:-1]), strict=True):
    if spec.stddev:
      params.append(spec.mean + spec.stddev * part.reshape(spec.shape))
    else:
      params.append(jnp.full(spec.shape, spec.mean, jnp.float32))
  return params
