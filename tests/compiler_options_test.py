"""Options for functions that run a few times: taken where XLA knows them, and the same numbers."""

import jax
import jax.numpy as jnp
import numpy as np

from glove_jax import compiler_options, parallel


def test_a_cpu_compiles_sooner_and_computes_the_same():
  options = compiler_options.for_few_runs()
  assert options["xla_backend_optimization_level"] == 1
  def mean_of_squares(state, rows):
    return state + parallel.psum(jnp.square(jnp.sin(rows)).sum())
  rows = np.random.default_rng(0).standard_normal((16, 9), np.float32)
  results = []
  for few_runs in (False, True):
    function = parallel.pmap(mean_of_squares, few_runs=few_runs)
    results.append(float(function(jnp.float32(1), parallel.shard(rows))))
  np.testing.assert_allclose(results[1], results[0], rtol=1e-6)


def test_options_that_xla_does_not_know_are_left_out(monkeypatch):
  known = {"xla_backend_optimization_level": 1}
  monkeypatch.setattr(compiler_options, "_ON_CPU", {"xla_cpu_of_next_year": 2, **known})
  assert compiler_options.for_few_runs() == known


def test_accelerators_compile_as_they_do(monkeypatch):
  monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
  assert compiler_options.for_few_runs() == {}
