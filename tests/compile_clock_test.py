"""The seconds that JAX has spent compiling."""

import subprocess
import sys

import jax.monitoring
import pytest

from glove_jax import compile_clock


def test_events_of_compilation_are_added_up():
  before = compile_clock.seconds()
  jax.monitoring.record_event_duration_secs("/jax/core/compile/jaxpr_trace_duration", 3.0)
  jax.monitoring.record_event_duration_secs("/jax/core/compile/backend_compile_duration", 4.0)
  jax.monitoring.record_event_duration_secs("/jax/checkpoint/write/duration", 5.0)
  assert compile_clock.seconds() - before == pytest.approx(7.0)


def test_jax_is_not_imported_for_it():
  code = (
    "import sys; from glove_jax import compile_clock; assert compile_clock.seconds() == 0;"
    " assert 'jax' not in sys.modules; sys.modules['jax'] = None;"
    " assert compile_clock.seconds() == 0"
  )
  subprocess.run([sys.executable, "-c", code], check=True)
