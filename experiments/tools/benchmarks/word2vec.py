"""word2vec and fastText: seconds from raw text to a file of vectors, on all cores."""

import itertools
import pathlib
from collections.abc import Sequence

from tools import peers as peers_lib
from tools import training_runs
from tools.benchmarks.table import Row, Table, details, make_row
from tools.measure import Measurement
from tools.peers import word2vec

MODELS = ("skipgram", "cbow", "fasttext")
_HEADING = "  ours: analogies / WS-353 / SimLex   theirs"


def measure(
  corpus: str,
  folder: pathlib.Path,
  *,
  models: Sequence[str],
  dims: Sequence[int],
  peers: Sequence[str],
  seeds: int,
) -> list[Row]:
  """Returns a row for each model, dimension and peer; medians over the seeds."""
  peers_lib.check_installed(peers, word2vec.PEERS)
  text = folder / "text.txt"
  if peers:
    word2vec.write_text(corpus, text)
  table = Table(_HEADING)
  for model, dim in itertools.product(models, dims):
    ours = _measure_ours(model, corpus, folder, dim=dim, seeds=seeds)
    if not peers:
      table.add(_make_row(f"{model}, {dim}d", ours, None, ""))
    for peer in peers:
      runs = []
      for seed in range(1, seeds + 1):
        runs.append(word2vec.train(peer, model, text, folder, dim=dim, seed=seed))
      table.add(_make_row(f"{model}, {dim}d", ours, training_runs.median_run(runs), peer))
  return table.rows


def _measure_ours(
  model: str, corpus: str, folder: pathlib.Path, *, dim: int, seeds: int
) -> Measurement:
  settings = [f"dim={dim}", training_runs.NO_CHECKPOINTS]
  runs = training_runs.scored_runs(model, corpus, folder, seeds=seeds, settings=settings)
  return training_runs.median_run(runs)


def _make_row(work: str, ours: Measurement, peer: Measurement | None, name: str) -> Row:
  peer_wall = None if peer is None else peer.wall
  row = make_row(work, ours.wall, peer_wall, unit="s", name=name)
  return row | details(ours, peer)
