"""Runs Facebook's fastText, of which release 0.9.3 reads memory that it has not initialised."""

from collections.abc import Sequence

from glove_jax.errors import InputError
from tools.measure import Measurement, run_timed

# GNU's C library fills new memory with the complement of this byte.
_ZEROED_MEMORY = ("env", "MALLOC_PERTURB_=255")


def run(command: Sequence[object]) -> Measurement:
  """Measures a worker; one that stops with "Encountered NaN" runs again with zeroed memory.

  That happens on small texts, whose tables lie in memory that was used before. Zeroing takes time,
  so that it is left out where it is not needed.

  Raises:
    InputError: the worker fails otherwise, or again.
  """
  try:
    return run_timed(command)
  except InputError as error:
    if "Encountered NaN" not in str(error):
      raise
  return run_timed([*_ZEROED_MEMORY, *command])
