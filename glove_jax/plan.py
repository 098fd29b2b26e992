"""What every method of pretraining and fine-tuning plans to do."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
import optax

from glove_jax import parallel
from glove_jax.train import Batch, Params, TrainState, Update


def latest_params(state: TrainState) -> Params:
  """Returns the params of a state as they are: what to keep of it, unless they are averaged."""
  return state.params


Evaluate = Callable[[TrainState], dict[str, float]]


class Plan(NamedTuple):
  """What every method of pretraining and fine-tuning gives: a start, an update and batches.

  Attributes:
    params: nested dict of arrays to start from.
    opt_state: state of the optimiser.
    update: (state, batch) -> (state, sums); None where nothing is left to train.
    batches: step -> batch.
    steps_per_epoch: updates between evaluations.
    num_steps: updates in all.
    evaluate: state -> {name: value}, after each epoch.
    kept_params: state -> the params that are evaluated and returned, such as their averages.
    layout: of the state on the devices; see `parallel.place`.
  """

  params: Params
  opt_state: optax.OptState
  update: Update | None
  batches: Callable[[int], Batch] | None
  steps_per_epoch: int
  num_steps: int
  evaluate: Evaluate | None = None
  kept_params: Callable[[TrainState], Params] = latest_params
  layout: Any = parallel.REPLICATED

  def template(self) -> TrainState:
    """Returns the shapes and types of a state, as checkpoints have it."""
    return jax.eval_shape(TrainState, np.int32(0), self.params, self.opt_state)

  def collect(self, state: TrainState) -> TrainState:
    """Returns a state as checkpoints have it, whatever its layout on the devices."""
    return parallel.collect(state, self.layout, self.template())

  def kept(self, state: TrainState) -> TrainState:
    """Returns a state with the params to keep and without the optimiser's state."""
    return state._replace(params=self.kept_params(state), opt_state=())
