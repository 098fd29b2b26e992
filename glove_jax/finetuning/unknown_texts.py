"""Counts the texts without a single word that a model knows, whose predictions are guesses."""

import contextlib
import contextvars
import dataclasses
from collections.abc import Iterator

import numpy as np

from glove_jax.progress import note


@dataclasses.dataclass
class _Tally:
  texts: int = 0
  unknown: int = 0


_tally: contextvars.ContextVar[_Tally | None] = contextvars.ContextVar("tally", default=None)


def count(is_unknown: np.ndarray) -> None:
  """Counts texts that a model encodes; outside of `noted` nothing is counted.

  Args:
    is_unknown: [N] bool, whether a text has no word that the model knows.
  """
  tally = _tally.get()
  if tally is not None:
    tally.texts += len(is_unknown)
    tally.unknown += int(np.sum(is_unknown))


@contextlib.contextmanager
def noted() -> Iterator[None]:
  """Prints a note on stderr after the block if texts without known words were encoded in it."""
  tally = _Tally()
  token = _tally.set(tally)
  try:
    yield
  finally:
    _tally.reset(token)
  if tally.unknown:
    verb = "has" if tally.texts == 1 else "have"
    note(
      f"{tally.unknown:,} of {tally.texts:,} texts {verb} no word that the model knows: labels of"
      " such texts are guesses"
    )
