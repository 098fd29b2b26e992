"""Trains a GPT to the steps that stdin asks for, and times it: for benchmark.py --language=gpt.

  python -m tools.benchmarks.gpt_worker --config=experiments/configs/gpt.py --workdir=FOLDER \\
      [--peer] [--config.KEY=VALUE …]

Ours leaves its initial model and its batches in FOLDER, from which --peer, which is transformers
and torch, trains the same. Each line of stdin is a step to train to; each is answered by the
seconds and the losses, as JSON.
"""

import contextlib
import json
import pathlib
import sys
import time
from collections.abc import Callable

import jax
import numpy as np
from absl import flags

from glove_jax import loop, optimizers, pretraining, runs, train
from glove_jax.errors import InputError
from glove_jax.interop import huggingface
from glove_jax.pretraining.settings import GptSettings
from tools import program

FLAGS = flags.FLAGS

TrainTo = Callable[[int], dict]  # the step to train to -> {"seconds", "losses"}

# What the peer has too.
COMPARABLE = {"method": "gpt", "optimizer": "adam", "dropout": 0.0, "dtype": "float32"}


def define_flags():
  flags.DEFINE_string("workdir", None, "A folder for what both begin with.", required=True)
  flags.DEFINE_bool("peer", False, "Train by transformers and torch.")


def main():
  program.use_huge_pages()  # the peer's too
  settings = pretraining.parse(FLAGS.config)
  make_trainer = peer_trainer if FLAGS.peer else our_trainer
  with contextlib.redirect_stdout(sys.stderr):
    train_to = make_trainer(settings, pathlib.Path(FLAGS.workdir))
  print("ready", flush=True)
  for line in sys.stdin:
    print(json.dumps(train_to(int(line))), flush=True)


def our_trainer(settings: GptSettings, folder: pathlib.Path) -> TrainTo:
  """Returns a function that trains as pretrain.py does."""
  check_comparable(settings)
  folder.mkdir(parents=True, exist_ok=True)
  corpus = pretraining.open_corpus(settings, folder)
  plan, _ = pretraining.METHODS["gpt"](settings, corpus)
  huggingface.save(folder / "model", jax.device_get(plan.params), corpus.model)
  save_batches(settings, plan, folder / "batches.npz")
  state = train.init_state(plan.params, plan.opt_state)

  def train_to(end: int) -> dict:
    nonlocal state
    records = []
    logger = loop.Logger(records.append, every=1)
    start = time.monotonic()
    state = loop.fit(state, plan.update, plan.batches, num_steps=end, logger=logger)
    seconds = time.monotonic() - start
    return {"seconds": seconds, "losses": [record["loss"] for record in records]}

  return train_to


def check_comparable(settings: GptSettings) -> None:
  """Raises InputError for settings that the peer does not have."""
  for key, value in COMPARABLE.items():
    actual = getattr(settings, key)
    if actual != value:
      raise InputError(f"{key}={actual}, expected {value}: for a comparison with torch.")
  if not settings.steps:
    raise InputError("steps=0, expected more: for a comparison with torch.")


def save_batches(settings: GptSettings, plan: runs.Plan, path: pathlib.Path) -> None:
  """Writes the batches, and the learning rate of every step."""
  schedule = optimizers.schedule(
    settings.schedule,
    settings.learning_rate,
    num_steps=settings.steps,
    warmup_steps=settings.warmup_steps,
  )
  steps = range(settings.steps)
  batches = [plan.batches(step) for step in steps]
  arrays = {}
  for name in batches[0]._fields:
    arrays[name] = np.stack([getattr(batch, name) for batch in batches])
  learning_rates = [float(schedule(step)) for step in steps]
  np.savez(path, learning_rates=learning_rates, **arrays)


def peer_trainer(settings: GptSettings, folder: pathlib.Path) -> TrainTo:
  """Returns a function that trains the same model on the same batches with torch."""
  from tools.peers import torch_gpt  # imported late: only the peer needs torch
  trainer = torch_gpt.make(
    folder / "model", weight_decay=settings.weight_decay, clip_norm=settings.clip_norm
  )
  data = dict(np.load(folder / "batches.npz"))
  first = 0

  def train_to(end: int) -> dict:
    nonlocal first
    steps = range(first, end)
    first = end
    prepared = []  # before the clock starts
    for step in steps:
      arrays = [data[name][step] for name in ("ids", "documents", "targets")]
      prepared.append(trainer.prepare(*arrays))
    start = time.monotonic()
    losses = []
    for step, rows in zip(steps, prepared, strict=True):
      losses.append(trainer.step(rows, data["learning_rates"][step]))
    return {"seconds": time.monotonic() - start, "losses": losses}

  return train_to


if __name__ == "__main__":
  define_flags()
  program.run(main, config=program.CONFIGS / "gpt.py", settings=pretraining.SETTINGS)
