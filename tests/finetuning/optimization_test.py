"""Optimization: per-layer settings, frozen params, weight averages, dev scores, early stopping."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import parallel
from glove_jax import plan as plan_lib
from glove_jax.data.labelled.padded_batches import Examples
from glove_jax.errors import InputError
from glove_jax.finetuning import optimization, settings
from glove_jax.finetuning.scoring import Scores
from glove_jax.train import Sum, Task, TrainState, init_state

EXAMPLES = Examples([np.array([2, 3], np.int32)] * 10, [0] * 10)


def task():
  """Two params that both want to be 1."""
  def init(rng):
    return {"words": jax.random.normal(rng, ()), "head": {"w": jnp.zeros(())}}
  def loss(params, batch, rng):
    del rng
    distance = (params["words"] - 1) ** 2 + (params["head"]["w"] - 1) ** 2
    return {"loss": Sum(distance * batch.weight.sum(), batch.weight.sum())}
  return Task(init, loss)


def plan(**values):
  chosen = settings.ClassifySettings(**{"batch_size": 4, "epochs": 3, "optimizer": "sgd", **values})
  return optimization.make_plan(chosen, task(), EXAMPLES, lengths=[4])


def test_the_plan_has_all_epochs():
  made = plan()
  assert (made.steps_per_epoch, made.num_steps) == (3, 9)
  batch = parallel.shard(made.batches(0))
  state, sums = made.update(init_state(made.params, made.opt_state), batch)
  assert int(state.step) == 1
  sizes = [made.batches(step).weight.sum() for step in range(3)]
  assert sorted(sizes) == [2, 4, 4] and float(sums["loss"][1]) == sizes[0]


def test_multipliers_and_unfreezing_hold_params_back():
  made = plan(lr_multipliers="words=0", unfreeze_after="head=1")
  state = init_state(made.params, made.opt_state)
  first = jax.device_get(state.params)
  for step in range(4):
    state, _ = made.update(state, parallel.shard(made.batches(step)))
    moved = jax.device_get(state.params)
    assert moved["words"] == first["words"]
    assert (moved["head"]["w"] != 0) == (step == 3)


def test_initial_params_can_be_replaced():
  chosen = settings.ClassifySettings()
  replaced = {"words": jnp.ones(()), "head": {"w": jnp.ones(())}}
  made = optimization.make_plan(chosen, task(), EXAMPLES, lengths=[4], params=replaced)
  assert made.params is replaced


def test_averages_are_what_is_kept():
  made = plan(ema_decay=0.9)
  state, _ = made.update(init_state(made.params, made.opt_state), parallel.shard(made.batches(0)))
  kept = jax.device_get(made.kept_params(state))
  assert kept["head"]["w"] != jax.device_get(state.params)["head"]["w"]
  assert plan().kept_params is plan_lib.latest_params


@pytest.mark.parametrize("values,message", [
  ({"lr_multipliers": "words"}, "lr_multipliers='words', expected names and numbers"),
  ({"unfreeze_after": "words=x"}, "unfreeze_after='words=x', expected names and numbers"),
  ({"unfreeze_after": "words=1e999"}, "unfreeze_after='words=1e999', expected names and numbers"),
  ({"lr_multipliers": "words=nan"}, "lr_multipliers='words=nan', expected names and numbers"),
  ({"lr_multipliers": "*words=1"}, r"lr_multipliers=.\*words=1., expected names and numbers"),
  ({"lr_multipliers": "crf=1"}, "no params are called 'crf', expected of head/w, words"),
  ({"unfreeze_after": "words=1,layers=2"}, "no params are called 'layers'"),
])
def test_bad_names_of_params_are_refused(values, message):
  with pytest.raises(InputError, match=message):
    plan(**values)


def test_pairs_of_names_and_numbers():
  assert optimization.parse_pairs("key", "words=0.1,(^|/)head=2,") == {"words": 0.1, "(^|/)head": 2}
  assert optimization.parse_pairs("key", "") == {}


def test_dev_is_scored_by_the_kept_params():
  model = SimpleNamespace(
    metric="f1", score=lambda params, part: Scores({"f1": params * part, "types": {}}, table=""))
  made = plan()._replace(kept_params=lambda state: state.params + 1)
  assert optimization.with_dev_scores(made, model, {"train": 0}).evaluate is None
  evaluate = optimization.with_dev_scores(made, model, {"train": 0, "dev": 10.0}).evaluate
  assert evaluate(TrainState(0, 2.0, ())) == {"dev_f1": 30.0}


def early_stopping(chosen, *, steps_per_epoch):
  model = SimpleNamespace(metric="f1")
  return optimization.early_stopping(chosen, {"dev": 0}, model, steps_per_epoch=steps_per_epoch)


def test_early_stopping_maximises_the_metric_of_the_model():
  stop = early_stopping(settings.TagSettings(patience=2), steps_per_epoch=1000)
  assert (stop.metric, stop.mode, stop.patience, stop.first) == ("dev_f1", "max", 2, 1)
  model = SimpleNamespace(metric="f1")
  without_dev = optimization.early_stopping(
    settings.TagSettings(), {"train": 0}, model, steps_per_epoch=1
  )
  assert without_dev is None
  assert early_stopping(settings.FastTextSupervisedSettings(), steps_per_epoch=1) is None


def test_patience_is_at_least_300_updates_and_begins_after_300():
  stop = early_stopping(settings.ClassifySettings(patience=4), steps_per_epoch=27)
  assert (stop.patience, stop.first) == (12, 12)
  scores = [0.9] * 11 + [0.5] * 20  # of 270 texts: the first 297 updates do not count
  assert not stop.is_over(scores[:23]) and stop.is_over(scores[:24])
  assert stop.best([*scores[:11], 0.6, 0.7, 0.7, 0.5]) == 13
  assert early_stopping(settings.ClassifySettings(epochs=3), steps_per_epoch=27).first == 3


@pytest.mark.parametrize(
  ("num_texts", "words", "transformer"), [(11, 4, 16), (270, 10, 16), (700, 28, 28), (9000, 50, 32)]
)
def test_few_texts_make_small_batches(num_texts, words, transformer):
  assert optimization.batch_size(settings.ClassifySettings(), num_texts) == words
  assert optimization.batch_size(settings.BertClassifySettings(), num_texts) == transformer
  chosen = settings.ClassifySettings(batch_size=64)
  assert optimization.batch_size(chosen, num_texts) == 64


def test_few_texts_make_few_updates():
  assert optimization.makes_few_updates(settings.ClassifySettings(), 270)
  assert not optimization.makes_few_updates(settings.ClassifySettings(), 3000)
  assert not optimization.makes_few_updates(settings.ClassifySettings(epochs=50), 270)
  assert not optimization.makes_few_updates(settings.BertClassifySettings(), 270)


def test_few_texts_are_padded_to_few_lengths():
  sizes = np.random.default_rng(0).integers(1, 50, 6000)
  texts = [np.ones(size, np.int32) for size in sizes]
  few = Examples(texts[:270], [0] * 270)
  many = Examples(texts, [0] * 6000)
  chosen = settings.ClassifySettings()
  assert len(optimization.padded_lengths(chosen, few)) == 1
  assert len(optimization.padded_lengths(chosen, many)) == 4
