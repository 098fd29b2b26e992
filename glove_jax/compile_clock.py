"""The seconds that JAX has spent compiling, which progress bars leave out of the time left."""

import sys

_EVENTS = "/jax/core/compile/"  # tracing, lowering and XLA's own compilation
_clock: list[float] = []  # one number, once JAX reports to it


def seconds() -> float:
  """Returns the seconds that JAX has spent compiling since the first call; 0 without JAX."""
  if not _clock:
    if sys.modules.get("jax") is None:  # reading and evaluation report progress without it
      return 0.0
    import jax.monitoring

    _clock.append(0.0)
    jax.monitoring.register_event_duration_secs_listener(_count)
  return _clock[0]


def _count(event: str, duration: float, **_: object) -> None:
  if event.startswith(_EVENTS):
    _clock[0] += duration
