"""A run's folder: settings, lock, metrics, checkpoints, resuming, best and averaged params."""

import dataclasses
import json
import signal

import jax
import numpy as np
import optax
import pytest
from training_task import batches, first_state, regression

from glove_jax import checkpoint, interrupts, run_states, runs, train
from glove_jax.errors import InputError
from glove_jax.loop import EarlyStopping
from glove_jax.settings import setting


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
  method: str = setting("cnn", "Method.")
  dim: int = setting(3, "Width.", former=("size",))
  epochs: int = setting(2, "Epochs.", resumable=True)
  schedule: str = setting("constant", "Schedule.")
  younger: str = setting("", "A key that older runs do not have.")
  log_every: int = setting(2, "Steps.", resumable=True)
  save_every: int = setting(3, "Steps.", resumable=True)
  save_every_minutes: float = setting(0.0, "Minutes.", resumable=True)
  keep_checkpoints: bool = setting(False, "Keep.", resumable=True)


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


def test_a_loss_is_logged_once_an_epoch_at_least(tmp_path):
  fit(tmp_path, make_plan(epochs=3), Settings(log_every=1000, epochs=3))
  records = read_metrics(tmp_path)
  assert [record["step"] for record in records if "loss" in record] == [5, 10, 15]


def test_an_empty_folder_name_is_refused():
  with pytest.raises(InputError, match="--workdir= is empty"), runs.open("", Settings()):
    pass


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
  ("mode", "values"), [("min", [5.0, 3.0, 4.0, 3.5, 2.0]), ("max", [0.5, 0.7, 0.6, 0.65, 0.9])]
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


def finish(folder, plan, settings=None, **options):
  with runs.open(folder, settings or Settings()) as run:
    params = run.fit(plan, **options)
    run.finish(params)
    return params


def names(folder):
  return {path.name for path in folder.iterdir()}


def test_a_finished_run_keeps_the_checkpoint_that_more_epochs_go_on_from(tmp_path):
  finish(tmp_path / "run", make_plan())
  assert checkpoint.steps(tmp_path / "run" / "checkpoints") == [10]
  longer = finish(tmp_path / "run", make_plan(epochs=3), Settings(epochs=3))
  whole = fit(tmp_path / "whole", make_plan(epochs=3), Settings(epochs=3))
  jax.tree.map(np.testing.assert_array_equal, longer, whole)
  assert "Finished." in (tmp_path / "run" / "README.md").read_text()


def test_where_the_rate_has_fallen_the_params_alone_remain(tmp_path):
  linear = Settings(schedule="linear")
  first = finish(tmp_path / "run", make_plan(), linear)
  assert "final" in names(tmp_path / "run") and "checkpoints" not in names(tmp_path / "run")
  metrics = read_metrics(tmp_path / "run")
  again = finish(tmp_path / "run", make_plan(), linear)  # not one step is trained
  jax.tree.map(np.testing.assert_array_equal, first, again)
  assert read_metrics(tmp_path / "run") == metrics
  (tmp_path / "run" / "metrics.jsonl").write_text("damaged")
  finish(tmp_path / "run", make_plan(), linear)
  assert read_metrics(tmp_path / "run") == metrics


def test_checkpoints_stay_if_set_so(tmp_path):
  finish(tmp_path / "run", make_plan(), Settings(schedule="linear", keep_checkpoints=True))
  assert checkpoint.steps(tmp_path / "run" / "checkpoints") == [9, 10]


def test_a_run_that_has_stopped_early_keeps_its_best_params_alone(tmp_path):
  stop = EarlyStopping("held_out_loss", patience=1)
  plan = make_plan(5, evaluation([3.0, 4.0, 5.0, 6.0, 7.0]))
  best = finish(tmp_path / "run", plan, stop=stop)
  assert not {"checkpoints", "best", "epochs"} & names(tmp_path / "run")
  again = finish(tmp_path / "run", plan, stop=stop)
  jax.tree.map(np.testing.assert_array_equal, best, again)


def test_what_a_kill_left_after_the_end_is_removed(tmp_path):
  linear = Settings(schedule="linear")
  finish(tmp_path / "run", make_plan(), linear)
  (tmp_path / "run" / "best" / "5").mkdir(parents=True)
  finish(tmp_path / "run", make_plan(), linear)
  assert "best" not in names(tmp_path / "run")


def test_fewer_epochs_than_are_learnt_are_refused_and_the_settings_stay(tmp_path):
  fit(tmp_path / "run", make_plan())
  with pytest.raises(InputError, match="has learnt 10 steps, more than the 5 of epochs=1"):
    fit(tmp_path / "run", make_plan(epochs=1), Settings(epochs=1))
  assert json.loads((tmp_path / "run" / "config.json").read_text())["epochs"] == 2


def test_checkpoints_are_saved_by_the_clock_too(tmp_path, monkeypatch):
  saved = []
  monkeypatch.setattr(
    run_states.RunStates, "save", lambda states, state: saved.append(int(state.step))
  )
  now = iter(range(0, 10**6, 25))  # 25 seconds from one look at the clock to the next
  monkeypatch.setattr(runs.time, "monotonic", lambda: next(now))
  fit(tmp_path / "run", make_plan(), Settings(save_every=10**6, save_every_minutes=1))
  assert len(saved) > 2 and saved[-1] == 10


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_the_state_and_the_run_goes_on(tmp_path, number, status):
  whole = fit(tmp_path / "whole", make_plan())
  plan = make_plan()

  def interrupted_batches(step):
    if step == 4:
      signal.raise_signal(number)
    return plan.batches(step)

  settings = Settings(save_every=10**6)
  with pytest.raises(interrupts.Interrupted, match=r"state of step \d+ is saved") as error:
    fit(tmp_path / "run", plan._replace(batches=interrupted_batches), settings)
  assert error.value.status == status
  (step,) = checkpoint.steps(tmp_path / "run" / "checkpoints")
  assert f"step {step} is saved" in str(error.value)
  resumed = fit(tmp_path / "run", make_plan(), settings)
  jax.tree.map(np.testing.assert_array_equal, whole, resumed)


def test_an_interruption_before_the_first_step_says_so(tmp_path):
  with (
    pytest.raises(KeyboardInterrupt, match="before the first step; the same command goes on"),
    runs.open(tmp_path / "run", Settings()),
  ):
    signal.raise_signal(signal.SIGINT)


def test_an_interruption_of_the_evaluation_waits_for_its_record(tmp_path):
  def evaluate(state):
    if state.step == 5:
      signal.raise_signal(signal.SIGINT)
    return {"held_out_loss": float(state.step)}

  with pytest.raises(KeyboardInterrupt, match="step 5 is saved"):
    fit(tmp_path / "run", make_plan(evaluate=evaluate), Settings(save_every=10**6))
  assert {"step": 5, "held_out_loss": 5.0}.items() <= read_metrics(tmp_path / "run")[-1].items()


def test_changed_metrics_are_restored_so_that_the_best_epoch_is_true(tmp_path):
  stop = EarlyStopping("held_out_loss", patience=9)
  plan = make_plan(3, evaluation([5.0, 3.0, 4.0]))
  best = fit(tmp_path / "run", plan, Settings(epochs=3), stop=stop)
  path = tmp_path / "run" / "metrics.jsonl"
  for text in (path.read_text().replace("4.0", "1.0"), ""):
    path.write_text(text)
    again = fit(tmp_path / "run", plan, Settings(epochs=3), stop=stop)
    jax.tree.map(np.testing.assert_array_equal, best, again)
  assert "4.0" in path.read_text()


@pytest.mark.parametrize("options", [
  {"stop": EarlyStopping("held_out_loss", patience=9)}, {"average_epochs": 2},
])
def test_params_of_an_epoch_that_are_gone_are_told(tmp_path, options):
  plan = make_plan(3, evaluation([5.0, 3.0, 4.0]))
  fit(tmp_path / "run", plan, Settings(epochs=3), **options)
  (folder,) = [tmp_path / "run" / name for name in ("best", "epochs")
               if (tmp_path / "run" / name).exists()]
  (folder / "10").rename(folder / "12")
  with pytest.raises(InputError, match="no checkpoint of step 10, expected one"):
    fit(tmp_path / "run", plan, Settings(epochs=3), **options)


@pytest.mark.parametrize("name", [".lock", "checkpoints", "metrics.jsonl", "vectors.txt", "ids"])
def test_a_planted_link_is_refused_and_nothing_outside_is_touched(tmp_path, name):
  fit(tmp_path / "run", make_plan())
  outside = tmp_path / "outside"
  if name in ("checkpoints", "ids"):
    outside.mkdir()
    (outside / "5").mkdir()
    (outside / "5" / "file").write_text("precious")
  else:
    outside.write_text("precious")
  link = tmp_path / "run" / name
  if link.is_dir():
    link.rename(tmp_path / "moved")
  link.unlink(missing_ok=True)
  link.symlink_to(outside)
  with pytest.raises(InputError, match=f"{name} is a symbolic link"):
    fit(tmp_path / "run", make_plan())
  kept = outside / "5" / "file" if outside.is_dir() else outside
  assert kept.read_text() == "precious"


def test_a_link_to_the_folder_itself_and_links_of_the_user_are_fine(tmp_path):
  (tmp_path / "disk").mkdir()
  (tmp_path / "run").symlink_to(tmp_path / "disk")
  (tmp_path / "disk" / "my_text.txt").symlink_to(tmp_path / "nowhere")
  fit(tmp_path / "run", make_plan())


def test_epochs_may_not_change_where_the_learning_rate_falls_to_the_end(tmp_path):
  fit(tmp_path / "run", make_plan(), Settings(schedule="linear"))
  with pytest.raises(InputError, match="epochs was 2, now 3.*its learning rate falls to the end"):
    fit(tmp_path / "run", make_plan(3), Settings(schedule="linear", epochs=3))


def test_settings_that_were_refused_may_be_mended(tmp_path):
  with runs.open(tmp_path / "run", Settings(dim=0)):
    pass
  with runs.open(tmp_path / "run", Settings(dim=3)):
    pass
  assert json.loads((tmp_path / "run" / "config.json").read_text())["dim"] == 3


def test_an_older_run_is_resumed_whatever_its_keys_were_called(tmp_path):
  old = {"method": "cnn", "size": 3, "epochs": 2, "schedule": "constant"}
  (tmp_path / "config.json").write_text(json.dumps(old))
  (tmp_path / "vocab.txt").write_text("a 1\n")
  with runs.open(tmp_path, Settings(log_every=2)):
    pass
  assert set(json.loads((tmp_path / "config.json").read_text())) == {
    "method",
    "dim",
    "epochs",
    "schedule",
    "younger",
    "log_every",
    "save_every",
    "save_every_minutes",
    "keep_checkpoints",
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
