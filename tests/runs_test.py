"""A run's folder: settings, lock, metrics, checkpoints, resuming, best and averaged params."""

import dataclasses
import json

import jax
import numpy as np
import optax
import pytest
from training_task import batches, first_state, regression

from glove_jax import checkpoint, runs, train
from glove_jax.errors import InputError
from glove_jax.loop import EarlyStopping
from glove_jax.settings import setting


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
  dim: int = setting(3, "Width.", former=("size",))
  epochs: int = setting(2, "Epochs.", resumable=True)
  schedule: str = setting("constant", "Schedule.")
  younger: str = setting("", "A key that older runs do not have.")
  log_every: int = setting(2, "Steps.", resumable=True)
  save_every: int = setting(3, "Steps.", resumable=True)


STEPS = 5  # of an epoch


def make_plan(epochs=2, evaluate=None) -> runs.Plan:
  task = regression(noise=0.3)
  tx = optax.adam(0.05)
  state = first_state(task, tx)
  return runs.Plan(
    params=state.params,
    opt_state=state.opt_state,
    update=train.make_update(task, tx, seed=7),
    batches=batches,
    steps_per_epoch=STEPS,
    num_steps=epochs * STEPS,
    evaluate=evaluate,
  )


def fit(folder, plan, settings=None, **options):
  with runs.open(folder, settings or Settings()) as run:
    return run.fit(plan, **options)


def read_metrics(folder):
  return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def leave_no_checkpoint_after(folder, step):
  for path in (folder / "checkpoints").iterdir():
    if int(path.name) > step:
      path.rename(folder / f"gone-{path.name}")


def test_a_run_leaves_settings_metrics_and_checkpoints(tmp_path):
  fit(tmp_path / "run", make_plan())
  assert json.loads((tmp_path / "run" / "config.json").read_text())["dim"] == 3
  assert [record["step"] for record in read_metrics(tmp_path / "run")] == [2, 4, 6, 8, 10]
  assert checkpoint.steps(tmp_path / "run" / "checkpoints") == [9, 10]


def test_a_resumed_run_ends_with_the_same_bits(tmp_path):
  whole = fit(tmp_path / "whole", make_plan())
  fit(tmp_path / "run", make_plan())
  leave_no_checkpoint_after(tmp_path / "run", 9)
  with open(tmp_path / "run" / "metrics.jsonl", "a") as file:
    file.write('{"step": 11, "lo')  # cut short by a crash
  resumed = fit(tmp_path / "run", make_plan())
  jax.tree.map(np.testing.assert_array_equal, whole, resumed)
  assert [record["step"] for record in read_metrics(tmp_path / "run")] == [2, 4, 6, 8, 10]


def test_more_epochs_continue_from_the_last(tmp_path):
  fit(tmp_path / "run", make_plan())
  longer = fit(tmp_path / "run", make_plan(epochs=3), Settings(epochs=3))
  whole = fit(tmp_path / "whole", make_plan(epochs=3), Settings(epochs=3))
  jax.tree.map(np.testing.assert_array_equal, longer, whole)


def evaluation(values, name="held_out_loss"):
  """Returns an evaluation that gives the next value at the end of each epoch."""
  return lambda state: {name: values[int(state.step) // STEPS - 1], "step_of": int(state.step)}


@pytest.mark.parametrize(
  ("mode", "values"), [("min", [5.0, 3.0, 4.0, 3.5, 2.0]), ("max", [0.5, 0.7, 0.6, 0.7, 0.9])]
)
def test_early_stopping_returns_the_params_of_the_best_evaluation(tmp_path, mode, values):
  stop = EarlyStopping("held_out_loss", mode, patience=2)
  best = fit(tmp_path / "run", make_plan(5, evaluation(values)), stop=stop)
  records = read_metrics(tmp_path / "run")
  assert [record["held_out_loss"] for record in records if "held_out_loss" in record] == values[:4]
  assert checkpoint.steps(tmp_path / "run" / "best") == [10]
  plain = fit(tmp_path / "two_epochs", make_plan(2))
  jax.tree.map(np.testing.assert_array_equal, best, plain)


def test_early_stopping_continues_from_its_history(tmp_path):
  values = [3.0, 4.0, 5.0, 1.0]
  stop = EarlyStopping("held_out_loss", patience=2)
  plan = make_plan(4, evaluation(values))
  first = fit(tmp_path / "run", plan, stop=stop)
  again = fit(tmp_path / "run", plan, stop=stop)  # is over: not one epoch more
  jax.tree.map(np.testing.assert_array_equal, first, again)
  assert checkpoint.steps(tmp_path / "run" / "checkpoints")[-1] == 15
  leave_no_checkpoint_after(tmp_path / "run", 12)
  fit(tmp_path / "run", plan, stop=stop)
  assert [
    r["held_out_loss"] for r in read_metrics(tmp_path / "run") if "held_out_loss" in r
  ] == values[:3]


def test_averaged_params_are_the_mean_of_the_last_epochs(tmp_path):
  ends = [fit(tmp_path / f"{epochs}", make_plan(epochs)) for epochs in (2, 3)]
  averaged = fit(tmp_path / "run", make_plan(3), average_epochs=2)
  mean = jax.tree.map(lambda one, other: (np.float64(one) + np.float64(other)) / 2, *ends)
  jax.tree.map(lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-6), averaged, mean)
  assert checkpoint.steps(tmp_path / "run" / "epochs") == [10, 15]


def test_a_plan_with_nothing_to_train_gives_its_params(tmp_path):
  plan = make_plan()._replace(update=None, batches=None, steps_per_epoch=0, num_steps=0)
  assert fit(tmp_path / "run", plan) is plan.params
  assert (tmp_path / "run" / "metrics.jsonl").read_text() == ""


def test_other_settings_are_refused_and_listed(tmp_path):
  fit(tmp_path / "run", make_plan())
  with pytest.raises(InputError, match="dim was 3, now 4.*another --workdir"):
    fit(tmp_path / "run", make_plan(), Settings(dim=4))
  fit(tmp_path / "run", make_plan(), Settings(log_every=1))


def test_epochs_may_not_change_where_the_learning_rate_falls_to_the_end(tmp_path):
  fit(tmp_path / "run", make_plan(), Settings(schedule="linear"))
  with pytest.raises(InputError, match="epochs was 2, now 3"):
    fit(tmp_path / "run", make_plan(3), Settings(schedule="linear", epochs=3))


def test_settings_that_were_refused_may_be_mended(tmp_path):
  with runs.open(tmp_path / "run", Settings(dim=0)):
    pass
  with runs.open(tmp_path / "run", Settings(dim=3)):
    pass
  assert json.loads((tmp_path / "run" / "config.json").read_text())["dim"] == 3


def test_an_older_run_is_resumed_whatever_its_keys_were_called(tmp_path):
  (tmp_path / "config.json").write_text('{"size": 3, "epochs": 2, "schedule": "constant"}')
  (tmp_path / "vocab.txt").write_text("a 1\n")
  with runs.open(tmp_path, Settings(log_every=2)):
    pass
  assert set(json.loads((tmp_path / "config.json").read_text())) == {
    "dim",
    "epochs",
    "schedule",
    "younger",
    "log_every",
    "save_every",
  }


def test_a_folder_in_use_is_refused_and_free_afterwards(tmp_path):
  with (
    runs.open(tmp_path / "run", Settings()),
    pytest.raises(InputError, match="in use by another run"),
  ):
    runs.open(tmp_path / "run", Settings()).__enter__()
  with runs.open(tmp_path / "run", Settings()):
    pass


def test_leftovers_of_a_killed_run_are_removed_and_a_file_is_no_folder(tmp_path):
  leftover = tmp_path / ".vectors.txt.abc.tmp"
  leftover.write_text("half")
  with runs.open(tmp_path, Settings()):
    assert not leftover.exists()
  (tmp_path / "file").write_text("")
  with pytest.raises(InputError, match="is a file, expected a folder"):
    runs.open(tmp_path / "file", Settings()).__enter__()


def test_scores_are_written_as_json(tmp_path):
  with runs.open(tmp_path, Settings()) as run:
    run.write_metrics({"test": {"accuracy": 0.5}})
  assert json.loads((tmp_path / "metrics.json").read_text()) == {"test": {"accuracy": 0.5}}
