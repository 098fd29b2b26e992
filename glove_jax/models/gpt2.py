"""GPT-2 (Radford et al. 2019): a transformer decoder that predicts the next token, and generation.

Params are those of `transformer`, from `transformer.init`; the output matrix is the token table.
"""

import functools
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax.errors import InputError
from glove_jax.models import sampling as sampling_lib
from glove_jax.models import transformer
from glove_jax.models.sampling import Sampling
from glove_jax.models.transformer import Config, Tokens, tied_logits
from glove_jax.models.transformer_cache import KeyValueCache, extend, init_cache
from glove_jax.progress import count_bar
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

_FIRST_TOKENS = 16  # generated at once; twice as many as long as that takes less than
_PART_SECONDS = 0.5
_PROMPT_MULTIPLE = 16  # prompts are padded to a multiple of it, so that few lengths are compiled


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

  Two programs are compiled for each number of prompts, prompt length / 16 and length to generate.

  Args:
    params: of a GPT-2 with the architecture `config`.
    prompts: token ids of each.
    max_new_tokens: upper bound; less where a text has no more positions.
    sampling, seed: of the draws; None: always the most likely token.
    stop_id: token that ends a text; it is not returned.

  Raises:
    InputError: as of `check_prompts`.
  """
  sampling = sampling or Sampling()
  check_prompts(prompts, config, max_new_tokens, sampling)
  sampling = Sampling(  # of the same types: 1 and 1.0 would be two programs
    temperature=float(sampling.temperature),
    top_k=int(sampling.top_k) or config.vocab_size,
    top_p=float(sampling.top_p),
  )
  if not prompts or max_new_tokens < 1:
    return [[] for _ in prompts]
  limits = [min(max_new_tokens, config.positions - len(prompt)) for prompt in prompts]
  generate_until = functools.partial(
    _generate,
    params,
    sampling=sampling,
    rng=jax.random.key(seed),
    stop_id=-1 if stop_id is None else stop_id,
    limits=np.array(limits, np.int32),
    config=config,
  )
  start = _read_prompts(params, _padded(prompts), config=config, max_new_tokens=max(limits))
  return _continuations(_run(start, generate_until, max(limits)), limits, stop_id)


def _run(
  state: _Generation, generate_until: Callable[..., _Generation], max_new_tokens: int
) -> np.ndarray:  # -> [B, max_new_tokens]
  """Generates in parts of about a second, and shows how many tokens are left."""
  count = 0
  size = _FIRST_TOKENS
  with count_bar("generating", max_new_tokens, unit="token") as advance:
    while count < max_new_tokens and not np.all(state.ended):
      start = time.monotonic()
      state = generate_until(state, until=min(count + size, max_new_tokens))
      done = int(state.count)
      advance(done - count)
      count = done
      if time.monotonic() - start < _PART_SECONDS:
        size *= 2
  return np.asarray(state.token_ids)


def _padded(prompts: Sequence[Sequence[int]]) -> Tokens:
  """Returns prompts as [B, T], T one of few lengths."""
  longest = max(map(len, prompts))
  return pad_left(prompts, -(-longest // _PROMPT_MULTIPLE) * _PROMPT_MULTIPLE)


def _continuations(
  token_ids: np.ndarray, limits: Sequence[int], stop_id: int | None
) -> list[list[int]]:
  """Returns the tokens of each row up to its limit or to `stop_id`."""
  rows = zip(token_ids.tolist(), limits, strict=True)
  return [_until(row[:limit], stop_id) for row, limit in rows]


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
def _read_prompts(params: Params, prompts: Tokens, *, config: Config, max_new_tokens: int):
  """Returns the state after the prompts, [B, T], before any token is generated."""
  batch_size, prompt_length = prompts.ids.shape
  params = transformer.cast_params(params, config)
  cache = init_cache(config, batch=batch_size, size=prompt_length + max_new_tokens)
  hidden, cache = extend(params, prompts, cache, config=config)
  return _Generation(
    count=jnp.int32(0),
    token_ids=jnp.zeros((batch_size, max_new_tokens), jnp.int32),
    ended=jnp.zeros(batch_size, bool),
    hidden=hidden[:, -1],
    cache=cache,
  )


@functools.partial(jax.jit, static_argnames="config")
def _generate(
  params, state: _Generation, *, sampling: Sampling, rng, stop_id, limits, until, config: Config
) -> _Generation:
  """Generates up to token `until`, fewer if all rows end.

  After `stop_id` or its limit, [B], a row holds `stop_id`, or 0 once all rows have ended.
  """
  params = transformer.cast_params(params, config)

  def step(state: _Generation) -> _Generation:
    logits = tied_logits(params, state.hidden)
    drawn = sampling_lib.draw(rng, state.count, logits, sampling)
    token_ids = jnp.where(state.ended, stop_id, drawn)
    new = Tokens(token_ids[:, None], jnp.ones((len(token_ids), 1), jnp.int32))
    hidden, cache = extend(params, new, state.cache, config=config)
    return _Generation(
      count=state.count + 1,
      token_ids=state.token_ids.at[:, state.count].set(token_ids),
      ended=state.ended | (token_ids == stop_id) | (state.count + 1 >= limits),
      hidden=hidden[:, -1],
      cache=cache,
    )

  def goes_on(state: _Generation):
    return (state.count < until) & ~state.ended.all()

  return jax.lax.while_loop(goes_on, step, state)


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
