"""Loading a file of word vectors: seconds from text and from a cache, beside gensim's."""

import pathlib
import re
import shutil
import statistics
import sys
from collections.abc import Sequence

from tools import peers as peers_lib
from tools import program
from tools.benchmarks.table import Row, Table, make_row
from tools.measure import printed_number, run_timed

_WORKER = program.PROJECT / "experiments" / "tools" / "benchmarks" / "loading_worker.py"
_NUMBERS = ("loading", "cpu", "memory")


def measure(
  path: str, folder: pathlib.Path, *, peers: Sequence[str], repeats: int
) -> list[Row]:
  """Returns a row for text and one for the cache; medians of processes of their own, by turns.

  Args:
    path: of GloVe or word2vec text.
    folder: for a copy, beside which the cache is written.
    peers: gensim, or none.
    repeats: of each reader.
  """
  peers_lib.check_installed(peers, ("gensim",))
  copy = folder / pathlib.Path(path).name
  shutil.copyfile(path, copy)
  _run("cache", copy)  # writes it
  readers = ["ours", "cache", *peers]
  runs = {reader: [] for reader in readers}
  for _ in range(repeats):
    for reader in readers:
      runs[reader].append(_run(reader, copy))
  medians = {reader: _medians(measured) for reader, measured in runs.items()}
  peer = medians.get("gensim")
  table = Table()
  for work, reader in (("loading text", "ours"), ("loading from the cache", "cache")):
    table.add(_make_row(work, medians[reader], peer))
  return table.rows


def _run(reader: str, path: pathlib.Path) -> dict[str, float]:
  with open(path, "rb") as file:
    has_header = re.fullmatch(rb"\d+ \d+\s*", file.readline()) is not None
  output = run_timed([sys.executable, _WORKER, reader, path, has_header]).output
  return {name: printed_number(output, name) for name in _NUMBERS}


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
  return {name: statistics.median(run[name] for run in runs) for name in _NUMBERS}


def _make_row(work: str, ours: dict[str, float], peer: dict[str, float] | None) -> Row:
  """Returns a row; `memory` is the peak above the process's own, in sizes of the matrix."""
  peer_seconds = peer["loading"] if peer else None
  name = "gensim" if peer else ""
  row = make_row(work, ours["loading"], peer_seconds, unit="s", name=name)
  row |= {"cpu": ours["cpu"], "memory": ours["memory"]}
  if peer:
    row |= {"peer_cpu": peer["cpu"], "peer_memory": peer["memory"]}
  return row
