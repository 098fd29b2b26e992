"""The benchmark of a GPT: whose turn it is, and what is timed."""

import numpy as np
import pytest

from glove_jax.errors import InputError
from tools.benchmarks import gpt


def trainer(calls, seconds):
  """Trains nothing: notes the step, and says how long it took."""

  def train_to(end):
    first = calls[-1] if calls else 0
    calls.append(end)
    return {"seconds": seconds, "losses": [1 / step for step in range(first + 1, end + 1)]}

  return train_to


def test_both_train_the_same_stretches_and_the_first_is_not_timed():
  ours, theirs = [], []
  step_tokens = np.array([100] * 5 + [10] * 15 + [30] * 2)
  trainings = gpt.train_in_turns([trainer(ours, 2.0), trainer(theirs, 4.0)], step_tokens)
  assert ours == theirs == [5, 20, 22]
  assert [training.speeds for training in trainings] == [[75.0, 30.0], [37.5, 15.0]]
  assert [len(training.losses) for training in trainings] == [22, 22]


def test_few_steps_are_timed_all_the_same():
  (training,) = gpt.train_in_turns([trainer([], 2.0)], np.array([10, 10]))
  assert training.speeds == [10.0] and len(training.losses) == 2


def test_a_row_has_the_medians_and_the_greatest_difference_of_losses():
  ours = gpt.Training(losses=[3.0, 2.0], speeds=[10.0, 20.0, 60.0])
  peer = gpt.Training(losses=[3.0, 2.25], speeds=[10.0, 10.0, 10.0])
  row = gpt._make_row(2, ours, peer)
  assert (row["work"], row["name"], row["unit"]) == ("gpt, 2 steps", "torch", "tokens/s")
  assert (row["ours"], row["peer"], row["ratio"], row["difference"]) == (20.0, 10.0, 2.0, 0.25)
  alone = gpt._make_row(2, ours)
  assert alone["peer"] is None and "difference" not in alone


def test_a_worker_that_ends_is_an_error_with_what_it_printed(tmp_path):
  message = r"gpt_worker.py ended with status 2: .*there is no key 'nothing'"
  with (
    pytest.raises(InputError, match=message),
    gpt.start_worker(tmp_path, ["--config.nothing=1"]),
  ):
    pass
