"""GPT-2 (Radford et al. 2019): a decoder whose token table also says which token comes next; and texts written by it.

Params are those of `transformer`; `transformer.init` makes them.
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
from glove_jax.train import Params

CONFIG = Config(50257, dim=768, layers=12, heads=12, hidden=3072, positions=1024, causal=True, pre_norm=True,
                activation="gelu_tanh", epsilon=1e-5)  # the smallest of the four

_STEP = 16  # prompts are padded to a multiple of so many tokens, so that few lengths are compiled


class Sampling(NamedTuple):
  """How the next token is drawn: temperature first, then the `top_k` best, then of these the nucleus."""

  temperature: float = 0.0  # what logits are divided by; 0: the best token, always
  top_k: int = 0            # draw from so many of the best tokens; 0: from all
  top_p: float = 1.0        # draw from the fewest tokens that have this probability together (Holtzman et al. 2020)


def generate(
  params: Params, prompts: Sequence[Sequence[int]], *, config: Config, max_new: int, sampling: Sampling | None = None,
  seed: int = 0, stop: int | None = None,
) -> list[list[int]]:
  """What the model writes after each prompt: up to `max_new` tokens, without `stop`, at which a text ends.

  One program is compiled for each batch size, prompt length (in steps of 16) and `max_new`. Draws are a function of
  (seed, row, place).

  Raises:
    InputError: a prompt is empty, or longer than the positions allow; or a setting of `sampling` makes no sense.
  """
  sampling = sampling or Sampling()
  check(prompts, config, max_new, sampling)
  if not prompts or max_new < 1:
    return [[] for _ in prompts]
  tokens = pad_left(prompts, -(-max(map(len, prompts)) // _STEP) * _STEP)
  limits = sampling._replace(top_k=sampling.top_k or config.vocab_size)
  found = np.asarray(_generate(params, tokens, limits, jax.random.key(seed), -1 if stop is None else stop,
                               config=config, max_new=max_new)).tolist()
  return [row[: row.index(stop)] if stop in row else row for row in found]


def pad_left(prompts: Sequence[Sequence[int]], size: int) -> Tokens:
  """Texts of unequal length as [B, size], each ending in the last place."""
  ids, documents = np.zeros((2, len(prompts), size), np.int32)
  for row, prompt in enumerate(prompts):
    ids[row, size - len(prompt) :] = prompt
    documents[row, size - len(prompt) :] = 1
  return Tokens(ids, documents)


def keep_likely(logits: jax.Array, sampling: Sampling) -> jax.Array:
  """Logits [B, V] with minus infinity for the tokens that are not to be drawn; the best one is always kept."""
  best = -jnp.sort(-logits, axis=-1)
  inside = jnp.arange(logits.shape[-1]) < sampling.top_k
  chance = jax.nn.softmax(jnp.where(inside, best, -jnp.inf), axis=-1)
  before = jnp.cumsum(chance, -1) - chance
  kept = jnp.sum(inside & (before < sampling.top_p), -1, keepdims=True)
  return jnp.where(logits >= jnp.take_along_axis(best, jnp.maximum(kept, 1) - 1, -1), logits, -jnp.inf)


@functools.partial(jax.jit, static_argnames=("config", "max_new"))
def _generate(params, tokens: Tokens, sampling: Sampling, rng, stop, *, config: Config, max_new: int):
  """-> [B, max_new] int32; what follows `stop` is `stop`, or 0 where all texts have ended."""
  batch, length = tokens.ids.shape
  params = transformer.cast(params, config)
  cache = transformer.init_cache(config, batch=batch, size=length + max_new)
  h, cache = transformer.extend(params, tokens, cache, config=config)

  def draw(place, logits):
    def at_random(logits):
      keys = jax.vmap(lambda row: jax.random.fold_in(jax.random.fold_in(rng, place), row))(jnp.arange(batch))
      return jax.vmap(jax.random.categorical)(keys, keep_likely(logits / sampling.temperature, sampling))
    def best(logits):
      return jnp.argmax(logits, -1)
    return jax.lax.cond(sampling.temperature > 0, at_random, best, logits).astype(jnp.int32)

  def step(carry):
    place, found, ended, h, cache = carry
    token = jnp.where(ended, stop, draw(place, tied_logits(params, h)))
    h, cache = transformer.extend(params, Tokens(token[:, None], jnp.ones((batch, 1), jnp.int32)), cache, config=config)
    return place + 1, found.at[:, place].set(token), ended | (token == stop), h[:, -1], cache

  def going(carry):
    place, _, ended, *_ = carry
    return (place < max_new) & ~ended.all()

  start = (jnp.int32(0), jnp.zeros((batch, max_new), jnp.int32), jnp.zeros(batch, bool), h[:, -1], cache)
  return jax.lax.while_loop(going, step, start)[1]


def check(prompts: Sequence[Sequence[int]], config: Config, max_new: int, sampling: Sampling) -> None:
  """InputError for what `generate` cannot do."""
  if not config.causal:
    raise InputError("the model is a BERT, which guesses what is masked; expected a GPT to write text.")
  for number, prompt in enumerate(prompts):
    if not prompt:
      raise InputError(f"prompt {number + 1} has no token, expected one or more; a text begins with its start token.")
    if len(prompt) + max_new > config.positions:
      raise InputError(f"prompt {number + 1} has {len(prompt)} tokens and {max_new} are to follow; expected "
                       f"{config.positions} at most in all.")
    if not all(0 <= token < config.vocab_size for token in prompt):
      raise InputError(f"prompt {number + 1} has a token outside of 0 to {config.vocab_size - 1}.")
  if not (sampling.temperature >= 0 and sampling.top_k >= 0 and 0 < sampling.top_p <= 1):
    raise InputError(f"temperature={sampling.temperature}, top_k={sampling.top_k}, top_p={sampling.top_p}; expected 0 "
                     "or more, 0 or more, and more than 0 up to 1.")
