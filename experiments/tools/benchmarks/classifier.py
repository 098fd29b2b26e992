"""fastText's classifier: from labelled texts to a model in memory, without imports and saving.

Test texts are read and scored after the measured time, ours and the peer's.
"""

import pathlib
import shutil
from collections.abc import Sequence

from glove_jax.finetuning import settings as finetuning_settings
from tools import peers as peers_lib
from tools import training_runs
from tools.benchmarks.table import Row, Table, details, make_row
from tools.measure import Measurement
from tools.peers import fasttext_classifier

_STAGES = ("texts", "model", "training")
_HEADING = "  ours: accuracy / macro F1   theirs"


def measure(
  folder: pathlib.Path,
  *,
  train: str,
  test: str,
  dims: Sequence[int],
  peers: Sequence[str],
  seeds: int,
  settings: Sequence[str] = (),
) -> list[Row]:
  """Returns a row for each dimension; medians over the seeds.

  Args:
    folder: for the runs.
    train, test: files of labelled texts.
    dims: numbers of a vector.
    peers: fasttext, or none.
    seeds: runs of ours, and of the peer.
    settings: more for both, `key=value`.
  """
  peers_lib.check_installed(peers, fasttext_classifier.PEERS)
  table = Table(_HEADING)
  for dim in dims:
    our_runs = []
    peer_runs = []
    for seed in range(1, seeds + 1):
      workdir = folder / "run"
      run_settings = [f"dim={dim}", *settings, f"seed={seed}"]
      run = training_runs.finetune(
        "fasttext_supervised", workdir, run_settings, train=train, test=test
      )
      our_runs.append(run)
      if peers:
        values = finetuning_settings.read(workdir)
        peer_runs.append(fasttext_classifier.train(values, folder, test=test))
      shutil.rmtree(workdir)
    table.add(_make_row(dim, our_runs, peer_runs))
  return table.rows


def _make_row(dim: int, our_runs: list[Measurement], peer_runs: list[Measurement]) -> Row:
  ours = _median_run(our_runs, _STAGES)
  if peer_runs:
    peer = _median_run(peer_runs, ("training",))
    row = make_row(f"classifier, {dim}d", ours.wall, peer.wall, unit="s", name="fasttext")
  else:
    peer = None
    row = make_row(f"classifier, {dim}d", ours.wall, None, unit="s")
  return {
    **row,
    **details(ours, peer),
    "accuracies": [run.scores["accuracy"] for run in our_runs],
    "peer_accuracies": [run.scores["accuracy"] for run in peer_runs],
  }


def _median_run(runs: Sequence[Measurement], stages: Sequence[str]) -> Measurement:
  """Returns the run whose seconds in some stages are the median; `wall` has these seconds alone."""
  measured = [run._replace(wall=sum(run.stages[stage] for stage in stages)) for run in runs]
  return training_runs.median_run(measured)
