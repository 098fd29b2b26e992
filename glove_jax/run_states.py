"""The train states and params in the folder of a run, and the metrics that belong to them.

Of several processes the first writes, and all read.
"""

import pathlib
import weakref
from collections.abc import Callable, Sequence

import jax
import numpy as np

from glove_jax import checkpoint, processes, run_folder
from glove_jax.errors import InputError
from glove_jax.files import remove_folder
from glove_jax.loop import EarlyStopping, Record
from glove_jax.train import Params, TrainState

CHECKPOINTS = "checkpoints"
BEST = "best"  # the params of the best evaluation
EPOCHS = "epochs"  # the params after the last epochs, to be averaged
FINAL = "final"  # the params of a finished run, without what training needs
METRICS = "metrics.jsonl"
_KEPT_CHECKPOINTS = 2


def _drop(record: Record) -> None:
  """Writes nothing: the first process writes the metrics."""
  del record


class RunStates:
  """The folders of checkpoints in the folder of a run.

  Attributes:
    saved_step: of the last checkpoint; None: there is none.
  """

  def __init__(self, folder: pathlib.Path):
    self.folder = folder
    self.saved_step: int | None = None
    self._saved_params: list[weakref.ref] = []  # of a last checkpoint that holds nothing else

  def restore(self, template: TrainState) -> TrainState | None:
    """Returns the state of the last checkpoint, if there is one; tidies after a kill."""
    if processes.is_first():
      checkpoint.tidy(self.folder / CHECKPOINTS, keep=_KEPT_CHECKPOINTS)
      for name in (BEST, EPOCHS, FINAL):
        checkpoint.tidy(self.folder / name)
    step = self._last_step(CHECKPOINTS)
    if step is None:
      return None
    self.saved_step = step
    return checkpoint.restore(self.folder / CHECKPOINTS, template, step=step)

  def _last_step(self, name: str) -> int | None:
    """Returns the step of the last checkpoint in a folder, as the first process sees it."""
    steps = checkpoint.steps(self.folder / name)
    return processes.from_first(steps[-1] if steps else None)

  def save(self, state: TrainState) -> None:
    """Writes a checkpoint, with the metrics up to its step."""
    if processes.is_first():
      options = {"keep": _KEPT_CHECKPOINTS, "attached": self._attached()}
      checkpoint.save(self.folder / CHECKPOINTS, state, **options)
    self.saved_step = int(state.step)
    arrays = [] if jax.tree.leaves(state.opt_state) else jax.tree.leaves(state.params)
    self._saved_params = list(map(weakref.ref, arrays))

  def save_params(self, name: str, state: TrainState, *, keep: int = 1) -> None:
    """Writes the params of an epoch to `best/` or `epochs/`."""
    if processes.is_first():
      checkpoint.save(self.folder / name, state, keep=keep)

  def restore_params(self, name: str, template: TrainState, steps: Sequence[int]) -> Params:
    """Returns the mean of the params of some epochs.

    Raises:
      InputError: they are not where training has put them.
    """
    processes.wait_for_all()  # until the first has written them
    for step in steps:
      if step not in checkpoint.steps(self.folder / name):
        raise InputError(
          f"{self.folder / name}: no checkpoint of step {step}, expected one; delete"
          f" {self.folder / CHECKPOINTS} to train again."
        )
    if len(steps) == 1:
      return checkpoint.restore(self.folder / name, template, step=steps[0]).params
    return checkpoint.average(self.folder / name, template, at=steps).params

  def restore_final(self, template: TrainState) -> TrainState | None:
    """Returns the params of a finished run whose checkpoints have gone; None: it has not ended."""
    step = self._last_step(FINAL)
    if self._last_step(CHECKPOINTS) is not None or step is None:
      return None
    final = checkpoint.restore(self.folder / FINAL, template, step=step)
    self.open_metrics(FINAL, step)
    return final

  def remove(self, params: Params, *, can_go_on: bool) -> None:
    """Removes the checkpoints of a finished run.

    Args:
      params: the result; it remains in `final/`.
      can_go_on: whether more epochs may follow. Then the last checkpoint remains instead, with what
        averaging needs.
    """
    checkpoints = self.folder / CHECKPOINTS
    steps = checkpoint.steps(checkpoints)
    if steps and can_go_on:
      checkpoint.tidy(checkpoints, keep=1)
      return
    if steps and self._are_saved(params):
      checkpoint.tidy(checkpoints, keep=1)  # a killed run would go on from an earlier one
      checkpoint.move(checkpoints, self.folder / FINAL, step=steps[-1])
    elif steps:
      final = TrainState(np.int32(steps[-1]), params, ())
      checkpoint.save(self.folder / FINAL, final, keep=1, attached=self._attached())
    if checkpoint.steps(self.folder / FINAL):
      for name in (CHECKPOINTS, EPOCHS, BEST):
        remove_folder(self.folder / name)

  def _are_saved(self, params: Params) -> bool:
    """Returns whether the last checkpoint holds these params and nothing else."""
    arrays = jax.tree.leaves(params)
    saved = [reference() for reference in self._saved_params]
    return bool(saved) and list(map(id, arrays)) == list(map(id, saved))

  def open_metrics(
    self, name: str, step: int
  ) -> tuple[list[Record], Callable[[Record], None]]:
    """Opens `metrics.jsonl`, as it was when the checkpoint of this step was saved."""
    records: list[Record] = []
    append = _drop
    if processes.is_first():
      saved = checkpoint.read_attached(self.folder / name, step, METRICS)
      records, append = run_folder.open_metrics(self.folder / METRICS, step=step, saved=saved)
    return processes.from_first(records), append

  def _attached(self) -> dict[str, bytes]:
    return {METRICS: (self.folder / METRICS).read_bytes()}


class History:
  """The values of a metric that early stopping looks at, each with its step."""

  def __init__(self, stop: EarlyStopping | None, records: list[Record]):
    self.stop = stop
    self._steps: list[int] = []
    self._values: list[float] = []
    for record in records:
      if stop and stop.metric in record:
        self.add(record["step"], record)

  def add(self, step: int, values: dict[str, float]) -> bool:
    """Adds the values of an evaluation; returns whether they are the best so far."""
    if self.stop is None:
      return False
    value = values[self.stop.metric]
    is_best = self.stop.improves(value, self._values)
    self._steps.append(step)
    self._values.append(value)
    return is_best

  def is_over(self) -> bool:
    """Returns whether the training is to stop."""
    return self.stop is not None and self.stop.is_over(self._values)

  @property
  def best_step(self) -> int:
    """The step of the evaluation that is kept. Raises InputError if there is none."""
    if not self._values:
      raise InputError(f"{METRICS}: no value of {self.stop.metric}, expected one an epoch.")
    return self._steps[self.stop.best(self._values)]

  def describe_best(self, steps_per_epoch: int) -> str:
    """Returns the epoch that is kept; also a better one that came too early to count."""
    best = self._steps.index(self.best_step)
    value = self._values[best]
    text = f"epoch {self.best_step // steps_per_epoch}"
    not_counted = self._values[: self.stop.first - 1]
    choose = min if self.stop.mode == "min" else max
    early_value = choose(not_counted, default=value)
    if choose(value, early_value) == value:
      return text
    early_epoch = self._steps[not_counted.index(early_value)] // steps_per_epoch
    return (
      f"{text}, {self.stop.metric} {value:.4f} ({early_value:.4f} in epoch {early_epoch}, but the"
      f" first {len(not_counted):,} epochs are too early to count)"
    )
