"""A run: what a method plans to do, and the folder that keeps settings, metrics and checkpoints.

A run that is killed and started again goes on from its last checkpoint and ends with the same
bytes.
"""

import contextlib
import dataclasses
import functools
import json
import os
import pathlib
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import jax

from glove_jax import (
  interrupts,
  loop,
  parallel,
  processes,
  run_folder,
  run_readme,
  run_record,
  trackers,
  train,
)
from glove_jax.errors import InputError
from glove_jax.files import remove_leftovers, write_json
from glove_jax.interrupts import Interrupted, Interrupts
from glove_jax.loop import Callback, EarlyStopping
from glove_jax.plan import Evaluate, Plan
from glove_jax.progress import log_stage
from glove_jax.run_record import RunRecord
from glove_jax.run_saving import Saving
from glove_jax.run_states import BEST, CHECKPOINTS, EPOCHS, METRICS, History, RunStates
from glove_jax.train import Params, TrainState


class Run:
  """The folder of a run, held by this process."""

  def __init__(
    self, folder: pathlib.Path, settings: Any, interrupts: Interrupts, record: RunRecord
  ):
    self.folder = folder
    self.settings = settings
    self.interrupts = interrupts
    self._record = record
    self.states = RunStates(folder)
    self.tracker: trackers.Tracker = trackers.NoTracker()  # until `fit` has records
    self.can_go_on = False  # whether more epochs may follow

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

    Raises:
      Interrupted: SIGINT or SIGTERM came; the state has been saved.
    """
    metrics_file = self.folder / METRICS
    if plan.update is None or plan.batches is None or not plan.num_steps:
      if processes.is_first():
        run_folder.open_metrics(metrics_file, step=0)
      return plan.params
    final = self._final_params(plan)
    if final is not None:
      return final
    start = time.monotonic()
    state = self._first_state(plan)
    records, write = self._open_records(int(state.step))
    logger = loop.Logger(write, every=min(self.settings.log_every, plan.steps_per_epoch))
    history = History(stop, records)
    callbacks = self._callbacks(plan, logger, history, average_epochs)
    saving = self._saving(plan)
    callbacks.append(Callback(self.settings.save_every, saving.save, saving.is_due))
    if not history.is_over() and int(state.step) < plan.num_steps:
      if processes.is_first():
        run_readme.write(self.folder, self.settings, is_finished=False)
      options = {"num_steps": plan.num_steps, "logger": logger, "callbacks": callbacks}
      with self.interrupts.deferred():
        state = loop.fit(state, plan.update, plan.batches, **options, progress=True)
    _report(state, start, saving)
    self.can_go_on = run_folder.has_constant_rate(self.settings) and not history.is_over()
    return self._result(plan, state, average_epochs=average_epochs, history=history)

  def write_metrics(self, metrics: dict[str, Any]) -> None:
    """Writes `metrics.json`: the scores of a finished run."""
    if not processes.is_first():
      return
    write_json(self.folder / "metrics.json", metrics)
    self.tracker.log_scores(metrics)

  def finish(self, params: Params) -> None:
    """Ends a run whose results are written: removes what it does not need, writes `README.md`.

    Args:
      params: the result of `fit`.
    """
    if not processes.is_first():
      return
    if not getattr(self.settings, "keep_checkpoints", False):
      self.states.remove(params, can_go_on=self.can_go_on)
    run_record.write(self.folder, run_record.with_results(self.folder, self._record))
    run_readme.write(self.folder, self.settings, is_finished=True)

  def _saving(self, plan: Plan) -> Saving:
    """Returns what saves the checkpoints of this run."""
    def save(state: TrainState) -> None:
      self.states.save(plan.collect(state))

    return Saving(
      save,
      self.interrupts,
      minutes=getattr(self.settings, "save_every_minutes", 0),
      describe_interruption=functools.partial(self.describe_interruption, is_saved=True),
    )

  def _open_records(self, step: int) -> tuple[list[loop.Record], Callable[[loop.Record], None]]:
    """Returns the records up to a step, and a function that writes one, also to the tracker."""
    records, append = self.states.open_metrics(CHECKPOINTS, step)
    if processes.is_first():
      self.tracker = trackers.open(self.folder, self.settings, records)

    def write(record: loop.Record) -> None:
      append(record)
      self.tracker.log(record)

    return records, write

  def _final_params(self, plan: Plan) -> Params | None:
    """Returns the params of a finished run whose checkpoints have gone; None: it has not ended."""
    final = self.states.restore_final(plan.kept(plan.template()))
    if final is None:
      return None
    log_stage("finished", f"step {int(final.step):,}")
    return final.params

  def _first_state(self, plan: Plan) -> TrainState:
    """Returns the state of the last checkpoint, else a new one."""
    saved = self.states.restore(plan.template())
    if saved is None:
      start = train.init_state(plan.params, plan.opt_state, layout=plan.layout)
      return parallel.from_first(start, plan.layout)
    step = int(saved.step)
    if step > plan.num_steps:
      raise InputError(
        f"{self.folder}: has learnt {step:,} steps, more than the {plan.num_steps:,} of"
        f" epochs={self.settings.epochs}; use more epochs, or another --workdir."
      )
    log_stage("resumed", f"step {step:,}")
    return train.init_state(saved.params, saved.opt_state, step, layout=plan.layout)

  def _callbacks(
    self, plan: Plan, logger: loop.Logger, history: History, average_epochs: int
  ) -> list[Callback]:
    """Returns what is done after an epoch: evaluation, and params that are kept."""
    callbacks = []
    if plan.evaluate:
      evaluate = self._evaluation(plan, plan.evaluate, logger, history)
      callbacks.append(Callback(plan.steps_per_epoch, evaluate))
    if average_epochs > 1 and history.stop is None:  # else the best epoch is what counts
      callbacks.append(Callback(plan.steps_per_epoch, self._epoch_end(plan, average_epochs)))
    return callbacks

  def _evaluation(
    self, plan: Plan, measure: Evaluate, logger: loop.Logger, history: History
  ) -> Callable[[TrainState], bool]:
    """Returns a callback that evaluates, saves the best params, and says when to stop."""
    def evaluate(state: TrainState) -> bool:
      values = measure(state)
      logger.write(int(state.step), values)
      if history.add(int(state.step), values):
        self.states.save_params(BEST, plan.kept(plan.collect(state)))
      return history.is_over()

    return evaluate

  def _epoch_end(self, plan: Plan, average_epochs: int) -> Callable[[TrainState], None]:
    """Returns a callback that keeps the params of the last epochs, to be averaged."""
    def save(state: TrainState) -> None:
      kept = plan.kept(plan.collect(state))
      self.states.save_params(EPOCHS, kept, keep=average_epochs)

    return save

  def _result(
    self, plan: Plan, state: TrainState, *, average_epochs: int, history: History
  ) -> Params:
    """Returns the params to keep: the best ones, else the averaged ones, else the last ones."""
    kept = plan.kept(plan.collect(state))
    if history.stop:
      best = history.best_step
      params = self.states.restore_params(BEST, kept, [best])
      log_stage("best", history.describe_best(plan.steps_per_epoch))
      return params
    if average_epochs > 1:
      last = int(state.step)
      steps = [last - i * plan.steps_per_epoch for i in reversed(range(average_epochs))]
      return self.states.restore_params(EPOCHS, kept, steps)
    return kept.params

  def describe_interruption(self, *, is_saved: bool) -> str:
    """Returns what is left of a run that a signal ended, and how it goes on."""
    step = self.states.saved_step
    if is_saved:
      return (
        f"interrupted; the state of step {step:,} is saved in {self.folder}, and the same command"
        " goes on from there"
      )
    if step is None:
      return (
        "interrupted before the first step; the same command goes on with what is complete in"
        f" {self.folder}"
      )
    return f"interrupted; the same command goes on from step {step:,} in {self.folder}"

  def describe_loss(self, error: processes.ProcessLost) -> str:
    """Returns what is left of a run that lost a process, and how it goes on."""
    step = self.states.saved_step
    start = "the start" if step is None else f"step {step:,}"
    return f"{error}; the same command on all processes goes on from {start} in {self.folder}"


def _report(state: TrainState, start: float, saving: Saving) -> None:
  """Reports the steps and the seconds of a training, those of its checkpoints beside."""
  devices = f"{parallel.device_count()} {jax.default_backend()} device(s)"
  if processes.count() > 1:
    devices += f" of {processes.count()} processes"
  summary = f"{int(state.step):,} steps on {devices}{saving.summary()}"
  log_stage("training", summary, start + saving.seconds)


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
  if not os.fspath(workdir):
    raise InputError("--workdir= is empty, expected a folder for the run.")
  trackers.check(getattr(settings, "track", ""))
  folder = pathlib.Path(workdir)
  if folder.exists() and not folder.is_dir():
    raise InputError(f"{folder} is a file, expected a folder for the run.")
  _check_agreement(settings)
  with interrupts.handled() as signals, _held(folder):
    before, record = _write_settings(folder, settings)
    run = Run(folder, settings, signals, record)
    try:
      with processes.lost_in_errors():
        yield run
    except InputError:
      if before is not None:  # a change of settings that was refused later
        run_record.write(folder, before)
      raise
    except processes.ProcessLost as error:
      raise processes.ProcessLost(run.describe_loss(error)) from None
    except KeyboardInterrupt as error:
      if isinstance(error, Interrupted) and error.args != ("interrupted",):
        raise
      number = getattr(error, "number", signal.SIGINT)
      raise Interrupted(run.describe_interruption(is_saved=False), number) from None
    finally:
      run.tracker.close()


def _check_agreement(settings: Any) -> None:
  """Raises InputError if the first process of a run has other settings than this one."""
  values = json.loads(json.dumps(dataclasses.asdict(settings)))
  first = processes.from_first(values)
  changes = run_folder.changed(first, values)
  if changes:
    raise InputError(
      f"process {processes.index()} has other settings than process 0 ({'; '.join(changes)})."
    )


@contextlib.contextmanager
def _held(folder: pathlib.Path) -> Iterator[None]:
  """Makes the folder of a run and holds it, which the first process does for the others."""
  if not processes.is_first():
    yield
    return
  folder.mkdir(parents=True, exist_ok=True)
  run_folder.refuse_links(folder)
  with run_folder.lock(folder):
    yield


def _write_settings(folder: pathlib.Path, settings: Any) -> tuple[RunRecord | None, RunRecord]:
  """Writes the settings of a run, and tidies after a kill; returns the records before and now.

  The first process does, and the others go on when it has.
  """
  if not processes.is_first():
    processes.from_first(None)
    if not (folder / run_record.CONFIG).exists():
      raise InputError(
        f"{folder}: process {processes.index()} does not see what process 0 has written there,"
        " expected a folder that all processes share."
      )
    return None, RunRecord(dataclasses.asdict(settings))
  remove_leftovers(folder)
  remove_leftovers(folder / run_folder.INPUTS)
  record = run_folder.check_settings(folder, settings)
  before = run_record.read(folder)
  run_record.write(folder, record)
  if not (folder / run_readme.NAME).exists():
    run_readme.write(folder, settings, is_finished=False)
  processes.from_first(None)
  return before, record
