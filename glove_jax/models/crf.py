"""A linear-chain conditional random field (Lafferty et al. 2001), which scores whole tag sequences.

A sequence of tags y of a text of T tokens has the score
  start[y_1] + sum_t scores[t, y_t] + sum_t transitions[y_t, y_t+1] + end[y_T],
and its probability is the exponential of its score, divided by the sum over all sequences.
Sequences that `AllowedTransitions` forbids have probability 0.

Shapes: B texts of T tokens, C tags. Masks are 1 for tokens and 0 for the padding after them;
scores and tags at padding have no effect.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax.row_sums import take, take_rows
from glove_jax.train import Params

# The score of what is forbidden: its exponential is 0 in float32, yet it is finite, so that
# gradients are too.
_FORBIDDEN = -1e4


class AllowedTransitions(NamedTuple):
  """The tags that may begin a text, follow each other and end it; True where allowed."""

  start: np.ndarray        # [C] bool
  transitions: np.ndarray  # [C, C] bool: from, to
  end: np.ndarray          # [C] bool


def init_params(num_tags: int) -> Params:
  """Returns zeros, so that all sequences are alike: `start`, `transitions` (from, to), `end`."""
  return {
    "start": jnp.zeros(num_tags),
    "transitions": jnp.zeros((num_tags, num_tags)),
    "end": jnp.zeros(num_tags),
  }


def constrain(params: Params, allowed: AllowedTransitions | None) -> Params:
  """Returns params under which forbidden sequences have probability 0, and no gradient there."""
  if allowed is None:
    return params
  constrained = {}
  for name, value in params.items():
    constrained[name] = jnp.where(getattr(allowed, name), value, _FORBIDDEN)
  return constrained


def log_likelihood(params: Params, scores, tags, mask):  # -> [B]
  """Returns log p(tags) of each text; 0 for a text without tokens.

  Args:
    params: as from `init_params` or `constrain`.
    scores: [B, T, C], the score of each tag at each token.
    tags: [B, T] integers.
    mask: [B, T].
  """
  score = path_score(params, scores, tags, mask)
  log_probability = score - log_partition(params, scores, mask)
  return jnp.where(mask[:, 0] > 0, log_probability, 0.0)


def path_score(params: Params, scores, tags, mask):
  """Returns the score of one tag sequence of each text.

  scores: [B, T, C], tags: [B, T], mask: [B, T] -> [B].
  """
  token_scores = jnp.take_along_axis(scores, tags[..., None], 2)[..., 0] * mask
  pairs = (tags[:, :-1], tags[:, 1:])
  transition_scores = take(params["transitions"], *pairs) * mask[:, 1:]
  lengths = mask.sum(1).astype(jnp.int32)
  last = jnp.maximum(lengths - 1, 0)
  last_tags = jnp.take_along_axis(tags, last[:, None], 1)[:, 0]
  end_scores = take_rows(params["end"], last_tags)
  total = take_rows(params["start"], tags[:, 0]) + token_scores.sum(1)
  return total + transition_scores.sum(1) + end_scores


def log_partition(params: Params, scores, mask):  # scores: [B, T, C], mask: [B, T] -> [B]
  """Returns the log of the sum of exp(score) over all sequences, by the forward algorithm."""

  def step(log_sums, inputs):  # log_sums: [B, C], over all sequences that end with each tag
    token_scores, token_mask = inputs
    paths = log_sums[:, :, None] + params["transitions"]  # [B, from, to]
    extended = jax.nn.logsumexp(paths, 1) + token_scores
    return jnp.where(token_mask[:, None] > 0, extended, log_sums), None

  start = params["start"] + scores[:, 0]
  log_sums, _ = jax.lax.scan(step, start, _after_first(scores, mask))
  return jax.nn.logsumexp(log_sums + params["end"], 1)


def viterbi(params: Params, scores, mask):
  """Returns the best tag sequence of each text, 0 at padding, and its score (Viterbi 1967).

  scores: [B, T, C], mask: [B, T] -> [B, T], [B].
  """

  def forward(best, inputs):  # best: [B, C], of all sequences that end with each tag
    token_scores, token_mask = inputs
    is_token = token_mask[:, None] > 0
    paths = best[:, :, None] + params["transitions"]  # [B, from, to]
    extended = jnp.where(is_token, paths.max(1) + token_scores, best)
    # At padding every tag points to itself, so that backtracking passes through.
    same_tag = jnp.arange(best.shape[1])
    pointers = jnp.where(is_token, paths.argmax(1), same_tag)
    return extended, pointers

  def backward(tag, pointers):  # tag: [B], pointers: [B, C]
    previous = jnp.take_along_axis(pointers, tag[:, None], 1)[:, 0]
    return previous, tag

  start = params["start"] + scores[:, 0]
  best, pointers = jax.lax.scan(forward, start, _after_first(scores, mask))
  best += params["end"]
  last = best.argmax(1)
  first, rest = jax.lax.scan(backward, last, pointers, reverse=True)
  tags = jnp.concatenate([first[:, None], rest.T], 1)
  return jnp.where(mask > 0, tags, 0), best.max(1)


def _after_first(scores, mask):  # -> [T - 1, B, C], [T - 1, B]
  """Returns the scan inputs of all tokens but the first."""
  return jnp.moveaxis(scores[:, 1:], 1, 0), mask[:, 1:].T
