"""Computations are the same whatever the user has set for JAX, and say which device is missing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import jax_environment
from glove_jax.errors import InputError
from glove_jax.methods import word2vec


@pytest.fixture
def unusual():
  """JAX as somebody's notebook may have it."""
  with (
    jax.enable_x64(True),
    jax.numpy_dtype_promotion("strict"),
    jax.numpy_rank_promotion("raise"),
    jax.default_prng_impl("rbg"),
    jax.threefry_partitionable(False),
  ):
    yield


def draw():
  params = word2vec.init_params(jax.random.key(1), 10, 4, "ns")
  return params["word"] * np.float32(2) + jnp.ones(4)


def test_settings_of_the_user_change_nothing_and_stay(unusual):
  with jax_environment.standard_numbers():
    inside = draw()
  assert jax.config.jax_enable_x64 and jax.config.jax_numpy_dtype_promotion == "strict"
  assert inside.dtype == np.float32
  with (
    jax.enable_x64(False),
    jax.numpy_dtype_promotion("standard"),
    jax.numpy_rank_promotion("allow"),
    jax.default_prng_impl("threefry2x32"),
    jax.threefry_partitionable(True),
  ):
    np.testing.assert_array_equal(inside, draw())


def test_it_decorates_functions(unusual):
  assert jax_environment.standard()(draw)().dtype == np.float32
  assert jnp.ones(3).dtype == np.float64


@pytest.mark.parametrize(
  ("platforms", "error", "message"),
  [
    ("cuda", AssertionError(), "no plugin for it.*pip install 'jax.cuda12.', or set JAX_PLAT"),
    (
      "gpu",
      RuntimeError("Unable to initialize backend 'rocm': Backend 'rocm' is not in the list of known"
      " backends: ['cpu']. (set JAX_PLATFORMS='')"),
      "^JAX_PLATFORMS=gpu: JAX cannot start on it .no plugin for it.; installed are cpu",
    ),
    (
      "tpu",
      RuntimeError("Unable to initialize backend 'tpu': no libtpu.so (set JAX_PLATFORMS='')\nmore"),
      r"'tpu': no libtpu.so\); installed are cpu.*jax\[tpu\]",
    ),
    ("nonsense", RuntimeError("no nonsense"), "installed are cpu.*; set JAX_PLATFORMS=cpu.$"),
    (None, RuntimeError("no memory"), "^JAX cannot start: no memory.$"),
  ],
)
def test_a_platform_that_is_not_there_is_one_line(monkeypatch, platforms, error, message):
  def fail():
    raise error

  monkeypatch.setattr(jax, "local_devices", fail)
  monkeypatch.setattr(jax_environment, "_asked_platforms", lambda: platforms)
  with pytest.raises(InputError, match=message) as raised:
    jax_environment.check_platform()
  assert "\n" not in str(raised.value)


def test_a_platform_that_is_there_is_no_error():
  jax_environment.check_platform()
