"""GPT-2 (Radford et al. 2019): a transformer decoder that predicts the next token, and generation.

Params are those of `transformer`, from `transformer.init`; the output matrix is the token table.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax.errors import InputError
from glove_jax.models import transformer
from glove_jax.models.transformer import Config, Tokens, tied_logits
from glove_jax.models.transformer_cache import KeyValueCache, extend, init_cache
from glove_jax.train import Params

# GPT-2 small, the smallest of the four.
CONFIG = Config(
  vocab_size=50257,
  dim=768,
  layers=12,
  heads=12,
  feedforward_dim=3072,
  positions=1024,
  causal=True,
  pre_norm=True,
  activation="gelu_tanh",
  epsilon=1e-5,
)

_PROMPT_MULTIPLE = 16  # prompts are padded to a multiple of it, so that few lengths are compiled


class Sampling(NamedTuple):
  """How the next token is drawn; temperature, `top_k` and `top_p` apply in this order."""

  temperature: float = 0.0  # divides the logits; 0: take the most likely token
  top_k: int = 0            # draw from this many most likely tokens; 0: from all
  # Draw from the fewest tokens whose probabilities add up to this (Holtzman et al. 2020).
  top_p: float = 1.0


class _Generation(NamedTuple):
  """State of the generation loop."""

  count: jax.Array       # [] int32, tokens generated so far
  token_ids: jax.Array   # [B, max_new_tokens] int32
  ended: jax.Array       # [B] bool
  hidden: jax.Array      # [B, D], of the last token
  cache: KeyValueCache


def param_specs(config: Config) -> dict:
  """Returns a `ParamSpec` for each param; with `lm_head` if the output layer is not tied."""
  specs = transformer.param_specs(config)
  if not config.tied:
    table = transformer.ParamSpec((config.vocab_size, config.dim), 0.02)
    specs["lm_head"] = {"table": table}
  return specs


def generate(
  params: Params,
  prompts: Sequence[Sequence[int]],
  *,
  config: Config,
  max_new_tokens: int,
  sampling: Sampling | None = None,
  seed: int = 0,
  stop_id: int | None = None,
) -> list[list[int]]:
  """Returns a continuation of each prompt; draws are a function of (seed, row, position).

  A program is compiled for each number of prompts, prompt length / 16 and length to generate.

  Args:
    params: of a GPT-2.
    prompts: token ids of each.
    config: the architecture.
    max_new_tokens: upper bound on the length of a continuation; one is shorter where its text has
      no more positions.
    sampling: None: always the most likely token.
    seed: of the draws.
    stop_id: token that ends a text; it is not returned.

  Raises:
    InputError: as of `check_prompts`.
  """
  sampling = sampling or Sampling()
  check_prompts(prompts, config, max_new_tokens, sampling)
  if not prompts or max_new_tokens < 1:
    return [[] for _ in prompts]
  limits = [min(max_new_tokens, config.positions - len(prompt)) for prompt in prompts]
  token_ids = _generate(
    params,
    pad_left(prompts, _padded_length(prompts)),
    sampling._replace(top_k=sampling.top_k or config.vocab_size),
    jax.random.key(seed),
    -1 if stop_id is None else stop_id,
    np.array(limits, np.int32),
    config=config,
    max_new_tokens=max(limits),
  )
  rows = np.asarray(token_ids).tolist()
  return [_until(row[:limit], stop_id) for row, limit in zip(rows, limits, strict=True)]


def _padded_length(prompts: Sequence[Sequence[int]]) -> int:
  longest = max(map(len, prompts))
  return -(-longest // _PROMPT_MULTIPLE) * _PROMPT_MULTIPLE


def _until(token_ids: list[int], stop_id: int | None) -> list[int]:
  if stop_id in token_ids:
    return token_ids[: token_ids.index(stop_id)]
  return token_ids


def pad_left(prompts: Sequence[Sequence[int]], size: int) -> Tokens:
  """Returns texts of unequal length as [B, size], with padding on their left."""
  ids = np.zeros((len(prompts), size), np.int32)
  documents = np.zeros((len(prompts), size), np.int32)
  for row, prompt in enumerate(prompts):
    start = size - len(prompt)
    ids[row, start:] = prompt
    documents[row, start:] = 1
  return Tokens(ids, documents)


@functools.partial(jax.jit, static_argnames=("config", "max_new_tokens"))
def _generate(
  params,
  prompts: Tokens,
  sampling: Sampling,
  rng,
  stop_id,
  limits,
  *,
  config: Config,
  max_new_tokens: int,
):
  """Generates [B, max_new_tokens] int32.

  After `stop_id` or its limit, [B], a row holds `stop_id`, or 0 once all rows have ended.
  """
  batch_size, prompt_length = prompts.ids.shape
  params = transformer.cast_params(params, config)
  cache = init_cache(config, batch=batch_size, size=prompt_length + max_new_tokens)
  hidden, cache = extend(params, prompts, cache, config=config)

  def step(state: _Generation) -> _Generation:
    logits = tied_logits(params, state.hidden)
    token_ids = jnp.where(state.ended, stop_id, _draw(rng, state.count, logits, sampling))
    new = Tokens(token_ids[:, None], jnp.ones((batch_size, 1), jnp.int32))
    hidden, cache = extend(params, new, state.cache, config=config)
    return _Generation(
      count=state.count + 1,
      token_ids=state.token_ids.at[:, state.count].set(token_ids),
      ended=state.ended | (token_ids == stop_id) | (state.count + 1 >= limits),
      hidden=hidden[:, -1],
      cache=cache,
    )

  def goes_on(state: _Generation):
    return (state.count < max_new_tokens) & ~state.ended.all()

  start = _Generation(
    count=jnp.int32(0),
    token_ids=jnp.zeros((batch_size, max_new_tokens), jnp.int32),
    ended=jnp.zeros(batch_size, bool),
    hidden=hidden[:, -1],
    cache=cache,
  )
  return jax.lax.while_loop(goes_on, step, start).token_ids


def _draw(rng, position, logits, sampling: Sampling):  # logits: [B, V] -> [B] int32
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


def check_prompts(
  prompts: Sequence[Sequence[int]], config: Config, max_new_tokens: int, sampling: Sampling
) -> None:
  """Checks the arguments of `generate`.

  Raises:
    InputError: the model is no decoder, a prompt is empty, too long or has ids outside of the
      vocabulary, or a setting of `sampling` makes no sense.
  """
  if not config.causal:
    raise InputError("the model is a BERT, which fills in masks, expected a GPT to write text.")
  for number, prompt in enumerate(prompts, 1):
    _check_prompt(f"prompt {number}", prompt, config, max_new_tokens)
  if not sampling.temperature >= 0:
    raise InputError(f"temperature={sampling.temperature}, expected 0 or more.")
  if not sampling.top_k >= 0:
    raise InputError(f"top_k={sampling.top_k}, expected 0 or more.")
  if not 0 < sampling.top_p <= 1:
    raise InputError(f"top_p={sampling.top_p}, expected more than 0 and at most 1.")


def _check_prompt(name: str, prompt: Sequence[int], config: Config, max_new_tokens: int) -> None:
  if not prompt:
    raise InputError(
      f"{name} has no token, expected one or more; a text begins with its start token."
    )
  longest = config.positions - min(max_new_tokens, 1)
  if len(prompt) > longest:
    raise InputError(
      f"{name} has {len(prompt)} tokens, expected {longest} at most: the model has "
      f"{config.positions} positions."
    )
  if min(prompt) < 0 or max(prompt) >= config.vocab_size:
    raise InputError(
      f"{name} has a token id outside of 0 to {config.vocab_size - 1}, the vocabulary."
    )
