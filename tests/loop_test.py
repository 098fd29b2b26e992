"""The loop: records, callbacks, early stopping, errors, and batches made ahead of time."""

import itertools
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from training_task import assert_same, batches, first_state, fit, regression

from glove_jax import checkpoint, loop, parallel, progress, train
from glove_jax.errors import InputError
from glove_jax.loop import Callback, EarlyStopping


def test_fit_learns_and_logs_the_mean_of_each_interval():
  records = []
  state = fit(200, log_every=50, write=records.append)
  assert int(state.step) == 200
  assert [record["step"] for record in records] == [50, 100, 150, 200]
  assert records[-1]["loss"] < 0.05 < records[0]["loss"]
  assert all(one["time_s"] <= two["time_s"] for one, two in itertools.pairwise(records))


def test_logged_sums_leave_nothing_out():
  every = []
  fit(10, log_every=1, write=every.append)
  some = []
  fit(10, log_every=4, write=some.append)
  assert [record["step"] for record in some] == [4, 8, 10]
  weights = [float(batches(step).weight.sum()) for step in range(10)]
  total = sum(record["loss"] * weight for record, weight in zip(every, weights, strict=True))
  intervals = [sum(weights[:4]), sum(weights[4:8]), sum(weights[8:])]
  logged = sum(record["loss"] * weight for record, weight in zip(some, intervals, strict=True))
  assert total == pytest.approx(logged, rel=1e-5)


@pytest.mark.parametrize("stop", [1, 17, 39])
def test_a_resumed_run_equals_the_unbroken_one(tmp_path, stop):
  whole = fit(40, noise=0.3)
  checkpoint.save(tmp_path, fit(stop, noise=0.3))
  saved = checkpoint.restore(tmp_path, first_state(regression(0.3), optax.adam(0.05)))
  assert_same(whole, fit(40, train.TrainState(*map(parallel.replicate, saved)), noise=0.3))


def test_a_finished_state_is_left_alone():
  state = fit(5)
  before = jax.device_get(state)
  assert_same(before, fit(5, state))


def test_callbacks_come_when_due_and_at_the_end():
  calls = []
  fit(10, callbacks=[
    Callback(4, lambda state: calls.append(("a", int(state.step)))),
    Callback(0, lambda state: calls.append(("never", int(state.step)))),
    Callback(5, lambda state: calls.append(("b", int(state.step)))),
  ])
  assert calls == [("a", 4), ("b", 5), ("a", 8), ("a", 10), ("b", 10)]


def test_a_callback_ends_the_training_and_those_after_it_are_called_once_more():
  calls = []
  state = fit(100, callbacks=[
    Callback(3, lambda state: calls.append("before")),
    Callback(10, lambda state: int(state.step) == 20),
    Callback(50, lambda state: calls.append(int(state.step))),
    Callback(0, lambda state: calls.append("never")),
  ])
  assert int(state.step) == 20
  assert calls == ["before"] * 6 + [20]


def test_records_are_written_before_a_callback_is_called():
  records, seen = [], []
  fit(6, log_every=2, write=records.append, callbacks=[
    Callback(4, lambda state: seen.append([record["step"] for record in records]))])
  assert seen == [[2, 4], [2, 4, 6]]


def poisoned(step):
  batch = batches(step)
  return batch._replace(y=batch.y * np.nan) if step == 25 else batch


def test_a_loss_that_is_not_finite_stops_and_saves_nothing_bad():
  saved = []
  with pytest.raises(loop.NonFiniteLoss, match="step 30: loss is nan"):
    fit(100, batches=poisoned, log_every=10, callbacks=[
      Callback(10, lambda state: saved.append(int(state.step)))])
  assert saved == [10, 20]


def test_a_loss_that_is_not_finite_is_no_bad_input():
  assert not issubclass(loop.NonFiniteLoss, (InputError, ValueError))


@pytest.mark.parametrize(("mode", "sign"), [("min", 1), ("max", -1)])
def test_early_stopping_counts_evaluations_without_a_new_best(mode, sign):
  stop = EarlyStopping("metric", mode, patience=2)
  values = [sign * value for value in (5.0, 3.0, 4.0, 3.0, 2.0)]
  assert [stop.improves(value, values[:i]) for i, value in enumerate(values)] == [
    True, True, False, True, True]
  assert [stop.is_over(values[:i]) for i in range(6)] == [False] * 4 + [True, False]
  assert [stop.best(values[:i]) for i in range(1, 6)] == [0, 1, 1, 3, 4]


def test_evaluations_before_the_first_that_counts_are_neither_kept_nor_waited_for():
  stop = EarlyStopping("metric", "max", patience=2, first=3)
  values = [9.0, 8.0, 1.0, 2.0, 1.0, 1.0]
  assert [stop.improves(value, values[:i]) for i, value in enumerate(values)] == [
    False, False, True, True, False, False]
  assert [stop.is_over(values[:i]) for i in range(7)] == [False] * 6 + [True]
  assert stop.best(values) == 3


def test_early_stopping_without_patience_never_stops():
  assert not EarlyStopping("metric", "max").is_over([1.0] * 100)
  assert not EarlyStopping("metric", "min", patience=1).is_over([])


def test_an_error_in_making_batches_comes_through():
  def failing(step):
    if step == 3:
      raise OSError("disk gone")
    return batches(step)

  with pytest.raises(OSError, match="disk gone"):
    fit(9, batches=failing)


def test_batches_are_made_ahead_while_the_update_runs():
  made, ahead = [], []

  def slow_update(state, batch):
    time.sleep(0.02)
    return state._replace(step=state.step + 1), {"loss": (jnp.ones([]), jnp.ones([]))}

  def make(step):
    made.append(step)
    return batches(step)

  logger = loop.Logger(lambda record: ahead.append(len(made) - record["step"]), every=1)
  state = first_state(regression(), optax.adam(0.05))
  loop.fit(state, slow_update, make, num_steps=20, logger=logger)
  assert made == list(range(20))
  assert max(ahead[:5]) >= 5


def test_updates_wait_for_those_before(monkeypatch):
  # Else thousands pile up, and collectives of several CPU devices wait for each other for ever.
  waited = []
  monkeypatch.setattr(parallel, "pace", lambda in_flight, result: waited.append(result))
  fit(9)
  assert len(waited) == 9


def test_a_bar_shows_the_steps_and_the_loss(capfd, monkeypatch):
  monkeypatch.setattr(progress, "_is_interactive", lambda: True)
  fit(300, log_every=10, progress=True)
  shown = capfd.readouterr().err
  assert "300/300" in shown
  assert "loss=" in shown
