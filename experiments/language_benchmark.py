"""A GPT trained by ours and by transformers with torch, in turn, a stretch of steps each: see stretches.py."""

import contextlib
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator

import numpy as np

from glove_jax.errors import InputError

HERE = pathlib.Path(__file__).resolve().parent
WARM = 5      # first steps, which compile and fill caches: not timed
STRETCH = 15  # steps that one trains before it is the other's turn


def measure(pattern: str, folder: pathlib.Path, settings: list[str], *, peer: bool) -> dict:
  """A row of the table: tokens trained in a second, medians over stretches, and how far the losses are apart.

  Args:
    pattern: a corpus, as for pretrain.py.
    settings: more for configs/gpt.py, `key=value`; steps is 200 unless given.
    peer: whether to train by transformers and torch too.
  """
  overrides = [f"--config.{setting}" for setting in (f"corpus={pattern}", "steps=200", *settings)]
  with contextlib.ExitStack() as running:
    both = [running.enter_context(worker(folder, *overrides))]
    batches = np.load(folder / "batches.npz")
    tokens = (batches["documents"] > 0).sum((1, 2))  # of each step
    if peer:
      both.append(running.enter_context(worker(folder, "--peer", *overrides)))
    ends = [*range(min(WARM, len(tokens)), len(tokens), STRETCH), len(tokens)]
    turns = [[stretch(end) for stretch in both] for end in ends]
  losses = [[loss for turn in turns for loss in turn[i]["losses"]] for i in range(len(both))]
  counts = [tokens[first:last].sum() for first, last in zip([0, *ends], ends, strict=False)]
  timed = list(zip(counts, turns, strict=True))[1:] or [(counts[0], turns[0])]
  speeds = [[float(count / turn[i]["seconds"]) for count, turn in timed] for i in range(len(both))]
  row = {"work": f"gpt, {tokens.size} steps", "ours": statistics.median(speeds[0]), "peer": None, "ratio": None,
         "unit": "tokens/s", "losses": losses[0], "speeds": speeds[0]}
  if not peer:
    return row
  return {**row, "peer": statistics.median(speeds[1]), "name": "torch", "peer_losses": losses[1],
          "ratio": statistics.median(mine / theirs for mine, theirs in zip(*speeds, strict=True)),
          "peer_speeds": speeds[1], "difference": max(abs(one - two) for one, two in zip(*losses, strict=True))}


@contextlib.contextmanager
def worker(folder: pathlib.Path, *arguments: str) -> Iterator[Callable[[int], dict]]:
  """stretches.py as a function: the step to go on to -> {seconds, losses}. It waits without work meanwhile."""
  with tempfile.TemporaryFile("w+") as said:
    process = subprocess.Popen([sys.executable, HERE / "stretches.py", f"--workdir={folder}", *arguments],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True)
    def answer() -> str:
      line = process.stdout.readline()
      if not line:
        said.seek(0)
        raise InputError(f"stretches.py ended with status {process.wait()}: {said.read().strip()[-300:]}")
      return line
    def stretch(last: int) -> dict:
      process.stdin.write(f"{last}\n")
      process.stdin.flush()
      return json.loads(answer())
    try:
      answer()
      yield stretch
    finally:
      process.kill()
      process.wait()
