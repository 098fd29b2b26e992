"""Convolutions over words (Kim 2014, "Convolutional Neural Networks for Sentence Classification").

Feature i at token t is relu(w_i . x[t - before : t + after + 1] + b_i) (eq. 2). With max pooling
over tokens (eq. 3) this is Kim's model.
"""

import jax
import jax.numpy as jnp

from glove_jax import nn
from glove_jax.models.encoder import Encoder


def cnn(inputs: Encoder, *, widths: tuple[int, ...] = (3, 4, 5), filters: int = 100) -> Encoder:
  """Returns an encoder with convolutions of several widths side by side.

  Args:
    inputs: encoder whose output is convolved.
    widths: window sizes in words. Beyond the ends of a text, windows hold zeros.
    filters: features for each width.
  """

  def init(rng):
    rng_inputs, *rng_widths = jax.random.split(rng, 1 + len(widths))
    params = {"inputs": inputs.init(rng_inputs)}
    for width, key in zip(widths, rng_widths, strict=True):
      params[f"width_{width}"] = nn.init_convolution(key, width, inputs.dim, filters)
    return params

  def encode(params, batch, rng):
    mask = batch.mask[..., None]
    x = inputs.encode(params["inputs"], batch, rng) * mask
    features = []
    for width in widths:
      features.append(nn.convolution(params[f"width_{width}"], x))
    return jax.nn.relu(jnp.concatenate(features, 2)) * mask

  return Encoder(init=init, encode=encode, dim=len(widths) * filters)
