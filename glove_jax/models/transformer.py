"""The transformer (Vaswani et al. 2017) as functions on nested dicts: encoders like BERT and decoders like GPT-2.

Params: `embed` (`token` [V, D], `position` [P, D], for segments `type`, after BERT `norm`), `layers` ("0", "1", ...,
each `attention`, `attention_norm`, `mlp`, `mlp_norm`) and, where norms come first, a last `norm`. Layers are told apart
by name, so that a regular expression such as `layers/[0-3]/` gives them a learning rate of their own.
"""

import functools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import nn
from glove_jax.errors import InputError
from glove_jax.models.attention import attention
from glove_jax.train import Params

ACTIVATIONS = {
  "gelu": functools.partial(jax.nn.gelu, approximate=False),
  "gelu_tanh": functools.partial(jax.nn.gelu, approximate=True),  # what GPT-2's code calls GELU
  "relu": jax.nn.relu,
}
DTYPES = ("float32", "bfloat16")


class Config(NamedTuple):
  """What a transformer is. `bert.CONFIG` and `gpt2.CONFIG` are those two; others are made by `_replace`."""

  vocab_size: int
  dim: int = 256
  layers: int = 4
  heads: int = 4
  hidden: int = 1024        # width inside a layer's feed-forward part
  positions: int = 512      # tokens of the longest text
  types: int = 0            # kinds of segments, such as BERT's first and second sentence
  causal: bool = False      # a token sees none that come after it
  pre_norm: bool = False    # layer norms before each part (GPT-2) rather than after it (BERT)
  activation: str = "gelu"  # of ACTIVATIONS
  epsilon: float = 1e-12    # of layer norms
  dropout: float = 0.1      # after the embeddings and each part of a layer; attention has none
  dtype: str = "float32"    # of the computation; params are float32 always
  remat: bool = False       # compute layers again for the gradient rather than keep what they computed


class Tokens(NamedTuple):
  """A batch of texts, padded on either side, or several texts in a row."""

  ids: jax.Array           # [B, T] int32
  documents: jax.Array     # [B, T] int32: a token sees those of its own number; 0: padding
  types: jax.Array | None = None  # [B, T] int32, kind of segment; none: all 0


class Cache(NamedTuple):
  """What a decoder remembers of B texts of up to S tokens: keys and values of each layer, and which are no padding."""

  layers: dict[str, tuple[jax.Array, jax.Array]]  # keys, values: [B, S, H, D / H]
  real: jax.Array  # [B, S] bool
  size: jax.Array  # [] int32, how many places are filled, the same in all texts


def check(config: Config) -> None:
  """InputError, naming all of them, for sizes and names that make no sense."""
  sizes = ("vocab_size", "dim", "layers", "heads", "hidden", "positions")
  wrong = [f"{name} is {getattr(config, name)}, expected 1 or more" for name in sizes if getattr(config, name) < 1]
  if config.heads > 0 and config.dim % config.heads:
    wrong.append(f"dim is {config.dim}, expected a multiple of heads={config.heads}")
  for name, known in (("activation", ACTIVATIONS), ("dtype", DTYPES)):
    if getattr(config, name) not in known:
      wrong.append(f"{name} is {getattr(config, name)!r}, expected one of {', '.join(known)}")
  if not 0 <= config.dropout < 1:
    wrong.append(f"dropout is {config.dropout}, expected a fraction from 0 to below 1")
  if config.types < 0 or not config.epsilon > 0:
    wrong.append(f"types is {config.types} and epsilon {config.epsilon}, expected 0 or more, and more than 0")
  if wrong:
    raise InputError("; ".join(wrong) + ".")


class Start(NamedTuple):
  """How an array of params begins: normal numbers."""

  shape: tuple[int, ...]
  deviation: float = 0.0
  mean: float = 0.0


def init(rng: jax.Array, config: Config) -> Params:
  """Params as BERT and GPT-2 begin: normal with deviation 0.02, biases 0.

  Where norms come first, what each part adds to the residual stream begins 1 / sqrt(2 layers) smaller (Radford et al.
  2019, sec. 2.3): the stream does not grow with the depth.
  """
  return draw(rng, starts(config))


def starts(config: Config) -> dict:
  """A `Start` for each of the params."""
  check(config)
  dim, hidden = config.dim, config.hidden
  last = 0.02 / (2 * config.layers) ** 0.5 if config.pre_norm else 0.02
  layer = {
    "attention": {"qkv": dense_start(dim, 3 * dim), "out": dense_start(dim, dim, last)},
    "attention_norm": norm_start(dim),
    "mlp": {"in": dense_start(dim, hidden), "out": dense_start(hidden, dim, last)},
    "mlp_norm": norm_start(dim)}
  tables = {"token": config.vocab_size, "position": config.positions, "type": config.types}
  embed = {name: Start((size, dim), 0.02) for name, size in tables.items() if size}
  layers = {str(i): layer for i in range(config.layers)}
  if config.pre_norm:
    return {"embed": embed, "layers": layers, "norm": norm_start(dim)}
  return {"embed": {**embed, "norm": norm_start(dim)}, "layers": layers}


def dense_start(inputs: int, outputs: int, deviation: float = 0.02) -> dict[str, Start]:
  """How `nn.dense` begins."""
  return {"w": Start((inputs, outputs), deviation), "b": Start((outputs,))}


def norm_start(dim: int) -> dict[str, Start]:
  """How `nn.layer_norm` begins: as it is."""
  return {"scale": Start((dim,), mean=1.0), "b": Start((dim,))}


def draw(rng: jax.Array, starts: dict) -> Params:
  """Params from their starts, float32."""
  leaves, structure = jax.tree.flatten(starts, is_leaf=lambda leaf: isinstance(leaf, Start))
  return jax.tree.unflatten(structure, _draw(rng, tuple(leaves)))


@functools.partial(jax.jit, static_argnums=1)
def _draw(rng, starts: tuple[Start, ...]) -> list[jax.Array]:
  # One draw for all: each shape of its own would take XLA a second to compile.
  ends = np.cumsum([math.prod(start.shape) if start.deviation else 0 for start in starts])
  parts = jnp.split(jax.random.normal(rng, (int(ends[-1]),)), ends[:-1])
  return [start.mean + start.deviation * part.reshape(start.shape) if start.deviation
          else jnp.full(start.shape, start.mean, jnp.float32) for start, part in zip(starts, parts, strict=True)]


def encode(params: Params, tokens: Tokens, rng: jax.Array | None = None, *, config: Config) -> jax.Array:
  """Texts as [B, T, D] in the computation's type; what stands at padding means nothing. No `rng`, no dropout.

  Raises:
    InputError: the texts are longer than the model has positions.
  """
  return hidden_states(params, tokens, rng, config=config)[-1]


def hidden_states(params: Params, tokens: Tokens, rng: jax.Array | None = None, *, config: Config) -> list[jax.Array]:
  """Texts after the embeddings and after each layer: layers + 1 times [B, T, D]."""
  length = tokens.ids.shape[1]
  if length > config.positions:
    raise InputError(f"a text of {length} tokens, expected {config.positions} at most.")
  params = cast(params, config)
  mask = visible(tokens.documents, config.causal)
  states = [_embed(params["embed"], tokens, places(tokens.documents), config, _fold(rng, 0))]
  for i in range(config.layers):
    layer = functools.partial(block, config=config)
    layer = jax.checkpoint(layer) if config.remat else layer
    states.append(layer(params["layers"][str(i)], states[-1], mask, _fold(rng, i + 1))[0])
  return [*states[:-1], _finish(params, states[-1], config)]


def init_cache(config: Config, *, batch: int, size: int) -> Cache:
  """A cache for `batch` texts of up to `size` tokens and padding, empty; `config.positions` bounds the tokens."""
  empty = jnp.zeros((batch, size, config.heads, config.dim // config.heads), config.dtype)
  return Cache({str(i): (empty, empty) for i in range(config.layers)}, jnp.zeros((batch, size), bool), jnp.int32(0))


def extend(params: Params, tokens: Tokens, cache: Cache, *, config: Config) -> tuple[jax.Array, Cache]:
  """The next T tokens of each text: what `encode` would give for these, [B, T, D], and the cache with them.

  Padding is on the left of a text, or on the right of its last tokens; `documents` says only what is padding.
  """
  params = cast(params, config)
  new = tokens.documents > 0
  real = jax.lax.dynamic_update_slice(cache.real, new, (0, cache.size))
  before = jnp.sum(cache.real, 1, keepdims=True)  # empty places are not real
  position = jnp.maximum(before + jnp.cumsum(new, 1) - 1, 0)
  place = cache.size + jnp.arange(new.shape[1])
  mask = real[:, None, None, :] & (jnp.arange(real.shape[1]) <= place[:, None])
  h, layers = _embed(params["embed"], tokens, position, config, None), {}
  for i in map(str, range(config.layers)):
    h, layers[i] = block(params["layers"][i], h, mask, None, (*cache.layers[i], cache.size), config=config)
  return _finish(params, h, config), Cache(layers, real, cache.size + new.shape[1])


def block(params: Params, h: jax.Array, mask: jax.Array, rng=None, past=None, *, config: Config):
  """One layer: attention, then a feed-forward part, each added to what came in.

  Args:
    h: [B, T, D].
    mask: [B, 1, T, S] bool, which of S tokens each sees.
    past: (keys, values [B, S, H, D / H], place) of the tokens before; none: S is T.
  Returns:
    ([B, T, D], the new (keys, values) or None).
  """
  def norm(name, x):
    return nn.layer_norm(params[name], x, epsilon=config.epsilon)
  def drop(x, i):
    return nn.dropout(_fold(rng, i), x, config.dropout)
  h = nn.settled(h)
  x, past = attend(params["attention"], norm("attention_norm", h) if config.pre_norm else h, mask, past, config)
  h = nn.settled(h + drop(x, 0))
  h = h if config.pre_norm else norm("attention_norm", h)
  x = nn.dense(params["mlp"]["in"], norm("mlp_norm", h) if config.pre_norm else h)
  h = h + drop(nn.dense(params["mlp"]["out"], ACTIVATIONS[config.activation](x)), 1)
  return (h if config.pre_norm else norm("mlp_norm", h)), past


def attend(params: Params, h: jax.Array, mask: jax.Array, past, config: Config):
  """Attention of all heads (Vaswani et al. 2017, eq. 1); arguments and results as of `block`."""
  batch, length, dim = h.shape
  qkv = nn.dense(params["qkv"], h).reshape(batch, length, 3, config.heads, dim // config.heads)
  query, key, value = qkv[:, :, 0], qkv[:, :, 1], qkv[:, :, 2]
  if past is not None:
    *past, place = past
    key, value = past = [jax.lax.dynamic_update_slice(old, new, (0, place, 0, 0))
                         for old, new in zip(past, (key, value), strict=True)]
  out = attention(query, key, value, mask)
  return nn.dense(params["out"], out.reshape(batch, length, dim)), past and tuple(past)


def visible(documents: jax.Array, causal: bool) -> jax.Array:
  """Which tokens see which: documents [B, T] -> [B, 1, T, T] bool. Padding sees padding, and nothing sees it."""
  same = documents[:, :, None] == documents[:, None, :]
  if causal:
    same &= jnp.tril(jnp.ones(same.shape[1:], bool))
  return same[:, None]


def places(documents: jax.Array) -> jax.Array:
  """Each token's place in its own document, [B, T] int32."""
  at = jnp.arange(documents.shape[1])
  new = jnp.concatenate([jnp.ones_like(documents[:, :1], bool), documents[:, 1:] != documents[:, :-1]], 1)
  return at - jax.lax.cummax(jnp.where(new, at, 0), axis=1)


def cast(params: Params, config: Config) -> Params:
  """Params in the type of the computation."""
  return jax.tree.map(lambda leaf: jnp.asarray(leaf, config.dtype), params)


def tied_logits(params: Params, h: jax.Array) -> jax.Array:
  """How well each token of the vocabulary fits there, by its own embedding: [..., D] -> [..., V] float32."""
  table = jnp.asarray(params["embed"]["token"], h.dtype)
  return nn.matmul(h, table.T, jnp.float32)


def mean_pool(h: jax.Array, documents: jax.Array) -> jax.Array:
  """The mean over each text's tokens: h [B, T, D], documents [B, T] -> [B, D] float32; zeros for no token."""
  real = (documents > 0).astype(jnp.float32)[..., None]
  return jnp.sum(h * real, 1) / jnp.maximum(real.sum(1), 1.0)


def _embed(params: Params, tokens: Tokens, position: jax.Array, config: Config, rng) -> jax.Array:
  h = params["token"][tokens.ids] + params["position"][position]
  if config.types:
    h = h + (params["type"][0] if tokens.types is None else params["type"][tokens.types])
  if not config.pre_norm:
    h = nn.layer_norm(params["norm"], h, epsilon=config.epsilon)
  return nn.dropout(rng, h, config.dropout)


def _finish(params: Params, h: jax.Array, config: Config) -> jax.Array:
  return nn.layer_norm(params["norm"], h, epsilon=config.epsilon) if config.pre_norm else h


def _fold(rng, number: int):
  return None if rng is None else jax.random.fold_in(rng, number)
