"""Options of compilation: taken where XLA knows them, and the same numbers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from glove_jax import compiler_options, parallel


@pytest.mark.parametrize(
  "make_options, name, value",
  [
    (compiler_options.for_few_runs, "xla_backend_optimization_level", 1),
    (compiler_options.concurrent, "xla_cpu_enable_concurrency_optimized_scheduler", True),
  ],
)
def test_a_cpu_takes_options_and_computes_the_same(make_options, name, value):
  assert make_options()[name] == value

  def mean_of_squares(state, rows):
    return state + parallel.psum(jnp.square(jnp.sin(rows)).sum())
  rows = np.random.default_rng(0).standard_normal((16, 9), np.float32)
  results = []
  for options in ({}, make_options()):
    function = parallel.pmap(mean_of_squares, compiler_options=options)
    results.append(float(function(jnp.float32(1), parallel.shard(rows))))
  np.testing.assert_allclose(results[1], results[0], rtol=1e-6)


def test_options_that_xla_does_not_know_are_left_out(monkeypatch):
  known = {"xla_backend_optimization_level": 1}
  monkeypatch.setattr(compiler_options, "_FEW_RUNS", {"xla_cpu_of_next_year": 2, **known})
  assert compiler_options.for_few_runs() == known


def test_accelerators_compile_as_they_do(monkeypatch):
  monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
  assert compiler_options.for_few_runs() == {}
  assert compiler_options.concurrent() == {}
