"""What attention depends on besides hidden states: masks, rotations, biases by distance.

Shapes: B texts of T tokens, H heads of dimension K.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

from glove_jax.models.transformer_config import Config
from glove_jax.row_sums import take_rows
from glove_jax.train import Params

_FARTHEST = 128  # tokens; all that are farther from each other share a bucket


class Rotation(NamedTuple):
  """By which angles queries and keys are rotated (rotary embeddings, Su et al. 2021, sec. 3.2)."""

  cos: jax.Array  # [B, T, 1, K / 2] float32
  sin: jax.Array


class AttentionInputs(NamedTuple):
  """Which tokens a layer's attention sees, and where they are."""

  mask: jax.Array                   # [B, 1, T, S] bool, which of S tokens each token attends to
  rotation: Rotation | None = None  # of queries and keys
  bias: jax.Array | None = None     # [B, H, T, S] float32, of the logits


def make(params: Params, documents, positions, *, config: Config) -> AttentionInputs:
  """Returns the inputs of layers whose tokens see all of their document.

  Args:
    params: of a transformer.
    documents: [B, T] int32, of `transformer.Tokens`.
    positions: [B, T] int32, of `positions_in_document`.
    config: the architecture.
  """
  mask = _attention_mask(documents, config.causal)
  rotation = None
  if config.rope_theta:
    rotation = _rotation(positions, config.rope_theta, config)
  bias = None
  if config.distance_buckets:
    bias = _distance_bias(params["distance_bias"], positions)
  return AttentionInputs(mask, rotation, bias)


def make_local(inputs: AttentionInputs, positions, *, config: Config) -> AttentionInputs:
  """Returns the inputs of layers whose tokens see close ones only (Warner et al. 2024)."""
  if not config.local_layers:
    return inputs
  distances = _distances(positions)
  near = (jnp.abs(distances) <= config.local_distance)[:, None]
  rotation = inputs.rotation
  if config.local_rope_theta:
    rotation = _rotation(positions, config.local_rope_theta, config)
  return AttentionInputs(inputs.mask & near, rotation, inputs.bias)


def _attention_mask(documents, causal: bool):  # documents: [B, T] -> [B, 1, T, T] bool
  """Lets tokens see their own document. Padding sees padding, which no token sees."""
  same = documents[:, :, None] == documents[:, None, :]
  if causal:
    earlier = jnp.tril(jnp.ones(same.shape[1:], bool))
    same &= earlier
  return same[:, None]


def positions_in_document(documents):  # documents: [B, T] -> [B, T] int32
  """Returns the position of each token in its document."""
  indices = jnp.arange(documents.shape[1])
  is_first = jnp.ones_like(documents[:, :1], bool)
  changes = documents[:, 1:] != documents[:, :-1]
  is_start = jnp.concatenate([is_first, changes], 1)
  starts = jax.lax.cummax(jnp.where(is_start, indices, 0), axis=1)
  return indices - starts


def rotate(x, rotation: Rotation):  # x: [B, T, H, K] -> the same shape
  """Rotates the vectors of heads; plane i consists of dimensions i and i + K / 2."""
  first, second = jnp.split(x.astype(jnp.float32), 2, axis=-1)
  cos, sin = rotation
  rotated = jnp.concatenate([first * cos - second * sin, second * cos + first * sin], -1)
  return rotated.astype(x.dtype)


def distance_buckets(distances, count: int):  # integers of any shape -> the same shape
  """Returns the bucket of each distance (Raffel et al. 2020, sec. 2.1).

  Half of the buckets are for tokens that follow. Of each half, the first half has one bucket a
  distance; the others are logarithmic up to 128.
  """
  half = count // 2
  exact = half // 2
  size = jnp.abs(distances)
  scale = (half - exact) / math.log(_FARTHEST / exact)
  logarithmic = exact + (jnp.log(jnp.maximum(size, 1) / exact) * scale).astype(jnp.int32)
  bucket = jnp.where(size < exact, size, jnp.minimum(logarithmic, half - 1))
  return bucket + half * (distances > 0)


def _rotation(positions, theta: float, config: Config) -> Rotation:
  """Returns the angles of tokens at positions [B, T]: position / theta^(2 i / K) in plane i."""
  head_dim = config.dim // config.heads
  exponents = jnp.arange(0, head_dim, 2, dtype=jnp.float32) / head_dim
  angles = positions[..., None, None] * theta**-exponents
  return Rotation(jnp.cos(angles), jnp.sin(angles))


def _distance_bias(table, positions):  # table: [buckets, H], positions: [B, T] -> [B, H, T, T]
  """Returns the attention bias of each pair of tokens, in float32."""
  buckets = distance_buckets(_distances(positions), len(table))
  return jnp.moveaxis(take_rows(table, buckets).astype(jnp.float32), -1, 1)


def _distances(positions):  # [B, T] -> [B, T, T]: from each token to each
  return positions[:, None, :] - positions[:, :, None]
