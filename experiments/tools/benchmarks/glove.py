"""GloVe from raw text to vectors, beside Stanford's programs."""

import pathlib
from collections.abc import Sequence
from typing import NamedTuple

from tools import training_runs
from tools.benchmarks.table import Row, Table, details, make_row
from tools.measure import Measurement
from tools.peers import stanford, word2vec
from tools.peers.stanford import Stanford

_HEADING = "  ours: analogies / WS-353 / SimLex   theirs"


class Options(NamedTuple):
  """What is measured."""

  corpus: str
  dims: Sequence[int]  # at all but the first, peers are timed for one iteration
  peers: Sequence[str]  # stanford:FOLDER
  seeds: int  # runs of ours, of which the median counts
  iterations: int  # of a peer
  iterations_run: int  # of them, those that are run at the first dimension
  adagrad_epochs: int  # of our AdaGrad recipe, for its speed; 0: it is not measured


def measure(options: Options, folder: pathlib.Path) -> list[Row]:
  """Returns rows for the whole work, and for each peer also stage by stage."""
  builds = list(map(stanford.find_build, options.peers))  # fails now, not in an hour
  ours = _measure_ours(options, folder)
  table = Table(_HEADING)
  if not builds:
    for dim in options.dims:
      row = make_row(_whole_work(dim), ours[dim].wall, None, unit="s")
      table.add(row | details(ours[dim], None))
    return table.rows
  adagrad = _measure_adagrad(options, folder) if options.adagrad_epochs else None
  text = word2vec.write_text(options.corpus, folder / "text.txt")
  for build in builds:
    peer = _measure_peer(Stanford(build, text, folder), options)
    for dim in options.dims:
      row = make_row(
        _whole_work(dim), ours[dim].wall, peer[dim].wall, unit="s", name=stanford.NAME
      )
      table.add(row | details(ours[dim], peer[dim]))
    first = options.dims[0]
    _add_stages(table, ours[first], peer[first])
    if adagrad:
      _add_adagrad(table, options, adagrad, peer[first])
  return table.rows


def _whole_work(dim: int) -> str:
  return f"raw text to vectors, {dim}d"


def _measure_ours(options: Options, folder: pathlib.Path) -> dict[int, Measurement]:
  """Returns the median run of glove_als at each dimension."""
  medians = {}
  for dim in options.dims:
    settings = [f"dim={dim}", "memory_gb=1"]
    runs = training_runs.scored_runs(
      "glove_als", options.corpus, folder, seeds=options.seeds, settings=settings
    )
    medians[dim] = training_runs.median_run(runs)
  return medians


def _measure_adagrad(options: Options, folder: pathlib.Path) -> Measurement:
  settings = [
    f"epochs={options.adagrad_epochs}",
    f"dim={options.dims[0]}",
    "average_epochs=1",
    training_runs.NO_CHECKPOINTS,
  ]
  return training_runs.pretrain("glove", options.corpus, folder / "adagrad", settings)


def _measure_peer(peer: Stanford, options: Options) -> dict[int, Measurement]:
  """Returns the run of a peer at each dimension."""
  runs = {}
  for dim in options.dims:
    iterations_run = options.iterations_run if dim == options.dims[0] else 1
    runs[dim] = peer.train(dim, iterations=options.iterations, iterations_run=iterations_run)
  return runs


def _add_stages(table: Table, ours: Measurement, peer: Measurement) -> None:
  """Adds rows for the counting, and for the counting with the vocabulary."""
  peer_counting = peer.stages["cooccur"] + peer.stages["shuffle"]
  our_counting = ours.stages["counts"]
  table.add(make_row("counting", our_counting, peer_counting, unit="s", name=stanford.NAME))
  row = make_row(
    "reading and counting",
    ours.stages["vocabulary"] + our_counting,
    peer.stages["vocab_count"] + peer_counting,
    unit="s",
    name=stanford.NAME,
  )
  table.add(row)


def _add_adagrad(
  table: Table, options: Options, adagrad: Measurement, peer: Measurement
) -> None:
  """Adds a row for the counts that AdaGrad learns from in a second."""
  millions = adagrad.nonzeros / 1e6
  row = make_row(
    f"AdaGrad, {options.dims[0]}d",
    millions * options.adagrad_epochs / adagrad.stages["training"],
    millions / peer.iteration,
    unit="M counts/s",
    name=stanford.NAME,
  )
  table.add(row)
