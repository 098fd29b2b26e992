"""How time and memory grow with the corpus and the dimension."""

from collections.abc import Sequence
from typing import Any

from tools.plots import look

Row = dict[str, Any]


def draw_scaling(rows: Sequence[Row], path: str) -> None:
  """Draws time and memory by number of tokens, and time by dimension.

  Args:
    rows: of benchmark.py with --tokens.
    path: the file to write.
  """
  by_tokens = [row for row in rows if row["dim"] == rows[0]["dim"]]
  by_dim = [row for row in rows if row["tokens"] == rows[-1]["tokens"]]
  by_dim.sort(key=lambda row: row["dim"])
  millions = [row["tokens"] / 1e6 for row in by_tokens]
  with look.style():
    figure = look.figure(look.WIDTH, 2.6)
    time, memory, half_sweep = figure.subplots(1, 3)
    _draw_line(time, millions, [row["ours"] for row in by_tokens], "{:.0f}")
    time.set(xlabel="tokens (M)", title="raw text to vectors (s)")
    _draw_line(memory, millions, [row["peak_gb"] for row in by_tokens], "{:.1f}")
    memory.set(xlabel="tokens (M)", title="peak memory (GB)")
    seconds = [row["half_sweep"] for row in by_dim]
    _draw_line(half_sweep, [row["dim"] for row in by_dim], seconds, "{:.0f}")
    half_sweep.set(xlabel="dimension", title="half a sweep (s)")
    look.save(figure, path)


def _draw_line(axis: Any, x: Sequence[float], y: Sequence[float], form: str) -> None:
  """Draws a line on axes that begin at 0, with the number of each point below it."""
  axis.plot(x, y, "o-", color=look.BLUE, markersize=4)
  axis.set(xlim=(0, 1.12 * max(x)), ylim=(0, 1.1 * max(y)))
  for position, value in zip(x, y, strict=True):
    axis.annotate(
      form.format(value), (position, value), (4, -10), textcoords="offset points",
      fontsize=look.SMALL,
    )
