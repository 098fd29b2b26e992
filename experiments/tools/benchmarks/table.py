"""Rows of a benchmark: ours beside a peer's, printed as soon as they are measured."""

from typing import Any

from tools.measure import Measurement
from tools.tables import format_optional

Row = dict[str, Any]


class Table:
  """Collects rows and prints them; the heading stands above the first."""

  def __init__(self, more: str = ""):
    """
    Args:
      more: the heading of the columns after the common ones.
    """
    self.rows: list[Row] = []
    self._more = more

  def add(self, row: Row) -> None:
    """Adds a row and prints it."""
    if not self.rows:
      print(_heading() + self._more)
    self.rows.append(row)
    print(_format(row), flush=True)


def make_row(work: str, ours: float, peer: float | None, *, unit: str, name: str = "") -> Row:
  """Returns a row.

  Args:
    work: what was measured.
    ours, peer: in `unit`; None: there is no peer.
    unit: of both.
    name: of the peer.
  """
  ratio = None if peer is None else ours / peer
  return {"work": work, "ours": ours, "peer": peer, "ratio": ratio, "unit": unit, "name": name}


def details(ours: Measurement, peer: Measurement | None) -> Row:
  """Returns what else the runs behind a row have shown: memory, CPU time, stages and scores."""
  row = {
    "cpu": ours.cpu,
    "peak_gb": ours.peak_gb,
    "scores": ours.scores,
    "stages": ours.stages,
    "memory_bound_gb": ours.memory_bound_gb,
  }
  if peer is not None:
    row |= {
      "peer_cpu": peer.cpu,
      "peer_peak_gb": peer.peak_gb,
      "peer_scores": peer.scores,
      "peer_stages": peer.stages,
      "extrapolated": peer.extrapolated,
    }
  return row


def _heading() -> str:
  cells = [
    f"{'work':<28}",
    f"{'peer':<9}",
    f"{'ours':>8}",
    f"{'theirs':>8}",
    f"{'unit':<10}",
    f"{'ratio':>6}",
    f"{'CPU s':>6}",
    f"{'GB':>6}",
  ]
  return "  ".join(cells)


def _format(row: Row) -> str:
  cells = [
    f"{row['work']:<28}",
    f"{row['name']:<9}",
    f"{row['ours']:>8.2f}",
    f"{format_optional(row['peer'], '.2f'):>8}",
    f"{row['unit']:<10}",
    f"{format_optional(row['ratio'], '.3f'):>6}",
    f"{format_optional(row.get('cpu'), '.0f'):>6}",
    f"{format_optional(row.get('peak_gb'), '.2f'):>6}",
  ]
  if "half_sweep" in row:
    cells.append(f"{row['nonzeros'] / 1e6:>8.1f} M {row['half_sweep']:>8.2f}")
  if "disk_gb" in row:
    cells += [
      f"{row['tokens_per_cpu_second'] / 1e6:>7.2f}",
      f"{row['disk_gb']:>7.2f}",
      f"{row['result_gb']:>9.2f}",
      f"{row['kills']:>5}",
      "yes" if row["same_bytes"] else "NO",
    ]
  if "difference" in row:
    cells.append(f"{row['difference']:.5f}")
  for key in ("scores", "peer_scores"):
    scores = row.get(key)
    if scores:
      cells.append(" / ".join(f"{value:.3f}" for value in scores.values()))
  return "  ".join(cells)
