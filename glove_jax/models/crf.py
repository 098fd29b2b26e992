"""A linear-chain conditional random field (Lafferty et al. 2001): sequences of tags scored as wholes.

A path y of a text of T tokens scores  start[y_1] + sum_t scores[t, y_t] + sum_t transitions[y_t, y_t+1] + end[y_T];
its probability is exp of that over the sum of all paths'. Paths that an `Allowed` forbids have none.

Masks are 1 for tokens and 0 for the padding after them. What stands in the padding changes nothing.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax.train import Params

# Added for what is forbidden: exp of it is 0 in float32, yet it is finite, and so are gradients.
_NEVER = -1e4


class Allowed(NamedTuple):
  """Which paths there are, True where they may go."""

  start: np.ndarray        # [C] bool
  transitions: np.ndarray  # [C, C] bool: from, to
  end: np.ndarray          # [C] bool


def init_params(num_tags: int) -> Params:
  """All zeros, hence every path alike: `start` [C], `transitions` [C, C] (from, to), `end` [C]."""
  return {"start": jnp.zeros(num_tags), "transitions": jnp.zeros((num_tags, num_tags)), "end": jnp.zeros(num_tags)}


def restrict(params: Params, allowed: Allowed | None) -> Params:
  """Params under which a forbidden path is never taken; their gradient is 0 there."""
  if allowed is None:
    return params
  return {name: jnp.where(getattr(allowed, name), value, _NEVER) for name, value in params.items()}


def log_likelihood(params: Params, scores, tags, mask):
  """log p(tags), [B], as `score` less `log_partition`; 0 for a text without tokens.

  Args:
    params: as `init_params` or `restrict` gives them.
    scores: [B, T, C].
    tags: [B, T] integers; any in the padding.
    mask: [B, T].
  """
  found = score(params, scores, tags, mask) - log_partition(params, scores, mask)
  return jnp.where(mask[:, 0] > 0, found, 0.0)


def score(params: Params, scores, tags, mask):
  """The score of one path each. scores: [B, T, C], tags: [B, T], mask: [B, T] -> [B]."""
  own = jnp.take_along_axis(scores, tags[..., None], 2)[..., 0] * mask
  steps = params["transitions"][tags[:, :-1], tags[:, 1:]] * mask[:, 1:]
  last = jnp.maximum(mask.sum(1).astype(jnp.int32) - 1, 0)
  ends = params["end"][jnp.take_along_axis(tags, last[:, None], 1)[:, 0]]
  return params["start"][tags[:, 0]] + own.sum(1) + steps.sum(1) + ends


def log_partition(params: Params, scores, mask):
  """log of the sum over all paths of exp(score), by the forward algorithm. scores: [B, T, C], mask: [B, T] -> [B]."""
  def step(before, now):
    score, real = now  # [B, C], [B]
    after = jax.nn.logsumexp(before[:, :, None] + params["transitions"], 1) + score
    return jnp.where(real[:, None] > 0, after, before), None
  sums, _ = jax.lax.scan(step, params["start"] + scores[:, 0], _from_second(scores, mask))
  return jax.nn.logsumexp(sums + params["end"], 1)


def viterbi(params: Params, scores, mask):
  """The path of the highest score (Viterbi 1967), and that score: tags [B, T], 0 in the padding, and [B]."""
  def forward(before, now):
    score, real = now
    paths = before[:, :, None] + params["transitions"]  # [B, from, to]
    after = jnp.where(real[:, None] > 0, paths.max(1) + score, before)
    # In the padding the path stays where it is, so that the way back passes through.
    stay = jnp.arange(before.shape[1])
    return after, jnp.where(real[:, None] > 0, paths.argmax(1), stay)
  best, pointers = jax.lax.scan(forward, params["start"] + scores[:, 0], _from_second(scores, mask))
  best += params["end"]
  def back(tag, pointer):  # [B], [B, C]
    return jnp.take_along_axis(pointer, tag[:, None], 1)[:, 0], tag
  last = best.argmax(1)
  first, rest = jax.lax.scan(back, last, pointers, reverse=True)
  tags = jnp.concatenate([first[:, None], rest.T], 1)
  return jnp.where(mask > 0, tags, 0), best.max(1)


def _from_second(scores, mask):
  """What a scan over tokens after the first takes: [T - 1, B, C], [T - 1, B]."""
  return jnp.moveaxis(scores[:, 1:], 1, 0), mask[:, 1:].T
