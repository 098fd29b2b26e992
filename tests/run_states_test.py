"""What early stopping looks at, and the checkpoints of a finished run that stay."""

import numpy as np
import pytest

from glove_jax import checkpoint
from glove_jax.errors import InputError
from glove_jax.loop import EarlyStopping
from glove_jax.run_states import BEST, EPOCHS, History, RunStates
from glove_jax.train import TrainState

STOP = EarlyStopping("loss", "min", patience=2)


def state(step, value=0.0):
  return TrainState(np.int32(step), {"w": np.full(3, value, np.float32)}, ())


@pytest.fixture
def states(tmp_path):
  (tmp_path / "metrics.jsonl").write_text('{"step": 2, "loss": 0.5}\n')
  return RunStates(tmp_path)


def test_a_history_goes_on_from_records_and_knows_its_best_step():
  records = [{"step": 2, "loss": 3.0}, {"step": 3, "other": 1.0}, {"step": 4, "loss": 2.0}]
  history = History(STOP, records)
  assert history.best_step == 4
  assert not history.add(6, {"loss": 5.0})
  assert not history.is_over()
  history.add(8, {"loss": 5.0})
  assert history.is_over() and history.best_step == 4


def test_a_better_epoch_that_came_too_early_is_named():
  records = [{"step": step, "f1": value} for step, value in ((2, 0.5), (4, 0.7), (6, 0.6))]
  stop = EarlyStopping("f1", "max", patience=2, first=3)
  assert History(stop, records).describe_best(2) == (
    "epoch 3, f1 0.6000 (0.7000 in epoch 2, but the first 2 epochs are too early to count)"
  )
  assert History(stop._replace(first=1), records).describe_best(2) == "epoch 2"
  assert History(stop, [*records, {"step": 8, "f1": 0.7}]).describe_best(2) == "epoch 4"


def test_a_history_without_values_has_no_best_step():
  with pytest.raises(InputError, match="no value of loss"):
    _ = History(STOP, []).best_step
  assert not History(None, []).is_over()


def test_the_mean_of_epochs_needs_all_of_them(states):
  for step in (2, 4):
    states.save_params(EPOCHS, state(step, step), keep=2)
  params = states.restore_params(EPOCHS, state(0), [2, 4])
  np.testing.assert_array_equal(params["w"], 3)
  with pytest.raises(InputError, match="epochs: no checkpoint of step 6, expected one; delete"):
    states.restore_params(EPOCHS, state(0), [4, 6])


def test_a_finished_run_keeps_its_last_checkpoint_or_its_params(states, tmp_path):
  for step in (2, 4):
    states.save(state(step))
  states.save_params(BEST, state(2, 7))
  states.remove({"w": np.full(3, 7, np.float32)}, can_go_on=True)
  assert checkpoint.steps(tmp_path / "checkpoints") == [4]
  assert states.restore_final(state(0)) is None
  states.remove({"w": np.full(3, 7, np.float32)}, can_go_on=False)
  assert {path.name for path in tmp_path.iterdir()} == {"final", "metrics.jsonl"}
  (tmp_path / "metrics.jsonl").write_text("damaged")
  np.testing.assert_array_equal(states.restore_final(state(0)).params["w"], 7)
  assert (tmp_path / "metrics.jsonl").read_text() == '{"step": 2, "loss": 0.5}\n'


@pytest.mark.parametrize("opt_state", [(), {"count": np.zeros(2)}])
def test_a_last_checkpoint_of_nothing_but_the_result_is_not_written_twice(
    states, tmp_path, opt_state):
  for step in (2, 4):
    last = state(step, step)._replace(opt_state=opt_state)
    states.save(last)
  file = tmp_path / "checkpoints" / "4" / "manifest.json"
  inode = file.stat().st_ino
  states.remove(last.params, can_go_on=False)
  moved = tmp_path / "final" / "4" / "manifest.json"
  assert (moved.stat().st_ino == inode) == (opt_state == ())
  assert {path.name for path in tmp_path.iterdir()} == {"final", "metrics.jsonl"}
  np.testing.assert_array_equal(states.restore_final(state(0)).params["w"], 4)


def test_other_params_than_those_of_the_last_checkpoint_are_written(states, tmp_path):
  states.save(state(4, 4))
  states.remove(state(4, 4).params | {"bias": np.ones(1, np.float32)}, can_go_on=False)
  template = state(0)._replace(params={"bias": np.zeros(1, np.float32), **state(0).params})
  np.testing.assert_array_equal(states.restore_final(template).params["bias"], 1)
