"""An update that is compiled ahead of its first call does what it does otherwise."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import compiler_options, early_compilation, parallel, train
from glove_jax.train import Sum, TrainState


def update(state, batch):
  total = parallel.psum(batch["x"].sum())
  sums = {"loss": Sum(total, parallel.psum(jnp.float32(len(batch["x"]))))}
  return TrainState(state.step + 1, state.params + total, ()), sums


def init_state():
  return train.init_state(np.zeros(3, np.float32), ())


def start(update, batches, **options):
  shapes = jax.eval_shape(lambda: TrainState(np.int32(0), jnp.zeros(3), ()))
  return early_compilation.start(parallel.pmap(update, **options), shapes, batches)


def batches(step):
  return {"x": np.full([4, 60, 4][step], step, np.float32)}


@pytest.mark.parametrize("make_options", [dict, compiler_options.for_few_runs])
def test_batches_of_several_shapes_are_learnt(make_options):
  early, prepared = start(update, batches, donate=True, compiler_options=make_options())
  state = init_state()
  for step, total in enumerate([0, 60, 8]):
    state, sums = early(state, parallel.shard(prepared(step)))
    assert float(sums["loss"].total) == total
  assert int(state.step) == 3
  np.testing.assert_array_equal(state.params, 68)


def test_each_shape_is_compiled_when_its_first_batch_is_made():
  shapes = []

  def traced(state, batch):
    shapes.append(batch["x"].shape)
    return update(state, batch)

  early, prepared = start(traced, batches)
  made = [parallel.shard(prepared(step)) for step in (0, 1, 2, 1)]
  for batch in made:
    early(init_state(), batch)
  assert len(shapes) == 2


def test_a_compilation_does_not_wait_for_a_call():
  is_traced = threading.Event()

  def traced(state, batch):
    is_traced.set()
    return update(state, batch)

  _, prepared = start(traced, batches)
  assert is_traced.wait(60)
  is_traced.clear()
  prepared(1)
  assert is_traced.wait(60)


def test_an_error_of_the_compilation_is_raised_by_the_first_call():
  def wrong(state, batch):
    del batch
    return state.params + jnp.ones(2), {}

  early, prepared = start(wrong, batches)
  batch = parallel.shard(prepared(0))
  with pytest.raises(TypeError, match="add got incompatible shapes"):
    early(init_state(), batch)
