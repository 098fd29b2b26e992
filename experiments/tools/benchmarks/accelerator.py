"""Checks every method against golden results on the devices of this process, and measures it.

What fails becomes a row with its error, and the others go on. Nothing is read but the golden
results in the repository: data are made from seeds.
"""

import functools
import pathlib
import platform
import time
import traceback
from collections.abc import Callable, Iterator
from typing import NamedTuple

import jax

from glove_jax import parallel
from glove_jax.files import write_json
from tools.benchmarks import (
  accelerator_checks,
  accelerator_peaks,
  accelerator_scales,
  accelerator_speeds,
)
from tools.benchmarks.accelerator_scales import Scale
from tools.benchmarks.table import Row, make_row
from tools.tables import format_optional


class Work(NamedTuple):
  """A piece of work that fails or succeeds by itself."""

  name: str
  run: Callable[[], Row]


class Peaks(NamedTuple):
  """The bounds that speeds are compared with, of all devices together; None: not measured."""

  copy: float | None = None       # bytes a second
  flops: float | None = None      # operations a second, in the type of the language models
  published: float | None = None  # the same by the maker, for bfloat16


class Report:
  """Collects rows, prints each at once, and writes all so far to a file.

  Attributes:
    rows: of all work, also of what failed or was not begun.
  """

  def __init__(self, path: str | None, seconds: float):
    """
    Args:
      path: a JSON file; None: none.
      seconds: after these no work is begun.
    """
    self.rows: list[Row] = []
    self._path = path
    self._end = time.monotonic() + seconds

  def run(self, work: Work) -> Row:
    """Does a piece of work, unless the time is over; returns its row."""
    start = time.monotonic()
    if start >= self._end:
      row = {"work": work.name, "skipped": "the time is over"}
    else:
      row = _guarded(work)
      row["total_seconds"] = time.monotonic() - start
    return self.add(row)

  def add(self, row: Row) -> Row:
    """Prints a row and writes the file."""
    self.rows.append(row)
    print(_format(row), flush=True)
    if self._path:
      write_json(pathlib.Path(self._path), self.rows)
    return row


def measure(folder: pathlib.Path, *, scale: str, minutes: float, json: str | None) -> bool:
  """Checks and measures all; returns whether nothing has failed.

  Args:
    folder: for temporary files.
    scale: a name of `accelerator_scales.SCALES`; empty: by the devices.
    minutes: after these no work is begun.
    json: a file for the rows; None: none.
  """
  scale = scale or accelerator_scales.default()
  report = Report(json, 60 * minutes)
  print(_heading())
  report.add(describe_devices(scale))
  golden = accelerator_checks.read_golden()
  for name, check in accelerator_checks.all_checks().items():
    report.run(Work(f"check: {name}", functools.partial(_compare, name, check, golden)))
  sizes = accelerator_scales.SCALES[scale]
  peaks = _measure_peaks(report, sizes)
  for work in _speeds(sizes, folder, peaks):
    report.run(work)
  failed = [row["work"] for row in report.rows if "error" in row]
  skipped = [row["work"] for row in report.rows if "skipped" in row]
  print(f"{len(failed)} failed, {len(skipped)} not begun, of {len(report.rows) - 1}")
  return not failed


def describe_devices(scale: str) -> Row:
  """Returns a row that says where the figures are from."""
  device = jax.local_devices()[0]
  memory = (device.memory_stats() or {}).get("bytes_limit")
  kind = platform.processor() or platform.machine() if device.platform == "cpu" else ""
  return {
    "work": "devices",
    "ours": parallel.device_count(),
    "peer": None,
    "ratio": None,
    "unit": device.platform,
    "name": kind or device.device_kind,
    "memory_gb": memory and memory / 1e9,
    "jax": jax.__version__,
    "scale": scale,
  }


def _compare(name: str, check: Callable, golden: dict[str, list[float]]) -> Row:
  difference = accelerator_checks.difference(accelerator_checks.run(check), golden[name])
  tolerance = accelerator_checks.TOLERANCE
  row = make_row(f"check: {name}", difference, tolerance, unit="difference", name="tolerance")
  if not difference <= tolerance:
    row["error"] = f"differs from the golden result by {difference:.2g}, expected {tolerance:g}"
  return row


def _measure_peaks(report: Report, scale: Scale) -> Peaks:
  devices = parallel.device_count()
  dtype = scale.gpt.dtype
  published = accelerator_peaks.published_speed(jax.local_devices()[0].device_kind)

  def copy() -> Row:
    speed, timing = accelerator_peaks.copy_speed(scale.copied, seconds=scale.seconds)
    row = make_row("copy, one device", speed / 1e9, None, unit="GB/s")
    return accelerator_speeds.with_timing(row, timing)

  def matmul(dtype: str) -> Row:
    speed, timing = accelerator_peaks.matmul_speed(scale.matmul, dtype, seconds=scale.seconds)
    bound = published / 1e12 if published and dtype == "bfloat16" else None
    name = "published" if bound else ""
    row = make_row(f"matmul, {dtype}", speed / 1e12, bound, unit="TFLOP/s", name=name)
    return accelerator_speeds.with_timing(row, timing)

  copied = report.run(Work("copy, one device", copy)).get("ours")
  multiplied = {}
  for name in ("float32", "bfloat16"):
    work = Work(f"matmul, {name}", functools.partial(matmul, name))
    multiplied[name] = report.run(work).get("ours")
  return Peaks(
    copy=copied and copied * 1e9 * devices,
    flops=multiplied[dtype] and multiplied[dtype] * 1e12 * devices,
    published=published and published * devices,
  )


def _speeds(scale: Scale, folder: pathlib.Path, peaks: Peaks) -> Iterator[Work]:
  for model in ("skipgram", "cbow", "fasttext"):
    yield Work(model, functools.partial(accelerator_speeds.word_vectors, model, scale))
  for dim in (50, 300):
    run = functools.partial(accelerator_speeds.half_sweep, dim, scale, folder, peaks.copy)
    yield Work(f"half sweep, {dim}d", run)
  for method in ("gpt", "bert"):
    run = functools.partial(
      accelerator_speeds.training, method, scale, peaks.flops, peaks.published
    )
    yield Work(f"{method} training", run)
  yield Work("bert encoding", functools.partial(accelerator_speeds.encoding, scale, peaks.flops))
  for method in ("cnn", "bilstm"):
    run = functools.partial(accelerator_speeds.prediction, method, scale)
    yield Work(f"prediction, {method}", run)


def _guarded(work: Work) -> Row:
  try:
    return work.run()
  except Exception as error:  # whatever a device does: the other methods are measured
    traceback.print_exc()
    lines = str(error).strip().splitlines() or [""]
    return {"work": work.name, "error": f"{type(error).__name__}: {lines[0][:200]}"}


def _heading() -> str:
  cells = [
    f"{'work':<30}",
    f"{'ours':>12}",
    f"{'bound':>12}",
    f"{'unit':<10}",
    f"{'ratio':>7}",
    f"{'first call s':>12}",
    f"{'later s':>10}",
  ]
  return "  ".join(cells)


def _format(row: Row) -> str:
  if "skipped" in row:
    return f"{row['work']:<30}  not begun: {row['skipped']}"
  if "ours" not in row:
    return f"{row['work']:<30}  error: {row['error']}"
  cells = [
    f"{row['work']:<30}",
    f"{row['ours']:>12.6g}",
    f"{format_optional(row['peer'], '.6g'):>12}",
    f"{row['unit']:<10}",
    f"{format_optional(row['ratio'], '.3f'):>7}",
    f"{format_optional(row.get('first_seconds'), '.2f'):>12}",
    f"{format_optional(row.get('seconds'), '.5f'):>10}",
    row["name"],
  ]
  if "error" in row:
    cells.append(f"error: {row['error']}")
  return "  ".join(cells).rstrip()
