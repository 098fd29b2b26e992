"""A plan keeps the latest params unless it says otherwise, whatever their layout on the devices."""

import numpy as np

from glove_jax import parallel, train
from glove_jax.plan import Plan


def test_the_latest_params_are_kept():
  plan = Plan(
    params={}, opt_state=(), update=None, batches=None, steps_per_epoch=0, num_steps=0
  )
  state = train.init_state({"w": 3.0}, (1.0,))
  assert plan.kept_params(state) is state.params
  averaged = plan._replace(kept_params=lambda state: {"w": 1.0})
  assert averaged.kept(state) == state._replace(params={"w": 1.0}, opt_state=())


def test_a_state_is_collected_as_checkpoints_have_it():
  table = np.arange(33, dtype=np.float32).reshape(11, 3)
  plan = Plan(
    params={"w": table}, opt_state=(), update=None, batches=None, steps_per_epoch=0, num_steps=0,
    layout=train.TrainState(
      step=parallel.REPLICATED, params=parallel.SHARDED, opt_state=parallel.SHARDED
    ),
  )
  state = train.init_state(plan.params, plan.opt_state, 5, layout=plan.layout)
  assert state.params["w"].shape == (16, 3)
  collected = plan.collect(state)
  np.testing.assert_array_equal(collected.params["w"], table)
  assert int(collected.step) == 5
  assert plan.template().params["w"].shape == (11, 3)
