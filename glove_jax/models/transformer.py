"""The transformer (Vaswani et al. 2017): encoders like BERT and decoders like GPT-2.

With h the hidden states of a layer's input and LN a layer norm, the output is
  BERT:   h <- LN(h + attention(h));  h <- LN(h + mlp(h))
  GPT-2:  h <- h + attention(LN(h));  h <- h + mlp(LN(h))

Params are nested dicts: `embed` (`token` [V, D], `position` [P, D], `type` for segments and, in
BERT, `norm`), `layers` ("0", "1", ..., each `attention`, `attention_norm`, `mlp`, `mlp_norm`) and,
with norms first, a last `norm`. Other families lack some of them, or have `project` among the
embeddings (ELECTRA) and a `distance_bias` of attention (MPNet); see `Config`. Layers have names, so
that a regular expression such as `layers/[0-3]/` can give them a separate learning rate.

Shapes: B texts of T tokens, D dimensions a token, H heads of dimension K = D / H, V words.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp

from glove_jax import nn
from glove_jax.custom_gradients import materialize_grad, matmul
from glove_jax.errors import InputError
from glove_jax.models import attention_inputs
from glove_jax.models.attention import attention, biased_attention
from glove_jax.models.attention_inputs import AttentionInputs
from glove_jax.models.transformer_config import ACTIVATIONS, DTYPES, Config, check_config
from glove_jax.models.transformer_init import ParamSpec, init_from_specs, param_specs
from glove_jax.row_sums import take_rows
from glove_jax.train import Params

__all__ = [
  "ACTIVATIONS",
  "DTYPES",
  "AttentionInputs",
  "Config",
  "ParamSpec",
  "Tokens",
  "block",
  "cast_params",
  "check_config",
  "embed_tokens",
  "encode",
  "final_norm",
  "hidden_states",
  "init",
  "mean_pool",
  "param_specs",
  "table_logits",
  "tied_logits",
]


class Tokens(NamedTuple):
  """A batch of texts, padded on either side; a row may hold several documents one after another."""

  ids: jax.Array           # [B, T] int32
  documents: jax.Array     # [B, T] int32: tokens attend within their document; 0 is padding
  types: jax.Array | None = None  # [B, T] int32, the segment of each token; None: all 0


def init(rng: jax.Array, config: Config) -> Params:
  """Draws the params of a transformer (see `param_specs`)."""
  return init_from_specs(rng, param_specs(config))


def encode(
  params: Params, tokens: Tokens, rng: jax.Array | None = None, *, config: Config
) -> jax.Array:
  """Returns the last hidden states, [B, T, D] in `config.dtype`; undefined at padding.

  Args:
    params: of `init`.
    tokens: the texts.
    rng: random key for dropout; None: no dropout.
    config: the architecture.

  Raises:
    InputError: the texts are longer than the model has positions.
  """
  return hidden_states(params, tokens, rng, config=config)[-1]


def hidden_states(
  params: Params, tokens: Tokens, rng: jax.Array | None = None, *, config: Config
) -> list[jax.Array]:
  """Returns the embeddings and the output of each layer, layers + 1 arrays [B, T, D].

  Arguments and errors are those of `encode`.
  """
  length = tokens.ids.shape[1]
  if length > config.positions:
    raise InputError(f"a text of {length} tokens, expected {config.positions} at most.")
  params = cast_params(params, config)
  positions = attention_inputs.positions_in_document(tokens.documents)
  inputs = attention_inputs.make(params, tokens.documents, positions, config=config)
  local_inputs = attention_inputs.make_local(inputs, positions, config=config)
  h = embed_tokens(params["embed"], tokens, positions, _fold_in(rng, 0), config=config)
  states = [h]
  for i in range(config.layers):
    layer = functools.partial(block, config=config)
    if config.remat:
      layer = jax.checkpoint(layer)
    layer_inputs = local_inputs if i in config.local_layers else inputs
    h, _ = layer(params["layers"][str(i)], h, layer_inputs, _fold_in(rng, i + 1))
    states.append(h)
  states[-1] = final_norm(params, h, config)
  return states


def block(
  params: Params, h, inputs: AttentionInputs, rng=None, cache=None, *, config: Config
):
  """Applies one layer: attention, then the feed-forward network, each with a residual connection.

  Args:
    params: of the layer.
    h: [B, T, D].
    inputs: what attention depends on besides h.
    rng: random key for dropout, or None.
    cache: (keys, values, length): arrays [B, S, H, K], whose first `length` tokens are
      filled; None: attend to the same tokens, S = T.
    config: the architecture.

  Returns:
    (h [B, T, D], the (keys, values) with those of h, or None without a cache).
  """
  h = materialize_grad(h)
  x = h
  if config.pre_norm and "attention_norm" in params:
    x = _layer_norm(params["attention_norm"], h, config)
  x, cache = _self_attention(params["attention"], x, inputs, cache, config.heads)
  x = nn.dropout(_fold_in(rng, 0), x, config.dropout)
  h = materialize_grad(h + x)
  if not config.pre_norm:
    h = _layer_norm(params["attention_norm"], h, config)
  x = _layer_norm(params["mlp_norm"], h, config) if config.pre_norm else h
  x = _feed_forward(params["mlp"], x, config)
  h = h + nn.dropout(_fold_in(rng, 1), x, config.dropout)
  if not config.pre_norm:
    h = _layer_norm(params["mlp_norm"], h, config)
  return h, cache


def _feed_forward(params: Params, h, config: Config):  # h: [B, T, D] -> [B, T, D]
  x = nn.dense(params["in"], h)
  if config.gated:
    x, gate = jnp.split(x, 2, axis=-1)
    x = ACTIVATIONS[config.activation](x) * gate
  else:
    x = ACTIVATIONS[config.activation](x)
  return nn.dense(params["out"], x)


def _self_attention(params: Params, h, inputs: AttentionInputs, cache, heads: int):
  """Multi-head attention (Vaswani et al. 2017, sec. 3.2.2); shapes as in `block`."""
  batch_size, length, dim = h.shape
  qkv = nn.dense(params["qkv"], h)
  qkv = qkv.reshape(batch_size, length, 3, heads, dim // heads)
  query = qkv[:, :, 0]
  key = qkv[:, :, 1]
  value = qkv[:, :, 2]
  if inputs.rotation is not None:
    query = attention_inputs.rotate(query, inputs.rotation)
    key = attention_inputs.rotate(key, inputs.rotation)
  keys_values = None
  if cache is not None:
    keys, values, cache_length = cache
    start = (0, cache_length, 0, 0)
    key = jax.lax.dynamic_update_slice(keys, key, start)
    value = jax.lax.dynamic_update_slice(values, value, start)
    keys_values = (key, value)
  if inputs.bias is None:
    out = attention(query, key, value, inputs.mask)
  else:
    out = biased_attention(query, key, value, inputs.mask, inputs.bias)
  out = out.reshape(batch_size, length, dim)
  return nn.dense(params["out"], out), keys_values


def embed_tokens(params: Params, tokens: Tokens, positions, rng=None, *, config: Config):
  """Adds up token, position and segment embeddings: -> [B, T, D].

  Args:
    params: `embed` of a transformer's params.
    tokens: the texts.
    positions: [B, T] int32.
    rng: random key for dropout, or None.
    config: the architecture.
  """
  h = take_rows(params["token"], tokens.ids)
  if "position" in params:
    h = h + take_rows(params["position"], positions + config.position_offset)
  if config.types:
    types = params["type"][0]
    if tokens.types is not None:
      types = take_rows(params["type"], tokens.types)
    h = h + types
  if "norm" in params:
    h = _layer_norm(params["norm"], h, config)
  h = nn.dropout(rng, h, config.dropout)
  return nn.dense(params["project"], h) if "project" in params else h


def final_norm(params: Params, h, config: Config):  # h: [..., D] -> [..., D]
  """Applies the norm after the last layer, which models with norms first have."""
  return _layer_norm(params["norm"], h, config) if config.pre_norm else h


def _layer_norm(params: Params, h, config: Config):
  return nn.layer_norm(params, h, epsilon=config.epsilon)


def _fold_in(rng: jax.Array | None, number: int):
  return None if rng is None else jax.random.fold_in(rng, number)


def cast_params(params: Params, config: Config) -> Params:
  """Returns the params in the type of the computation."""
  return jax.tree.map(lambda leaf: jnp.asarray(leaf, config.dtype), params)


def tied_logits(params: Params, h):  # h: [..., D] -> [..., V] float32
  """Scores the words of the vocabulary with the token embeddings (Press & Wolf 2017).

  Models whose output layer is not tied to them have its weights in `lm_head`.
  """
  if "lm_head" in params:
    return table_logits(params["lm_head"]["table"], h)
  return table_logits(params["embed"]["token"], h)


def table_logits(table, h):  # table: [V, D], h: [..., D] -> [..., V] float32
  """Scores the words of the vocabulary with the rows of a table."""
  return matmul(h, jnp.asarray(table, h.dtype).T, jnp.float32)


def mean_pool(h, documents):  # h: [B, T, D], documents: [B, T] -> [B, D] float32
  """Returns the mean over the tokens of each text; zeros for a text without tokens."""
  mask = (documents > 0).astype(jnp.float32)[..., None]
  total = jnp.sum(h * mask, 1)
  return total / jnp.maximum(mask.sum(1), 1.0)
