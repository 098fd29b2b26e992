"""Optimisers and schedules by name, per-layer learning rates, freezing and thawing, averages, row-wise AdaGrad."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from glove_jax.errors import InputError

SCHEDULES = ("constant", "linear", "cosine", "step")
OPTIMIZERS = {
  "sgd": optax.sgd,
  "momentum": lambda rate: optax.sgd(rate, momentum=0.9),
  "adagrad": optax.adagrad,
  "adam": optax.adam,
  "rmsprop": optax.rmsprop,
  "lion": optax.lion,
}


def schedule(
  name: str, learning_rate: float, *, num_steps: int, warmup_steps: int = 0, final: float = 0.0
) -> optax.Schedule:
  """Learning rate against the step: linear warm-up from zero, then `name` down to `final * learning_rate`.

  `step` divides the rate by ten at one half and again at three quarters of the way.
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
  return optax.join_schedules([optax.linear_schedule(0.0, learning_rate, warmup_steps), decay], [warmup_steps])


def make(
  name: str,
  learning_rate: float | optax.Schedule,
  *,
  weight_decay: float = 0.0,
  clip_norm: float = 0.0,
  rates: Mapping[str, float] | None = None,
) -> optax.GradientTransformation:
  """An optax chain: clipping by global norm, the optimiser, decoupled weight decay, per-layer rates.

  Args:
    name: a key of `OPTIMIZERS`.
    learning_rate: a number or a schedule.
    weight_decay: each step also takes `learning_rate * weight_decay * param` away (Loshchilov & Hutter 2019).
    clip_norm: bound on the global gradient norm; 0 for none.
    rates: regular expression -> factor on the learning rate of the params whose path (`a/b/c`) it matches; the first
      match counts, 0 freezes, no match means 1.
  """
  if name not in OPTIMIZERS:
    raise InputError(f"optimizer is {name!r}, expected one of {', '.join(OPTIMIZERS)}.")
  chain = [optax.clip_by_global_norm(clip_norm)] if clip_norm else []
  chain.append(OPTIMIZERS[name](learning_rate))
  if weight_decay:
    chain.append(_decay_weights(learning_rate, weight_decay))
  tx = optax.chain(*chain)
  return scale_by_path(tx, rates) if rates else tx


def scale_by_path(tx: optax.GradientTransformation, rates: Mapping[str, float]) -> optax.GradientTransformation:
  """Scales `tx`'s updates by path (see `make`); what has rate 0 is frozen and has no optimiser state."""
  def rate(path) -> float:
    return lr_multiplier(_name(path), rates)
  def label(params):
    return jax.tree_util.tree_map_with_path(lambda path, _: "learns" if rate(path) else "frozen", params)
  def scaled(updates, params=None):
    del params
    return jax.tree_util.tree_map_with_path(lambda path, update: update * rate(path), updates)
  # One `tx` for all that learns: the norm that it may clip is that of all of it.
  learns = optax.chain(tx, optax.stateless(scaled))
  return optax.multi_transform({"learns": learns, "frozen": optax.set_to_zero()}, label)


def gradual_unfreezing(tx: optax.GradientTransformation, starts: Mapping[str, int]) -> optax.GradientTransformation:
  """Freezes params by path until a step: gradual unfreezing (Howard & Ruder 2018, sec. 3.3).

  Args:
    tx: what learns all params; its averages of gradients run on meanwhile.
    starts: regular expression -> the first step at which params whose path it matches move; the first match counts.
  """
  def init(params):
    return optax.ScaleByScheduleState(jnp.zeros([], jnp.int32)), tx.init(params)
  def update(updates, state, params=None):
    count, inner = state
    updates, inner = tx.update(updates, inner, params)
    def gate(path, update):
      start = next((start for pattern, start in starts.items() if re.search(pattern, _name(path))), 0)
      return jnp.where(count.count >= start, update, 0)
    return jax.tree_util.tree_map_with_path(gate, updates), (optax.ScaleByScheduleState(count.count + 1), inner)
  return optax.GradientTransformation(init, update)


class Averaged(NamedTuple):
  """State of `averaging`."""

  count: jax.Array  # [] int32
  mean: optax.Params
  inner: optax.OptState


def ema(tx: optax.GradientTransformation, decay: float) -> optax.GradientTransformation:
  """Keeps a running mean of the params beside them, in `opt_state.mean`: what to evaluate with.

  Averaged iterates are better than the last (Polyak & Juditsky 1992). Each step counts 1 - decay; the first ones more,
  as the mean of so few: min(decay, (1 + t) / (10 + t)).
  """
  def init(params):
    return Averaged(jnp.zeros([], jnp.int32), jax.tree.map(jnp.array, params), tx.init(params))
  def update(updates, state, params):
    updates, inner = tx.update(updates, state.inner, params)
    keep = jnp.minimum(decay, (1 + state.count) / (10 + state.count))
    mean = jax.tree.map(lambda old, param, change: keep * old + (1 - keep) * (param + change),
                        state.mean, params, updates)
    return updates, Averaged(state.count + 1, mean, inner)
  return optax.GradientTransformation(init, update)


def lr_multiplier(name: str, rates: Mapping[str, float]) -> float:
  """The factor of the first pattern that `name` matches, else 1."""
  return next((float(rate) for pattern, rate in rates.items() if re.search(pattern, name)), 1.0)


def row_adagrad(table, sums, rows, grads, learning_rate):
  """One step of AdaGrad on the given rows, by the rule of Stanford's GloVe (glove.c).

  The gradient is scaled by the learning rate before it is squared; the step is divided by the root of the sum as it was
  before this gradient came in. Of a row that is named several times, each gradient is divided by the sum with all the
  others in: no less than the sums that one after the other would meet, so that frequent rows do not blow up.

  Args:
    table, sums: [V, D]; the sums start at 1.
    rows: [B] int32.
    grads: [B, D].
    learning_rate: a number, or [D] for one a column.
  Returns:
    (table, sums), updated.
  """
  steps = learning_rate * grads
  squares = steps * steps
  # Written before they are read: so XLA updates the sums in place, where reading first cost a copy of the whole table
  # (0.25 -> 1.35 M records/s at V = 80,000, D = 51 on a CPU).
  sums = sums.at[rows].add(squares)
  others = jnp.maximum(sums[rows] - squares, 1.0)  # they start at 1; less is rounding
  return table.at[rows].add(-steps * jax.lax.rsqrt(others)), sums


def _decay_weights(learning_rate, weight_decay: float) -> optax.GradientTransformation:
  def init(params):
    del params
    return optax.ScaleByScheduleState(jnp.zeros([], jnp.int32))
  def update(updates, state, params):
    rate = learning_rate(state.count) if callable(learning_rate) else learning_rate
    updates = jax.tree.map(lambda u, p: u - rate * weight_decay * p, updates, params)
    return updates, optax.ScaleByScheduleState(state.count + 1)
  return optax.GradientTransformation(init, update)


def param_names(params: optax.Params) -> list[str]:
  """The paths of all params, `encoder/words`, which the patterns of rates are searched in."""
  return [_name(path) for path, _ in jax.tree_util.tree_flatten_with_path(params)[0]]


def _name(path) -> str:
  return jax.tree_util.keystr(path, simple=True, separator="/")
