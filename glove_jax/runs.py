"""A run: what a method plans to do, and the folder that keeps settings, metrics and checkpoints.

A run that is killed and started again goes on from its last checkpoint and ends with the same
bytes.
"""

import contextlib
import dataclasses
import os
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import optax

from glove_jax import checkpoint, loop, run_folder, train
from glove_jax.errors import InputError
from glove_jax.files import write_json
from glove_jax.loop import Callback, EarlyStopping
from glove_jax.progress import log_stage
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
  """

  params: Params
  opt_state: optax.OptState
  update: Update | None
  batches: Callable[[int], Batch] | None
  steps_per_epoch: int
  num_steps: int
  evaluate: Evaluate | None = None
  kept_params: Callable[[TrainState], Params] = latest_params


class Run:
  """The folder of a run, held by this process."""

  def __init__(self, folder: pathlib.Path, settings: Any):
    self.folder = folder
    self.settings = settings

  def fit(
    self, plan: Plan, *, average_epochs: int = 1, stop: EarlyStopping | None = None
  ) -> Params:
    """Trains from the last checkpoint, or from the start, to the end.

    Args:
      plan: of a method.
      average_epochs: return the mean of the params after this many last epochs.
      stop: stop early, and return the params of the best evaluation.

    Returns:
      The params to keep.
    """
    metrics_file = self.folder / "metrics.jsonl"
    if plan.update is None or plan.batches is None or not plan.num_steps:
      run_folder.open_metrics(metrics_file, step=0)
      return plan.params
    start = time.monotonic()
    state = self._first_state(plan)
    records, write = run_folder.open_metrics(metrics_file, step=int(state.step))
    logger = loop.Logger(write, every=self.settings.log_every)
    history = [record[stop.metric] for record in records if stop and stop.metric in record]
    callbacks = []
    if plan.evaluate:
      evaluate = self._evaluation(plan, plan.evaluate, logger, stop, history)
      callbacks.append(Callback(plan.steps_per_epoch, evaluate))
    if average_epochs > 1:
      callbacks.append(Callback(plan.steps_per_epoch, self._epoch_end(plan, average_epochs)))
    saving = _Stopwatch()
    callbacks.append(Callback(self.settings.save_every, saving.timed(self._save)))
    if not (stop and stop.is_over(history)):
      options = {"num_steps": plan.num_steps, "logger": logger, "callbacks": callbacks}
      state = loop.fit(state, plan.update, plan.batches, **options, progress=True)
    devices = f"{jax.local_device_count()} {jax.default_backend()} device(s)"
    summary = f"{int(state.step):,} steps on {devices}{saving.summary()}"
    log_stage("training", summary, start + saving.seconds)
    return self._result(plan, state, average_epochs=average_epochs, best=stop is not None)

  def write_metrics(self, metrics: dict[str, Any]) -> None:
    """Writes `metrics.json`: the scores of a finished run."""
    write_json(self.folder / "metrics.json", metrics)

  def _first_state(self, plan: Plan) -> TrainState:
    """Returns the state of the last checkpoint, else a new one."""
    state = train.init_state(plan.params, plan.opt_state)
    saved = checkpoint.restore(self.folder / "checkpoints", state)
    if saved is None:
      return state
    log_stage("resumed", f"step {int(saved.step):,}")
    return train.init_state(saved.params, saved.opt_state, saved.step)

  def _save(self, state: TrainState) -> None:
    checkpoint.save(self.folder / "checkpoints", state)

  def _evaluation(
    self,
    plan: Plan,
    measure: Evaluate,
    logger: loop.Logger,
    stop: EarlyStopping | None,
    history: list[float],
  ) -> Callable[[TrainState], bool]:
    """Returns a callback that evaluates, saves the best params, and says when to stop."""
    def evaluate(state: TrainState) -> bool:
      values = measure(state)
      logger.write(int(state.step), values)
      if stop is None:
        return False
      value = values[stop.metric]
      if stop.improves(value, history):
        checkpoint.save(self.folder / "best", _kept(plan, state), keep=1)
      history.append(value)
      return stop.is_over(history)

    return evaluate

  def _epoch_end(self, plan: Plan, average_epochs: int) -> Callable[[TrainState], None]:
    """Returns a callback that keeps the params of the last epochs, to be averaged."""
    def save(state: TrainState) -> None:
      checkpoint.save(self.folder / "epochs", _kept(plan, state), keep=average_epochs)

    return save

  def _result(self, plan: Plan, state: TrainState, *, average_epochs: int, best: bool) -> Params:
    """Returns the params to keep: the best ones, else the averaged ones, else the last ones."""
    if best:
      kept = checkpoint.restore(self.folder / "best", _kept(plan, state))
      if kept is None:
        raise InputError(f"{self.folder / 'best'}: no checkpoint, expected that of the best epoch.")
      log_stage("best", f"epoch {int(kept.step) // plan.steps_per_epoch}")
      return kept.params
    if average_epochs > 1:
      template = _kept(plan, state)
      return checkpoint.average(self.folder / "epochs", template, last=average_epochs).params
    return plan.kept_params(state)


def _kept(plan: Plan, state: TrainState) -> TrainState:
  """Returns a state with the params to keep and without the optimiser's state."""
  return state._replace(params=plan.kept_params(state), opt_state=())


class _Stopwatch:
  """Adds up the seconds that a callback takes."""

  def __init__(self):
    self.seconds = 0.0

  def timed(self, function: Callable[[TrainState], None]) -> Callable[[TrainState], None]:
    def call(state: TrainState) -> None:
      start = time.monotonic()
      function(state)
      self.seconds += time.monotonic() - start

    return call

  def summary(self) -> str:
    return f"; checkpoints took {self.seconds:.1f} s more" if self.seconds else ""


@contextlib.contextmanager
def open(workdir: str | os.PathLike, settings: Any) -> Iterator[Run]:
  """Opens the folder of a run, made if need be, and holds it until the block ends.

  `config.json` holds the settings. A folder with a run of other settings is refused; one that holds
  nothing but settings is free: an error stopped that run before it made anything.

  Args:
    workdir: path of the folder.
    settings: a dataclass of `settings.setting` fields, with `log_every` and `save_every`.

  Raises:
    InputError: the folder holds a run of other settings, which are listed, or another process holds
      it.
  """
  folder = pathlib.Path(workdir)
  if folder.exists() and not folder.is_dir():
    raise InputError(f"{folder} is a file, expected a folder for the run.")
  folder.mkdir(parents=True, exist_ok=True)
  with run_folder.lock(folder):
    for leftover in folder.glob(".*.tmp"):  # of a run that was killed while it wrote
      leftover.unlink()
    run_folder.check_settings(folder, settings)
    write_json(folder / "config.json", dataclasses.asdict(settings))
    yield Run(folder, settings)
