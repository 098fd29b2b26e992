"""A plan keeps the latest params unless it says otherwise."""

from glove_jax import train
from glove_jax.plan import Plan


def test_the_latest_params_are_kept():
  plan = Plan(
    params={}, opt_state=(), update=None, batches=None, steps_per_epoch=0, num_steps=0
  )
  state = train.init_state({"w": 3.0}, (1.0,))
  assert plan.kept_params(state) is state.params
  averaged = plan._replace(kept_params=lambda state: {"w": 1.0})
  assert averaged.kept(state) == state._replace(params={"w": 1.0}, opt_state=())
