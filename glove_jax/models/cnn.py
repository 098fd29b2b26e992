"""Convolutions over words (Kim 2014, "Convolutional Neural Networks for Sentence Classification")."""

import jax
import jax.numpy as jnp

from glove_jax import nn
from glove_jax.models.encoder import Encoder


def cnn(inputs: Encoder, *, widths: tuple[int, ...] = (3, 4, 5), filters: int = 100) -> Encoder:
  """`filters` of each width on every window of words, rectified; pooled by their greatest it is Kim's model.

  Args:
    inputs: what is convolved.
    widths: words of a window. Windows go over the ends of a text, where there are zeros.
    filters: features of each width.
  """
  def init(rng):
    first, *rest = jax.random.split(rng, 1 + len(widths))
    return {"inputs": inputs.init(first),
            **{f"width_{width}": nn.init_convolution(key, width, inputs.dim, filters)
               for width, key in zip(widths, rest, strict=True)}}
  def encode(params, batch, rng):
    x = inputs.encode(params["inputs"], batch, rng) * batch.mask[..., None]
    features = [nn.convolution(params[f"width_{width}"], x) for width in widths]
    return jax.nn.relu(jnp.concatenate(features, 2)) * batch.mask[..., None]
  return Encoder(init, encode, len(widths) * filters)
