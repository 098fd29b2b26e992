"""Optimizers and learning-rate schedules by name, learning rates by path, and sparse AdaGrad.

Optimizers are optax transformations. Regular expressions are searched in the paths of params, such
as `encoder/layers/0/attention/qkv/w`.
"""

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from glove_jax.errors import InputError
from glove_jax.row_sums import add_rows
from glove_jax.tree_paths import named_leaves, path_name

SCHEDULES = ("constant", "linear", "cosine", "step")
OPTIMIZERS = {
  "sgd": optax.sgd,
  "momentum": functools.partial(optax.sgd, momentum=0.9),
  "adagrad": optax.adagrad,
  "adam": optax.adam,
  "rmsprop": optax.rmsprop,
  "lion": optax.lion,
}


def schedule(
  name: str, learning_rate: float, *, num_steps: int, warmup_steps: int = 0, final: float = 0.0
) -> optax.Schedule:
  """Returns the learning rate as a function of the step.

  Args:
    name: one of `SCHEDULES`. "step" divides the rate by 10 at 1/2 and again at 3/4 of the steps.
    learning_rate: the peak.
    num_steps: steps of the whole run, warmup included.
    warmup_steps: steps in which the rate rises linearly from 0.
    final: rate of the last step of "linear" and "cosine", as a fraction of the peak.

  Raises:
    InputError: the name is unknown.
  """
  decay_steps = max(1, num_steps - warmup_steps)
  if name == "constant":
    decay = optax.constant_schedule(learning_rate)
  elif name == "linear":
    decay = optax.linear_schedule(learning_rate, final * learning_rate, decay_steps)
  elif name == "cosine":
    decay = optax.cosine_decay_schedule(learning_rate, decay_steps, alpha=final)
  elif name == "step":
    boundaries = {decay_steps // 2: 0.1, decay_steps * 3 // 4: 0.1}
    decay = optax.piecewise_constant_schedule(learning_rate, boundaries)
  else:
    raise InputError(f"schedule is {name!r}, expected one of {', '.join(SCHEDULES)}.")
  if not warmup_steps:
    return decay
  warmup = optax.linear_schedule(0.0, learning_rate, warmup_steps)
  return optax.join_schedules([warmup, decay], [warmup_steps])


def make(
  name: str,
  learning_rate: float | optax.Schedule,
  *,
  weight_decay: float = 0.0,
  clip_norm: float = 0.0,
  lr_multipliers: Mapping[str, float] | None = None,
) -> optax.GradientTransformation:
  """Returns an optimizer with gradient clipping, weight decay and learning rates by path.

  Args:
    name: a key of `OPTIMIZERS`.
    learning_rate: a number or a schedule.
    weight_decay: each step also subtracts `learning_rate * weight_decay * param`, decoupled from
      the gradient (Loshchilov & Hutter 2019, alg. 2).
    clip_norm: upper bound on the global norm of the gradients; 0: none.
    lr_multipliers: regular expression -> factor on the learning rate of the params whose path it
      matches. The first match counts, 0 freezes, no match means 1.

  Raises:
    InputError: the name is unknown.
  """
  if name not in OPTIMIZERS:
    raise InputError(f"optimizer is {name!r}, expected one of {', '.join(OPTIMIZERS)}.")
  transformations = [optax.clip_by_global_norm(clip_norm)] if clip_norm else []
  transformations.append(OPTIMIZERS[name](learning_rate))
  if weight_decay:
    transformations.append(_decay_weights(learning_rate, weight_decay))
  tx = optax.chain(*transformations)
  return scale_by_path(tx, lr_multipliers) if lr_multipliers else tx


def _decay_weights(learning_rate, weight_decay: float) -> optax.GradientTransformation:
  def init(params):
    del params
    return _init_count()

  def update(updates, state, params):
    rate = learning_rate(state.count) if callable(learning_rate) else learning_rate
    decay = functools.partial(_decay, rate, weight_decay)
    return jax.tree.map(decay, updates, params), _increment(state)

  return optax.GradientTransformation(init, update)


def _decay(learning_rate, weight_decay: float, update, param):
  return update - learning_rate * weight_decay * param


def _init_count() -> optax.ScaleByScheduleState:
  return optax.ScaleByScheduleState(jnp.zeros([], jnp.int32))


def _increment(state: optax.ScaleByScheduleState) -> optax.ScaleByScheduleState:
  return optax.ScaleByScheduleState(state.count + 1)


def scale_by_path(
  tx: optax.GradientTransformation, lr_multipliers: Mapping[str, float]
) -> optax.GradientTransformation:
  """Multiplies an optimizer's updates by factors that depend on the path.

  Args:
    tx: the optimizer.
    lr_multipliers: as of `make`. Params with factor 0 are frozen and have no optimizer state.
  """

  def label(path, _):
    return "learns" if lr_multiplier(path_name(path), lr_multipliers) else "frozen"

  def scale(path, update):
    return update * lr_multiplier(path_name(path), lr_multipliers)

  def labels(params):
    return jax.tree_util.tree_map_with_path(label, params)

  def scaled(updates, _params=None):
    return jax.tree_util.tree_map_with_path(scale, updates)

  # A single `tx` for all that learns, so that it clips by their joint norm.
  learns = optax.chain(tx, optax.stateless(scaled))
  return optax.multi_transform({"learns": learns, "frozen": optax.set_to_zero()}, labels)


def lr_multiplier(name: str, lr_multipliers: Mapping[str, float]) -> float:
  """Returns the factor of the first pattern that matches a path; 1 without a match."""
  return float(_first_match(name, lr_multipliers, 1.0))


def _first_match(name: str, by_pattern: Mapping[str, float], default: float) -> float:
  for pattern, value in by_pattern.items():
    if re.search(pattern, name):
      return value
  return default


def gradual_unfreezing(
  tx: optax.GradientTransformation, unfreeze_steps: Mapping[str, int]
) -> optax.GradientTransformation:
  """Freezes params by path until a given step: gradual unfreezing (Howard & Ruder 2018, sec. 3.3).

  Args:
    tx: the optimizer, which sees all gradients from the start.
    unfreeze_steps: regular expression -> first step that changes the params whose path it matches;
      the first match counts, no match means 0.
  """

  def init(params):
    return _init_count(), tx.init(params)

  def update(updates, state, params=None):
    count, inner = state
    updates, inner = tx.update(updates, inner, params)
    gate = functools.partial(_gate, unfreeze_steps, count.count)
    updates = jax.tree_util.tree_map_with_path(gate, updates)
    return updates, (_increment(count), inner)

  return optax.GradientTransformation(init, update)


def _gate(unfreeze_steps: Mapping[str, int], step, path, update):
  first_step = _first_match(path_name(path), unfreeze_steps, 0)
  return jnp.where(step >= first_step, update, 0)


class Averaged(NamedTuple):
  """State of `ema`. Checkpoints contain the names of its fields."""

  count: jax.Array  # [] int32, steps so far
  mean: optax.Params
  inner: optax.OptState  # of the optimizer


def ema(tx: optax.GradientTransformation, decay: float) -> optax.GradientTransformation:
  """Keeps an exponential moving average of the params, `opt_state.mean`, to evaluate with.

  Averaged iterates generalise better than the last (Polyak & Juditsky 1992). After step t,
  mean <- k mean + (1 - k) params with k = min(decay, (1 + t) / (10 + t)).
  """

  def init(params):
    mean = jax.tree.map(jnp.array, params)
    return Averaged(jnp.zeros([], jnp.int32), mean, tx.init(params))

  def update(updates, state, params):
    updates, inner = tx.update(updates, state.inner, params)
    keep = jnp.minimum(decay, (1 + state.count) / (10 + state.count))
    average = functools.partial(_average, keep)
    mean = jax.tree.map(average, state.mean, params, updates)
    return updates, Averaged(state.count + 1, mean, inner)

  return optax.GradientTransformation(init, update)


def _average(keep, mean, param, update):
  return keep * mean + (1 - keep) * (param + update)


def row_adagrad(table, sums, rows, grads, learning_rate):
  """Updates some rows of a table by AdaGrad, as Stanford's GloVe does (glove.c).

  Gradients are scaled by the learning rate before they are squared, and each is divided by the
  root of the sum before it is added. When a row occurs several times in a batch, all the other
  gradients are added first, so that frequent rows do not diverge.

  Args:
    table: [V, D].
    sums: [V, D], sums of squared steps, initially 1.
    rows: [B] int32; those of at least V are dropped.
    grads: [B, D].
    learning_rate: a number, or [D] for one for each column.

  Returns:
    The updated (table, sums).
  """
  steps = learning_rate * grads
  squares = steps * steps
  # Written before they are read, so that XLA updates the sums in place. Reading first copied the
  # whole table: 0.25 instead of 1.35 M records/s at V = 80,000, D = 51 on a CPU.
  sums = add_rows(sums, rows, squares)
  others = jnp.maximum(sums[rows] - squares, 1.0)  # sums start at 1; less is a rounding error
  table = add_rows(table, rows, -steps * jax.lax.rsqrt(others))
  return table, sums


def param_names(params: optax.Params) -> list[str]:
  """Returns the paths of all params, such as `encoder/words`."""
  return [name for name, _ in named_leaves(params)]
