"""The training of a GPT by ours, and by transformers with torch, in turn: see gpt_worker.py."""

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glove_jax.errors import InputError
from tools import peers as peers_lib
from tools import program
from tools.benchmarks.table import Row, Table, make_row

PEERS = ("transformers",)
WARM_STEPS = 5  # which compile and fill caches: not timed
STRETCH = 15  # steps that one trains before it is the other's turn
_WORKER = "tools.benchmarks.gpt_worker"

TrainTo = Callable[[int], dict]  # the step to train to -> {"seconds", "losses"}


class Training(NamedTuple):
  """What a worker has trained."""

  losses: list[float]  # of each step
  speeds: list[float]  # tokens a second, of each timed stretch


def measure(
  corpus: str, folder: pathlib.Path, *, settings: Sequence[str], peers: Sequence[str]
) -> list[Row]:
  """Returns a row: tokens trained on in a second, and the greatest difference of the losses.

  Speeds and their ratio are medians over stretches of steps.

  Args:
    corpus: as for pretrain.py.
    folder: for what the workers begin with.
    settings: more for configs/gpt.py, `key=value`; `steps` is 200 by default.
    peers: transformers, or none.
  """
  peers_lib.check_installed(peers, PEERS, extra="torch")
  overrides = [f"--config.{setting}" for setting in (f"corpus={corpus}", "steps=200", *settings)]
  with contextlib.ExitStack() as workers:
    trainers = [workers.enter_context(start_worker(folder, overrides))]
    with np.load(folder / "batches.npz") as batches:
      step_tokens = (batches["documents"] > 0).sum((1, 2))
    if peers:
      trainers.append(workers.enter_context(start_worker(folder, ["--peer", *overrides])))
    trainings = train_in_turns(trainers, step_tokens)
  table = Table("  greatest difference of losses" if peers else "")
  table.add(_make_row(len(step_tokens), *trainings))
  return table.rows


def train_in_turns(trainers: Sequence[TrainTo], step_tokens: np.ndarray) -> list[Training]:
  """Trains all to the end, a stretch of steps each before it is the next one's turn.

  Args:
    trainers: each of which trains from where it is to a step.
    step_tokens: [S] tokens of each step.
  """
  num_steps = len(step_tokens)
  ends = [*range(min(WARM_STEPS, num_steps), num_steps, STRETCH), num_steps]
  trainings = [Training([], []) for _ in trainers]
  first = 0
  for end in ends:
    num_tokens = step_tokens[first:end].sum()
    is_timed = first > 0 or len(ends) == 1
    first = end
    for train_to, training in zip(trainers, trainings, strict=True):
      stretch = train_to(end)
      training.losses.extend(stretch["losses"])
      if is_timed:
        training.speeds.append(float(num_tokens / stretch["seconds"]))
  return trainings


def _make_row(num_steps: int, ours: Training, peer: Training | None = None) -> Row:
  work = f"gpt, {num_steps} steps"
  our_speed = statistics.median(ours.speeds)
  if peer is None:
    row = make_row(work, our_speed, None, unit="tokens/s")
    return {**row, "losses": ours.losses, "speeds": ours.speeds}
  pairs = zip(ours.speeds, peer.speeds, strict=True)
  row = make_row(
    work, our_speed, statistics.median(peer.speeds), unit="tokens/s", name="torch"
  )
  return {
    **row,
    "ratio": statistics.median(our_speed / peer_speed for our_speed, peer_speed in pairs),
    "losses": ours.losses,
    "speeds": ours.speeds,
    "peer_losses": peer.losses,
    "peer_speeds": peer.speeds,
    "difference": float(np.abs(np.subtract(ours.losses, peer.losses)).max()),
  }


@contextlib.contextmanager
def start_worker(folder: pathlib.Path, arguments: Sequence[str]) -> Iterator[TrainTo]:
  """Starts gpt_worker.py; yields a function that lets it train. It idles between the calls.

  Raises:
    InputError: the worker has ended, with the end of what it printed.
  """
  command = [sys.executable, "-m", _WORKER, f"--workdir={folder}", *arguments]
  with tempfile.TemporaryFile("w+") as log:
    process = subprocess.Popen(
      command,
      stdin=subprocess.PIPE,
      stdout=subprocess.PIPE,
      stderr=log,
      text=True,
      env=_environment(),
    )

    def read_answer() -> str:
      line = process.stdout.readline()
      if not line:
        log.seek(0)
        end = log.read().strip()[-300:]
        raise InputError(f"gpt_worker.py ended with status {process.wait()}: {end}")
      return line

    def train_to(step: int) -> dict:
      process.stdin.write(f"{step}\n")
      process.stdin.flush()
      return json.loads(read_answer())

    try:
      read_answer()  # "ready"
      yield train_to
    finally:
      process.kill()
      process.wait()


def _environment() -> dict[str, str]:
  """Returns the environment in which `python -m tools.…` works in any folder."""
  folders = [str(program.PROJECT / "experiments"), os.environ.get("PYTHONPATH", "")]
  return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))}
