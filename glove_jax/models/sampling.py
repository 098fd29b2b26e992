"""How a language model's next token is drawn from its logits.

Shapes: B texts; V tokens of the vocabulary.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp


class Sampling(NamedTuple):
  """How the next token is drawn; temperature, `top_k` and `top_p` apply in this order."""

  temperature: float = 0.0  # divides the logits; 0: take the most likely token
  top_k: int = 0            # draw from this many most likely tokens; 0: from all
  # Draw from the fewest tokens whose probabilities add up to this (Holtzman et al. 2020).
  top_p: float = 1.0


def draw(rng, position, logits, sampling: Sampling):  # logits: [B, V] -> [B] int32
  """Draws a token of each text, as a function of (rng, row, position)."""

  def random(logits):
    rows = jnp.arange(len(logits))
    keys = jax.vmap(functools.partial(_row_key, rng, position))(rows)
    kept = filter_logits(logits / sampling.temperature, sampling)
    return jax.vmap(jax.random.categorical)(keys, kept)

  def most_likely(logits):
    return jnp.argmax(logits, -1)

  drawn = jax.lax.cond(sampling.temperature > 0, random, most_likely, logits)
  return drawn.astype(jnp.int32)


def _row_key(rng, position, row):
  return jax.random.fold_in(jax.random.fold_in(rng, position), row)


def filter_logits(logits: jax.Array, sampling: Sampling) -> jax.Array:  # [B, V] -> [B, V]
  """Sets the logits of tokens outside `top_k` and `top_p` to minus infinity.

  The most likely token is always kept.
  """
  ordered = -jnp.sort(-logits, axis=-1)
  in_top_k = jnp.arange(logits.shape[-1]) < sampling.top_k
  probabilities = jax.nn.softmax(jnp.where(in_top_k, ordered, -jnp.inf), axis=-1)
  more_likely = jnp.cumsum(probabilities, -1) - probabilities
  in_top_p = more_likely < sampling.top_p
  count = jnp.sum(in_top_k & in_top_p, -1, keepdims=True)
  last = jnp.maximum(count, 1) - 1
  threshold = jnp.take_along_axis(ordered, last, -1)
  return jnp.where(logits >= threshold, logits, -jnp.inf)
