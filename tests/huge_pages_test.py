"""Large pages: whole ones within a table are asked for, once, and the table stays as it is."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import huge_pages
from glove_jax.train import TrainState

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="madvise(2) of Linux")

PAGE = 1 << 21
SMALL = jnp.ones(10)


@pytest.fixture
def asked(monkeypatch):
  """The (start, size, advice) of each request."""
  calls = []
  monkeypatch.setattr(huge_pages, "_madvise", lambda *call: calls.append(call))
  return calls


def returning(params):
  """An update that returns these params."""
  return huge_pages.with_huge_pages(lambda state, batch: (TrainState(0, params, ()), {}))


def test_whole_pages_within_the_params_are_asked_for_after_the_first_update(asked):
  table = jnp.ones(3 * PAGE // 4 + 1000)
  update = returning({"table": table, "small": SMALL})
  for _ in range(2):
    state, _ = update(None, None)
    assert state.params["table"] is table
  (start, size, first), (*same, second) = asked
  buffer = table.addressable_shards[0].data.unsafe_buffer_pointer()
  assert buffer <= start < buffer + PAGE and start % PAGE == 0
  assert size in (2 * PAGE, 3 * PAGE) and start + size <= buffer + table.nbytes
  assert same == [start, size] and (first, second) == (14, 25)


def test_no_page_is_asked_for_within_a_small_array(asked):
  returning({"small": SMALL})(None, None)
  assert not asked


def test_a_table_keeps_its_numbers_whether_or_not_the_system_has_large_pages():
  numbers = np.random.default_rng(0).random(2 * PAGE // 4, np.float32)
  state, _ = returning({"table": jnp.array(numbers)})(None, None)
  np.testing.assert_array_equal(state.params["table"], numbers)


def test_accelerators_update_as_they_do(monkeypatch):
  monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
  def update(state, batch):
    return state, {}
  assert huge_pages.with_huge_pages(update) is update
