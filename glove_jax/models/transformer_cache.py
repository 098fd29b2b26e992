"""A key-value cache, with which a decoder generates text one token at a time.

Each layer keeps the keys and values of the tokens so far, so that only new tokens are computed.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from glove_jax.models import transformer
from glove_jax.models.transformer import AttentionInputs, Config, Tokens
from glove_jax.train import Params


class KeyValueCache(NamedTuple):
  """Keys and values of B texts of up to S tokens."""

  layers: dict[str, tuple[jax.Array, jax.Array]]  # keys, values: [B, S, H, D / H]
  is_token: jax.Array  # [B, S] bool: False for padding and where nothing is filled in yet
  length: jax.Array    # [] int32, filled columns, padding included


def init_cache(config: Config, *, batch: int, size: int) -> KeyValueCache:
  """Returns an empty cache.

  Args:
    config: the architecture. `config.positions` bounds the tokens of a text.
    batch: B, number of texts.
    size: S, tokens and padding of a text.
  """
  head_dim = config.dim // config.heads
  empty = jnp.zeros((batch, size, config.heads, head_dim), config.dtype)
  return KeyValueCache(
    layers={str(i): (empty, empty) for i in range(config.layers)},
    is_token=jnp.zeros((batch, size), bool),
    length=jnp.int32(0),
  )


def extend(
  params: Params, tokens: Tokens, cache: KeyValueCache, *, config: Config
) -> tuple[jax.Array, KeyValueCache]:
  """Appends T tokens to each text.

  Args:
    params: of `transformer`.
    tokens: the next tokens, [B, T]. `documents` says only which are padding; padding may stand
      before a text or between these tokens and the next.
    cache: of the tokens so far.
    config: the architecture.

  Returns:
    (what `transformer.encode` would return for these tokens, [B, T, D]; the extended cache).
  """
  params = transformer.cast_params(params, config)
  new = tokens.documents > 0
  is_token = jax.lax.dynamic_update_slice(cache.is_token, new, (0, cache.length))
  tokens_before = jnp.sum(cache.is_token, 1, keepdims=True)
  positions = jnp.maximum(tokens_before + jnp.cumsum(new, 1) - 1, 0)
  columns = cache.length + jnp.arange(new.shape[1])
  is_earlier = jnp.arange(is_token.shape[1]) <= columns[:, None]
  inputs = AttentionInputs(mask=is_token[:, None, None, :] & is_earlier)
  h = transformer.embed_tokens(params["embed"], tokens, positions, config=config)
  layers = {}
  for i in range(config.layers):
    name = str(i)
    keys, values = cache.layers[name]
    past = (keys, values, cache.length)
    h, layers[name] = transformer.block(
      params["layers"][name], h, inputs, None, past, config=config
    )
  h = transformer.final_norm(params, h, config)
  return h, KeyValueCache(layers, is_token, cache.length + new.shape[1])
