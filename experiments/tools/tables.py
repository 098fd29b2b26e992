"""Numbers as the tables of the programs print them."""

import statistics
from collections.abc import Sequence


def format_spread(values: Sequence[float]) -> str:
  """Returns the mean of some scores, with the lowest and the highest."""
  return f"{statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def format_optional(value: float | None, form: str) -> str:
  """Returns a number in a format, or a dash for none."""
  return "-" if value is None else format(value, form)
