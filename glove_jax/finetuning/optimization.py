"""The plan of a training run: batches, optimiser, scores on dev and early stopping."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np
import optax

from glove_jax import compiler_options, optimizers, parallel, train
from glove_jax.data.labelled import padded_batches
from glove_jax.data.labelled.padded_batches import Examples
from glove_jax.errors import InputError
from glove_jax.finetuning.model import Model
from glove_jax.finetuning.training_settings import Optimization, Training
from glove_jax.loop import EarlyStopping
from glove_jax.plan import Plan, latest_params
from glove_jax.train import Params, Task, TrainState

# An epoch of few texts is a few updates, and its score on few `dev` texts is noise: patience that
# is counted in epochs alone would end the training before it has begun.
MIN_UPDATES = 300
UPDATES_PER_EPOCH = 25

_EXPECTED = "expected names and numbers, as words=0.1,head=2."


def make_plan(
  settings: Optimization,
  task: Task,
  examples: Examples,
  *,
  lengths: Sequence[int],
  augment: Callable | None = None,
  lr_multipliers: Mapping[str, float] | None = None,
  params: Params | None = None,
) -> Plan:
  """Returns the plan that trains a task.

  Args:
    settings: of the run.
    task: what is learnt.
    examples: the training texts.
    lengths: that they are padded to, of `padded_lengths`.
    augment: changes the ids of a text (see `padded_batches.batches`).
    lr_multipliers: factors on the learning rate by name, instead of those of the settings.
    params: that training starts from; None: the task's random ones.
  """
  batches = padded_batches.shuffled_batches(
    examples,
    batch_size=batch_size(settings, len(examples.ids)),
    seed=settings.seed,
    lengths=np.array(lengths),
    augment=augment,
  )
  steps = batches.steps_per_epoch
  tx = make_optimizer(settings, steps, lr_multipliers)
  if params is None:
    params = initial_params(settings, task.init)
  _check_names(settings, params)
  return Plan(
    params=params,
    opt_state=_jit_once(tx.init)(params),
    update=train.make_update(
      task, tx, seed=settings.seed, few_runs=makes_few_updates(settings, len(examples.ids))
    ),
    batches=parallel.own_rows(batches.batch),
    steps_per_epoch=steps,
    num_steps=settings.epochs * steps,
    kept_params=averaged_params if settings.ema_decay else latest_params,
  )


def initial_params(settings: Optimization, init: Callable[[jax.Array], Params]) -> Params:
  """Returns the random params of a run. init: of `Task`, or a part of it."""
  return _jit_once(init)(jax.random.key(settings.seed))


def _jit_once(function: Callable) -> Callable:
  """Compiles a function that runs once."""
  return jax.jit(function, compiler_options=compiler_options.for_few_runs())


def makes_few_updates(settings: Optimization, num_texts: int) -> bool:
  """Returns whether compilation takes longer than the updates of a run on these texts."""
  updates = settings.epochs * num_texts / batch_size(settings, num_texts)
  return updates <= settings.FEW_UPDATES


def batch_size(settings: Optimization, num_texts: int) -> int:
  """Returns the texts in a batch: those of the settings, or fewer where the texts are few."""
  if settings.batch_size is not None:
    return settings.batch_size
  return max(
    settings.SMALLEST_BATCH, min(settings.LARGEST_BATCH, num_texts // UPDATES_PER_EPOCH)
  )


def padded_lengths(settings: Optimization, examples: Examples) -> tuple[int, ...]:
  """Returns the lengths that texts are padded to, ascending.

  Updates and predictions are compiled once for each of them, so that few texts have few lengths.
  """
  lengths = padded_batches.length_buckets(
    examples,
    settings.length_buckets,
    min_saving=settings.PADDING_PER_LENGTH,
  )
  return tuple(lengths.tolist())


def make_optimizer(
  settings: Optimization, steps_per_epoch: int, lr_multipliers: Mapping[str, float] | None
) -> optax.GradientTransformation:
  """Returns the optimiser with its schedule, unfreezing and averaging; see `make_plan`."""
  if lr_multipliers is None:
    lr_multipliers = parse_pairs("lr_multipliers", settings.lr_multipliers)
  learning_rate = optimizers.schedule(
    settings.schedule,
    settings.learning_rate,
    num_steps=settings.epochs * steps_per_epoch,
    warmup_steps=round(settings.warmup_epochs * steps_per_epoch),
  )
  tx = optimizers.make(
    settings.optimizer,
    learning_rate,
    weight_decay=settings.weight_decay,
    clip_norm=settings.clip_norm,
    lr_multipliers=lr_multipliers,
  )
  frozen_epochs = parse_pairs("unfreeze_after", settings.unfreeze_after)
  if frozen_epochs:
    starts = {name: round(epochs * steps_per_epoch) for name, epochs in frozen_epochs.items()}
    tx = optimizers.gradual_unfreezing(tx, starts)
  if settings.ema_decay:
    tx = optimizers.ema(tx, settings.ema_decay)
  return tx


def averaged_params(state: TrainState) -> Params:
  """Returns the moving average of the params."""
  return state.opt_state.mean


def parse_pairs(key: str, text: str) -> dict[str, float]:
  """Returns `words=0.1,head=2` as a dict. Raises InputError if the text is something else."""
  pairs = {}
  for pair in filter(str.strip, text.split(",")):
    try:
      name, value = pair.split("=")
      re.compile(name)  # patterns of names of params
      pairs[name] = float(value)
    except (ValueError, re.error):
      raise InputError(f"{key}={text!r}, {_EXPECTED}") from None
    if not math.isfinite(pairs[name]):
      raise InputError(f"{key}={text!r}, {_EXPECTED}")
  return pairs


def _check_names(settings: Optimization, params: Params) -> None:
  """Raises InputError if `lr_multipliers` or `unfreeze_after` name params that do not exist."""
  names = optimizers.param_names(params)
  for key in ("lr_multipliers", "unfreeze_after"):
    text = getattr(settings, key)
    for pattern in parse_pairs(key, text):
      if not any(re.search(pattern, name) for name in names):
        prefixes = sorted({"/".join(name.split("/")[:2]) for name in names})
        expected = f"expected of {', '.join(prefixes)}."
        raise InputError(f"{key}={text!r}: no params are called {pattern!r}, {expected}")


def with_dev_scores(plan: Plan, model: Model, data: dict[str, Any]) -> Plan:
  """Returns a plan that scores the model on dev, if there is any, after each epoch."""
  if "dev" not in data:
    return plan

  def evaluate(state: TrainState) -> dict[str, float]:
    scores = model.score(plan.kept_params(state), data["dev"])
    return {f"dev_{name}": value for name, value in scores.overall.items()}

  return plan._replace(evaluate=evaluate)


def early_stopping(
  settings: Training, data: dict[str, Any], model: Model, *, steps_per_epoch: int
) -> EarlyStopping | None:
  """Returns which score on dev decides when to stop; None without dev or patience."""
  patience = getattr(settings, "patience", 0)  # fastText trains to the end
  if "dev" not in data or not patience:
    return None
  min_epochs = -(-MIN_UPDATES // max(1, steps_per_epoch))  # some models are fitted without updates
  return EarlyStopping(
    f"dev_{model.metric}",
    mode="max",
    patience=max(patience, min_epochs),
    first=min(min_epochs, settings.epochs),
  )
