"""The output layer of a task: linear, or with a hidden layer before it.

With a hidden layer, logits are W activation(V h + c) + b; ModernBERT's normalises the activations.
Params: `w`, `b` and, with a hidden layer, `dense` and `norm`.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from glove_jax import nn
from glove_jax.models.transformer_config import ACTIVATIONS
from glove_jax.models.transformer_init import init_from_specs, layer_norm_specs
from glove_jax.train import Params

HIDDEN_ACTIVATIONS = {"tanh": jnp.tanh, **ACTIVATIONS}


class HiddenLayer(NamedTuple):
  """A dense layer from D to D dimensions, an activation and, maybe, a layer norm."""

  activation: str          # a name of HIDDEN_ACTIVATIONS
  bias: bool = True        # of the dense layer
  norm: bool = False
  norm_bias: bool = True
  epsilon: float = 1e-12   # of the norm


def init(rng: jax.Array, inputs: int, outputs: int, hidden: HiddenLayer | None = None) -> Params:
  """Draws the params of an output layer from `inputs` to `outputs` dimensions."""
  if hidden is None:
    return nn.init_dense(rng, inputs, outputs)
  rng_hidden, rng_output = jax.random.split(rng)
  dense = nn.init_dense(rng_hidden, inputs, inputs)
  if not hidden.bias:
    del dense["b"]
  params = {"dense": dense, **nn.init_dense(rng_output, inputs, outputs)}
  if hidden.norm:
    params["norm"] = init_from_specs(rng, layer_norm_specs(inputs, bias=hidden.norm_bias))
  return params


def apply_hidden(params: Params, h, hidden: HiddenLayer | None):  # h: [..., D] -> [..., D]
  """Applies the hidden layer, if there is one."""
  if hidden is None:
    return h
  h = HIDDEN_ACTIVATIONS[hidden.activation](nn.dense(params["dense"], h))
  if hidden.norm:
    h = nn.layer_norm(params["norm"], h, epsilon=hidden.epsilon)
  return h
