"""Numbers as the tables of the programs print them."""

import statistics
from collections.abc import Sequence


def format_spread(values: Sequence[float]) -> str:
  """Returns the mean of some scores, with the lowest and the highest."""
  return f"{statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def format_optional(value: float | None, form: str) -> str:
  """Returns a number in a format, or a dash for none."""
  return "-" if value is None else format(value, form)


def paired_gains(scores: Sequence[float], baseline_scores: Sequence[float]) -> list[float]:
  """Returns the gain of each seed over the same seed of a baseline, in points of 100."""
  gains = []
  for score, baseline_score in zip(scores, baseline_scores, strict=True):
    gains.append(100 * (score - baseline_score))
  return gains
